"""The page of Wagtail's admin on which a wording whose key was wrong is graded anew; of people it tells numbers."""

import hashlib

from django import forms
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods
from wagtail.admin import messages
from wagtail.admin.auth import require_admin_access
from wagtail.permissions import policy_registry

from learning.errors import LearningError
from learning.register.frame import frame

from .grading import PaperQuestion
from .models import Question, Regrade
from .regrading import regrade, wording_of
from .views import questions_of

OPTIONS, ALL = "options", "all"


class RegradeForm(forms.Form):
    """What counts as right, and why."""

    way = forms.ChoiceField(
        label=gettext_lazy("What counts as right?"),
        choices=[
            (OPTIONS, gettext_lazy("The options that are marked below")),
            (ALL, gettext_lazy("Any answer: the question counts as right for all")),
        ],
        widget=forms.RadioSelect,
    )
    accepted = forms.MultipleChoiceField(
        label=gettext_lazy("Options that count as right"),
        help_text=gettext_lazy("Whoever chose only among them is right. Whoever was right before stays so."),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    reason = forms.CharField(
        label=gettext_lazy("Why"),
        help_text=gettext_lazy("Everybody who was asked the question reads this on the page of their result."),
        max_length=Regrade._meta.get_field("reason").max_length,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args, wording: PaperQuestion, **kwargs):
        super().__init__(*args, **kwargs)
        if wording.places_things:  # a thing has one place: there is no second key to choose
            del self.fields["accepted"]
            self.fields["way"].choices = self.fields["way"].choices[1:]
            self.fields["way"].initial = ALL
        else:
            self.fields["accepted"].choices = [(str(one.id), one.text) for one in wording.options]
            self.fields["accepted"].initial = [str(pk) for pk in wording.true_key]

    def clean(self):
        given = super().clean()
        if given.get("way") == OPTIONS and not given.get("accepted") and "accepted" not in self.errors:
            self.add_error("accepted", _("Mark the options that count as right."))
        return given

    def told(self) -> dict:
        """What the act is told."""
        accepted = self.cleaned_data["accepted"] if self.cleaned_data["way"] == OPTIONS else []
        return {"accepted": {int(pk) for pk in accepted}, "reason": self.cleaned_data["reason"]}


@require_admin_access
@require_http_methods(["GET", "HEAD", "POST"])
def grade_anew(request, pk, edition):
    """Ask what counts as right and why; tell what that changes; do it when just that has been confirmed."""
    question = get_object_or_404(questions_of(request.user), pk=pk)
    policy = policy_registry.get_by_type(Question)
    if not policy.user_has_permission_for_instance(request.user, "publish", question):
        raise PermissionDenied
    wording = wording_of(question, edition)
    if wording is None:
        raise Http404
    wording = wording.regraded_by(Regrade.objects.keys([pk]))
    form = RegradeForm(request.POST or None, wording=wording)
    page = reverse("question_statistics:question", args=[pk])
    effect = []
    if request.method == "POST" and form.is_valid():
        try:
            effect, is_done = _attempt(question, wording, form.told(), by=request.user, seen=request.POST.get("seen"))
        except LearningError as error:
            form.add_error(None, str(error))
        else:
            if is_done:
                messages.success(request, " ".join([_("The question has been graded anew."), *effect]))
                return redirect(page)
    index = (reverse("question_statistics:index"), _("How the questions do"))
    context = {
        **frame(_("Grade a question anew"), [index, (page, _("How the question does"))], icon="tasks"),
        "wording": wording,
        "rights": wording.in_words(wording.key),
        "form": form,
        "effect": effect,
        "seen": _digest(effect, form.told()) if effect else "",
        "page": page,
    }
    return render(request, "quizzes/admin/regrade.html", context, status=400 if form.errors else 200)


def _attempt(question: Question, wording: PaperQuestion, told: dict, *, by, seen: str) -> tuple[list[str], bool]:
    """Let it happen if it changes just what was `seen`; else take it back, and only tell what it would change."""
    with transaction.atomic():
        made = regrade(question=question, wording=wording, **told, by=by, now=timezone.now())
        effect = _in_words(Regrade.objects.counted().get(pk=made.pk))
        is_done = seen == _digest(effect, told)
        if not is_done:
            transaction.set_rollback(True)
    return effect, is_done


def _in_words(made: Regrade) -> list[str]:
    changed, passing = made.changed, made.passing
    return [
        ngettext(
            "%(number)d attempt gets one more right answer.", "%(number)d attempts get one more right answer.", changed
        )
        % {"number": changed},
        ngettext("%(number)d of them is now passed.", "%(number)d of them are now passed.", passing)
        % {"number": passing},
    ]


def _digest(effect: list[str], told: dict) -> str:
    """Tells one effect, and what it comes of, from another."""
    return hashlib.sha256(repr([effect, sorted(told["accepted"]), told["reason"]]).encode()).hexdigest()
