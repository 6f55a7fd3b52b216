"""How a plan is edited, in which what something rests on stays; how a duty and a requirement say whom they ask."""

from datetime import date

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import transaction
from django.db.models import Q
from django.forms.formsets import DELETION_FIELD_NAME, ORDERING_FIELD_NAME
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.text import Truncator, capfirst
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from modelcluster.forms import BaseChildFormSet
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.widgets import AdminDateInput

from courses.models import CoursePage
from learning.access.authority import WHOLE_MUNICIPALITY
from learning.access.references import OwnReferencesForm
from learning.dated import possible_day
from learning.errors import LearningError
from learning.organisation.models import Appointment, OrgUnit, Population
from learning.register.forms import unit_label

from .compared import ComparedPanel
from .warnings import listed


class RowsFormSet(BaseChildFormSet):
    """Says in the words of the model that a row stands there twice."""

    def get_unique_error_message(self, unique_check):
        return getattr(self.model, "TWICE", None) or super().get_unique_error_message(unique_check)


class KeptFormSet(RowsFormSet):
    """Refuses to remove what something rests on, and shows it again beside all else that was written."""

    def clean(self):
        super().clean()
        kept = {form: form.instance.kept_because for form in self.deleted_forms if form.instance.pk}
        kept = {form: why for form, why in kept.items() if why}
        for form in kept:
            form.data = form.data.copy()
            form.data[form.add_prefix(DELETION_FIELD_NAME)] = ""
        if kept:
            names = ", ".join(f"{form.instance} ({why})" for form, why in kept.items())
            raise ValidationError(_("This cannot be removed: %(names)s. Nothing was changed.") % {"names": names})


class RowsPanel(ComparedPanel):
    """An inline panel of rows that each stand there once."""

    def get_form_options(self):
        options = super().get_form_options()
        options["formsets"][self.relation_name]["formset"] = RowsFormSet
        return options


class FormPanel(RowsPanel):
    """One whose rows have a form of their own, which knows whose they are."""

    def __init__(self, *args, form=WagtailAdminModelForm, **kwargs):
        super().__init__(*args, **kwargs)
        self.form = form

    def clone_kwargs(self):
        return {**super().clone_kwargs(), "form": self.form}

    def get_form_options(self):
        options = super().get_form_options()
        options["formsets"][self.relation_name].update({"form": self.form, "inherit_kwargs": ["for_user"]})
        return options


class KeptPanel(FormPanel):
    """One that keeps what something rests on."""

    def get_form_options(self):
        options = super().get_form_options()
        options["formsets"][self.relation_name]["formset"] = KeptFormSet
        return options


class GoalForm(WagtailAdminModelForm):
    """A goal; it carries on one of the municipality's own."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        earlier = self.fields["predecessor"].queryset.exclude(pk=self.instance.pk).exclude(due_on=None)
        if self.for_user and self.for_user.municipality:
            earlier = earlier.filter(area__plan__municipality=self.for_user.municipality)
        self.fields["predecessor"].queryset = earlier.order_by("due_on", "pk")
        self.fields["predecessor"].label_from_instance = lambda goal: f"{goal.due_on}: {Truncator(goal).words(12)}"


class ActivityForm(WagtailAdminModelForm):
    """An activity, in one of the municipality's own units."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        units = self.fields["unit"].queryset
        if self.for_user and self.for_user.municipality:
            units = self.for_user.municipality.units
        open_ones = units.filter(Q(ends_on=None) | Q(pk=self.instance.unit_id))
        self.fields["unit"].queryset = open_ones
        self.fields["unit"].label_from_instance = lambda unit: unit_label(unit.name, unit.depth, unit.ends_on)


class DutyForm(OwnReferencesForm):
    """The form of a duty: the functions that are held unit by unit, to tick, and a kind of unit that there is."""

    functions = forms.MultipleChoiceField(
        label=gettext_lazy("functions"),
        choices=[(f.value, f.label) for f in Appointment.Function if f not in WHOLE_MUNICIPALITY],
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Whoever holds one of them in the unit itself fills the duty."),
    )

    def clean_kind(self):
        """A kind that no unit is of would ask nobody, and never be missed."""
        kind, municipality = self.cleaned_data["kind"], self.for_user and self.for_user.municipality
        if not kind or municipality is None:
            return kind
        kinds = dict.fromkeys(municipality.units.filter(ends_on=None).order_by("kind").values_list("kind", flat=True))
        found = next((one for one in kinds if one.casefold() == kind.strip().casefold()), None)
        if found is None:
            raise ValidationError(
                _("There is no unit of that kind. Those that there are: %(kinds)s.") % {"kinds": ", ".join(kinds)}
            )
        return found


