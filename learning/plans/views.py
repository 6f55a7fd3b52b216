"""The form of a requirement, and whom it would mean before it is saved; how the activities of a plan go."""

from django import forms
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods
from wagtail.admin import messages
from wagtail.admin.auth import require_admin_access
from wagtail.permissions import policy_registry
from wagtail.snippets.views.snippets import EditView

from learning.access.authority import Action, authority_of
from learning.access.log import What, note_names
from learning.access.snippets import OwnCreateView
from learning.organisation.models import Person
from learning.register.frame import frame

from .models import ActionPlan, Activity, Rule
from .openness import Reader, refusal
from .preview import Meant, meant, named, rows_of, told
from .services import follow_up

NAMES_ON_A_PAGE = 50


class _ShowsWhoIsMeant:
    """Answers the buttons of MeantPanel: the form as it was sent, with whom it would mean. Nothing is saved."""

    def post(self, request, *args, **kwargs):
        if "meant" not in request.POST:
            return super().post(request, *args, **kwargs)
        self.object = getattr(self, "object", None)
        self.form = self.get_form()
        if not self.is_valid(self.form):
            return self.form_invalid(self.form)
        request.meant = self._told(request, _meant(self.form))
        return self.render_to_response(self.get_context_data())

    def _told(self, request, found: Meant) -> dict:
        """What this reader may be told: names and small numbers only to those who may see people."""
        units = authority_of(request).units(Action.SEE_PEOPLE)
        exactly = units.exists()
        told_now = {
            "on": found.on,
            "total": told(len(found.people), exactly=exactly),
            "employed": found.employed,
            "departments": rows_of(found.departments.items(), exactly=exactly),
            "words": rows_of(found.words.items(), exactly=exactly),
            "compares": bool(self.form.rule),
            "comes_in": told(len(found.comes_in), exactly=exactly),
            "falls_out": told(len(found.falls_out), exactly=exactly),
            "may_see_names": exactly,
        }
        page = request.POST["meant"]
        if exactly and page.isdecimal():
            people = Person.objects.employed_in(units, found.on)
            told_now["names"] = Paginator(named(found, people), NAMES_ON_A_PAGE).get_page(page)
            shown = [person for person, *_why in told_now["names"]]
            note_names(request, what=What.MEANT, people=shown, asked=self.form.cleaned_data["title"])
        return told_now


def _meant(form) -> Meant:
    """Whom the rule of the form means on the day from which it holds, or today."""
    terms = dict(form.terms)
    units, on = terms.pop("units"), max(form.from_day, localdate())
    rule = Rule(requirement=form.instance, starts_on=on, **terms)
    in_force = form.rule and form.rule.requirement.rule_on(on)
    return meant(form.municipality, rule.terms(units), on, in_force and in_force.terms())


class RequirementCreateView(_ShowsWhoIsMeant, OwnCreateView):
    pass


class RequirementEditView(_ShowsWhoIsMeant, EditView):
    pass


def plans_of(user):
    """The published plans that the user may change."""
    return (
        policy_registry.get_by_type(ActionPlan)
        .instances_user_has_any_permission_for(user, ["change"])
        .filter(live=True)
    )


class FollowUpForm(forms.Form):
    """How one activity of the plan goes."""

    activity = forms.ModelChoiceField(label=gettext_lazy("Activity"), queryset=Activity.objects.none())
    status = forms.ChoiceField(
        label=gettext_lazy("How it goes"), choices=Activity.Status.choices, widget=forms.RadioSelect
    )
    text = forms.CharField(
        label=gettext_lazy("Note"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy(
            "Stays as it is written, and goes into the yearly report to the board. "
            "Residents see how it goes, not the note."
        ),
    )

    def __init__(self, *args, plan: ActionPlan, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["activity"].queryset = Activity.objects.filter(area__plan=plan).order_by(
            "area__sort_order", "sort_order"
        )
        self.fields["activity"].label_from_instance = lambda activity: Truncator(activity).words(12)
        self.municipality = plan.municipality

    def clean_text(self):
        text = self.cleaned_data["text"]
        if found := Reader(self.municipality, [text]).found(text):
            raise forms.ValidationError(refusal(self.fields["text"].label, found))
        return text


@require_admin_access
@require_http_methods(["GET", "HEAD", "POST"])
def note_follow_up(request, pk):
    """The activities of the plan with all that has been noted of them, and a form for one note more."""
    plan = get_object_or_404(plans_of(request.user), pk=pk)
    form = FollowUpForm(request.POST or None, plan=plan, initial={"activity": request.GET.get("aktivitet")})
    if form.is_valid():
        follow_up(**form.cleaned_data, by=request.user, now=timezone.now())
        messages.success(request, _("It was noted. The plan's page shows it from now on."))
        return redirect(request.path)
    activities = Activity.objects.filter(area__plan=plan).prefetch_related("follow_ups__written_by")
    activities = activities.select_related("area").order_by("area__sort_order", "sort_order")
    writers = {note.written_by for activity in activities for note in activity.follow_ups.all()}
    note_names(request, what=What.FUNCTIONS, people=writers, asked=plan.title)
    above = [(reverse(ActionPlan.snippet_viewset.get_url_name("edit"), args=[pk]), plan.title)]
    context = {**frame(_("How the activities go"), above, icon="tasks"), "form": form, "activities": activities}
    return render(request, "plans/follow_up.html", context)
