"""Pages of Wagtail's admin where questions come in from files of other systems, and go out as such files."""

import io
from collections import Counter
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import FileResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe
from wagtail.admin import messages
from wagtail.admin.auth import require_admin_access
from wagtail.permissions import policy_registry
from wagtail.snippets.bulk_actions.snippet_bulk_action import SnippetBulkAction

from learning.errors import LearningError
from learning.register.frame import frame
from quizzes.grading import Kind
from quizzes.models import KnowledgeCheck, Question, QuestionFile
from quizzes.views import questions_of

from . import services
from .items import MOST_BYTES, Item

SHOWN = 100  # questions of a file that are listed
NAME = "fragor"


class FileForm(forms.Form):
    """A file of questions."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("GIFT (.txt), Moodle XML (.xml) or QTI 3 (.zip). At most 20 MB."),
        widget=forms.FileInput(attrs={"accept": ".txt,.gift,.xml,.zip"}),
    )


class OutForm(forms.Form):
    """Which questions are taken out, and as what."""

    format = forms.ChoiceField(
        label=gettext_lazy("Format"), choices=[(name, module.NAME) for name, module in services.FORMATS.items()]
    )
    topic = forms.ChoiceField(label=gettext_lazy("Topic"), required=False)
    kind = forms.ChoiceField(label=capfirst(gettext_lazy("kind")), required=False)
    check = forms.ModelChoiceField(None, label=gettext_lazy("Knowledge check"), required=False)
    id = forms.ModelMultipleChoiceField(None, required=False, widget=forms.MultipleHiddenInput)

    def __init__(self, *args, questions, checks, **kwargs):
        super().__init__(*args, **kwargs)
        self.questions = questions
        every = [("", _("All"))]
        topics = questions.exclude(topic="").order_by("topic").values_list("topic", flat=True).distinct()
        self.fields["topic"].choices = [*every, *((topic, topic) for topic in topics)]
        self.fields["kind"].choices = [*every, *Kind.choices]
        self.fields["check"].queryset, self.fields["check"].empty_label = checks, _("All")
        self.fields["id"].queryset = questions

    def chosen(self):
        """The questions that were asked for."""
        asked, found = self.cleaned_data, self.questions
        for name in ("topic", "kind"):
            found = found.filter(**{name: asked[name]}) if asked[name] else found
        if asked["check"]:
            found = found.filter(pk__in=asked["check"].pool.values("question"))
        if asked["id"]:
            found = found.filter(pk__in=asked["id"])
        return found.select_related("image")


def _out_form(request, data=None) -> OutForm:
    checks = policy_registry.get_by_type(KnowledgeCheck)
    mine = checks.instances_user_has_any_permission_for(request.user, ["change", "view"])
    questions = questions_of(request.user)
    if data is None and "id" in request.GET:
        return OutForm(initial={"id": request.GET.getlist("id")}, questions=questions, checks=mine)
    return OutForm(data, questions=questions, checks=mine)


def _may_bring(user) -> bool:
    policy = policy_registry.get_by_type(Question)
    return user.municipality is not None and policy.user_has_permission(user, "add")


@require_admin_access
@require_http_methods(["GET", "HEAD", "POST"])
def index(request):
    """The way in for a file, and the ways out."""
    may_bring, out = _may_bring(request.user), _out_form(request)
    form = FileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and not may_bring:
        raise PermissionDenied
    if request.method == "POST" and form.is_valid():
        try:
            kept = _received(request, form.cleaned_data["file"])
        except LearningError as error:
            form.add_error("file", str(error))
        else:
            return redirect("question_files:confirm", kept.pk)
    context = {"form": form, "out": out, "may_bring": may_bring, "chosen": len(request.GET.getlist("id"))}
    return render(request, "quizzes/admin/question_files.html", {**context, **_crumbs()})


def _received(request, file) -> QuestionFile:
    return services.receive(
        municipality=request.user.municipality,
        name=file.name,
        content=file.read(MOST_BYTES + 1),
        now=timezone.now(),
    )


@require_admin_access
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request, pk: int):
    """What a file would bring, until somebody says that it shall."""
    if not _may_bring(request.user):
        raise PermissionDenied
    file = QuestionFile.objects.filter(municipality=request.user.municipality, pk=pk).first()
    if file is None:
        messages.warning(request, _("The file has been brought in already, or is no longer kept. Bring it again."))
        return redirect("question_files:index")
    if request.method == "POST":
        return _brought(request, file)
    found = services.read(bytes(file.content))
    here = services.here_already(file.municipality, found.items)
    kinds = Counter(Kind(item.kind).label for item in found.items if item.key not in here)
    context = {
        "file": file,
        "rows": [_row(item, here) for item in found.items[:SHOWN]],
        "more": max(0, len(found.items) - SHOWN),
        "new": kinds.total(),
        "here": len(here),
        "kinds": [f"{label}: {number}" for label, number in kinds.most_common()],
        "left_out": found.left_out,
    }
    return render(request, "quizzes/admin/question_file.html", {**context, **_crumbs(file.name)})


def _row(item: Item, here: set[str]) -> dict:
    return {"item": item, "kind": Kind(item.kind).label, "is_here": item.key in here}


def _brought(request, file: QuestionFile):
    try:
        made, had = services.bring(file=file, by=request.user)
    except LearningError as error:
        messages.error(request, str(error))
        return redirect("question_files:index")
    words = ngettext("%(number)d question is here as a draft.", "%(number)d questions are here as drafts.", made)
    words %= {"number": made}
    if had:
        left = ngettext(
            "%(number)d was here already and is left as it was.",
            "%(number)d were here already and are left as they were.",
            had,
        )
        words += " " + left % {"number": had}
    messages.success(request, words)
    return redirect(f"{reverse(Question.snippet_viewset.get_url_name('list'))}?status=draft")


@require_admin_access
@require_safe
def take_out(request):
    """What of the chosen questions can be carried in the format, and the file itself."""
    form = _out_form(request, request.GET)
    if not form.is_valid():
        return redirect("question_files:index")
    module = services.FORMATS[form.cleaned_data["format"]]
    questions = list(form.chosen())
    made = services.export(questions, module)
    if "fil" in request.GET:
        return FileResponse(io.BytesIO(made.content), as_attachment=True, filename=f"{NAME}.{module.ENDING}")
    asked = {name: request.GET.getlist(name) for name in form.fields if any(request.GET.getlist(name))}
    context = {
        "number": len(questions),
        "format": module.NAME,
        "left_out": made.left_out,
        "size": len(made.content),
        "address": urlencode({**asked, "fil": "1"}, doseq=True),
    }
    return render(request, "quizzes/admin/questions_out.html", {**context, **_crumbs(_("Take out"))})


def _crumbs(title: str = "") -> dict:
    here = reverse("question_files:index"), _("Bring in and take out")
    return frame(title, [here], icon="upload") if title else frame(here[1], icon="upload")


class TakeOut(SnippetBulkAction):
    """Leads from questions that are ticked in the list to the ways out."""

    display_name = gettext_lazy("Take out as a file")
    aria_label = gettext_lazy("Take the chosen questions out as a file")
    action_type = "take_out"
    action_priority = 50
    models = [Question]

    def get(self, request):
        objects, _others = self.get_actionable_objects()
        return redirect(
            f"{reverse('question_files:index')}?{urlencode({'id': [one.pk for one in objects]}, doseq=True)}"
        )

    post = get

    def check_perm(self, obj):
        return self.permission_policy.user_has_any_permission_for_instance(self.request.user, ["change", "view"], obj)