class _UnitsField(forms.ModelMultipleChoiceField):
    """Units in the order of the tree, each set in by its level, to tick."""

    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, unit):
        return unit_label(unit.name, unit.depth, unit.ends_on)


def _day(**about) -> forms.DateField:
    return forms.DateField(widget=AdminDateInput, validators=[possible_day], **about)


class PlanForm(OwnReferencesForm):
    """A plan whose rows agree with each other and with what is evidence by now."""

    def is_valid(self):
        return super().is_valid() and self._agrees

    @cached_property
    def _agrees(self) -> bool:
        """Whether the rows do; what does not is told at its field."""
        self._check_extensions()
        self._check_carried_on()
        self._check_evidence()
        return super().is_valid()

    def _check_extensions(self) -> None:
        rows = _ordered(self.formsets["decisions"])
        for number, row in enumerate(rows):
            before = self.instance.validity_after(earlier.instance for earlier in rows[:number])
            decision = row.instance
            if decision.is_extension and before.last and decision.valid_to < before.last:
                words = _("The plan applies through %(day)s already. What ends it sooner is a decision that ends it.")
                row.add_error("valid_to", words % {"day": date_format(before.last, "j F Y")})

    def _check_carried_on(self) -> None:
        rows = self._below_areas("goals")
        written = {row.instance.pk: row.instance for row in rows if row.instance.pk}
        for row in rows:
            goal = row.instance
            earlier = written.get(goal.predecessor_id, goal.predecessor)
            if earlier and not goal.comes_after(earlier):
                row.add_error("predecessor", _("A goal carries on one whose day comes before its own."))

    def _check_evidence(self) -> None:
        """An older version that is to replace the draft has no rows for what came after it."""
        goals = [row.instance for row in self._below_areas("goals")]
        activities = [row.instance for row in self._below_areas("activities")]
        if lost := self.instance.lost_in(goals, activities):
            words = _(
                "This version would drop what has been fixed or followed up since it was written: %(names)s. Nothing "
                "was changed. Open the draft or the published version in the history, and write in that."
            )
            self.add_error(None, words % {"names": listed(lost)})

    def _below_areas(self, name: str) -> list:
        return [row for area in _ordered(self.formsets["areas"]) for row in _ordered(area.formsets[name])]


def _ordered(formset) -> list:
    """The forms of the rows that stay, in their order."""
    rows = [row for row in formset.forms if row not in formset.deleted_forms]
    return sorted(rows, key=lambda row: row.cleaned_data.get(ORDERING_FIELD_NAME) or 0)


class RequirementForm(OwnReferencesForm):
    """A requirement with the rule that is newest. Where the rule is changed, another holds from a day on."""

    population = forms.ChoiceField(label=gettext_lazy("population"), choices=Population.choices)
    role_words = forms.CharField(
        label=gettext_lazy("words in the role"),
        required=False,
        widget=forms.TextInput,
        help_text=gettext_lazy(
            "With commas between. “teacher” means every role that contains it. No words and no functions: everyone."
        ),
    )
    first_line = forms.BooleanField(label=gettext_lazy("the first line too"), required=False)
    functions = forms.MultipleChoiceField(
        label=gettext_lazy("or who hold one of these functions"),
        choices=Appointment.Function.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    hired_from = _day(
        label=gettext_lazy("only those who began on this day or later"),
        required=False,
        help_text=gettext_lazy("Empty means everyone. A move within the municipality makes nobody new."),
    )
    units = _UnitsField(
        label=gettext_lazy("units"),
        queryset=OrgUnit.objects.none(),
        required=False,
        help_text=gettext_lazy("With all below them. None means the whole municipality."),
    )
    due_on = _day(label=gettext_lazy("last day"), required=False)
    grace_days = forms.IntegerField(
        label=gettext_lazy("days to do it in"),
        initial=90,
        min_value=0,
        max_value=3650,
        help_text=gettext_lazy(
            "From the first day, from coming to be meant, or from coming back from leave. Who is newly employed is not "
            "counted until they have passed. Where there is a last day too, the later of the two holds."
        ),
    )
    validity_months = forms.IntegerField(
        label=gettext_lazy("counts for months"),
        required=False,
        min_value=1,
        max_value=600,
        help_text=gettext_lazy("Empty means as long as the course says; never longer than that."),
    )
    accepts_outside = forms.BooleanField(
        label=gettext_lazy("what was learned elsewhere counts"),
        required=False,
        initial=True,
        help_text=gettext_lazy("That is what the person or somebody else attests."),
    )
    refresher_course = forms.ModelChoiceField(
        label=gettext_lazy("refresher"),
        queryset=CoursePage.objects.none(),
        required=False,
        help_text=gettext_lazy("Lets what was once completed count anew from the day on which it is taken."),
    )
    refresher_after_months = forms.IntegerField(
        label=gettext_lazy("refresher after months"), required=False, validators=[MinValueValidator(1)]
    )
    from_on = _day(
        label=gettext_lazy("a change of who is meant, by when or what counts holds from"),
        required=False,
        help_text=gettext_lazy("Earlier days keep the rule that they had. Empty means today."),
    )
    reason = forms.CharField(
        label=gettext_lazy("why it is changed"),
        required=False,
        max_length=300,
        help_text=gettext_lazy("Must be said where the change holds from a day that has passed: it corrects figures."),
    )

    # What makes up the rule, by the names of its fields.
    RULE = ("population", "hired_from", "due_on", "grace_days", "validity_months", "accepts_outside")
    RULE += ("refresher_course", "refresher_after_months")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.label = capfirst(field.label)
        self.municipality = self.instance.municipality if self.instance.municipality_id else None
        self.rule = self.instance.rules.last() if self.instance.pk else None
        if self.municipality:
            self.fields["units"].queryset = self.municipality.units.filter(ends_on=None)
            courses = CoursePage.objects.descendant_of(self.municipality.site.root_page)
            self.fields["refresher_course"].queryset = courses.live().order_by("title")
            self.fields["first_line"].help_text = ", ".join(self.municipality.first_line)
        if self.rule:
            kept = self.rule.units.values("pk")
            self.fields["units"].queryset |= self.municipality.units.filter(pk__in=kept)
            self.initial |= {name: getattr(self.rule, name) for name in (*self.RULE, "functions")}
            self.initial |= {
                "role_words": ", ".join(self.rule.role_words),
                "first_line": bool(self.rule.first_line_words),
                "units": list(self.rule.units.all()),
            }
        else:
            del self.fields["from_on"], self.fields["reason"]

    def clean_course(self):
        """Figures of the past rest on the course."""
        course, before = self.cleaned_data["course"], self.rule and self.rule.requirement
        if before and before.course_key != course.key and self.rule_began:
            raise ValidationError(
                _("The requirement has begun, and its figures rest on “%(course)s”. Make another requirement instead.")
                % {"course": before.course}
            )
        return course

    @property
    def rule_began(self) -> bool:
        first = self.rule and self.rule.requirement.rules.first()
        return bool(first) and first.starts_on <= localdate()

    def clean_obligation(self):
        """A goal cannot be measured by who has accepted an offer."""
        asked = self.cleaned_data["obligation"]
        if self.instance.pk and asked == "offer" and self.instance.goals.exists():
            raise ValidationError(_("A goal is measured by this, and nobody lacks what is offered."))
        return asked

    def clean_role_words(self):
        return [word for word in map(str.strip, self.cleaned_data["role_words"].split(",")) if word]

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("refresher_course") and cleaned["refresher_course"] == cleaned.get("course"):
            self.add_error("refresher_course", _("The refresher is another course than the one that it refreshes."))
        if self.rule and self.changes_rule and not self.errors:
            self._check_day(cleaned)
        return cleaned

    def _check_day(self, cleaned: dict) -> None:
        from .services import expect_not_fixed

        if self.from_day < localdate() and not cleaned["reason"]:
            self.add_error("reason", _("The day has passed, so figures are corrected. Write why."))
        try:
            expect_not_fixed(self.instance, self.from_day)
        except LearningError as error:
            self.add_error("from_on", str(error))

    @property
    def from_day(self) -> date:
        """The day from which the rule of the form holds."""
        if not self.rule:
            return self.cleaned_data["starts_on"]
        return max(self.cleaned_data.get("from_on") or localdate(), self.cleaned_data["starts_on"])

    @property
    def changes_rule(self) -> bool:
        """Whether the rule would be another than the newest one."""
        if not self.rule:
            return True
        now = {name: getattr(self.rule, name) for name in self.terms if name != "units"}
        return self.terms != now | {"units": list(self.rule.units.all())}

    @property
    def terms(self) -> dict:
        """What the rule is to say, as `require` is told."""
        given = self.cleaned_data
        kept = self.rule.first_line_words if self.rule else []
        return {
            **{name: given.get(name) for name in self.RULE},
            "role_words": given.get("role_words", []),
            "first_line_words": (kept or self.municipality.first_line) if given.get("first_line") else [],
            "functions": given.get("functions", []),
            "units": list(given.get("units", [])),
        }

    @transaction.atomic
    def save(self, commit=True):
        from .services import require

        if commit:
            changed = self.changes_rule
            about = {"on": self.from_day, "reason": self.cleaned_data.get("reason", "")} if changed else {}
            require(requirement=self.instance, terms=self.terms if changed else None, **about)
        return self.instance
