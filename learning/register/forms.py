"""What is asked of whoever keeps the register."""

from datetime import date
from uuid import UUID

from django import forms
from django.db.models import Q, Value
from django.db.models.functions import Concat
from django.forms.utils import flatatt
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from learning.access.disposal import MONTHS
from learning.access.models import AccessEntry
from learning.dated import possible_day
from learning.organisation.hr.sensitive import is_personnummer
from learning.organisation.models import (
    Appointment,
    Employment,
    Leave,
    Municipality,
    OrgUnit,
    Person,
    Population,
    ids_like,
)

# So many people can be chosen among without a list of its own.
MOST_CANDIDATES = 8


class DayField(forms.DateField):
    """A day, in a year that is no slip of the pen."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    default_validators = [possible_day]


class PlainSelect(forms.Select):
    """Writes its options straight: a template for each takes longer than the page, where there are a thousand."""

    def render(self, name, value, attrs=None, renderer=None):
        plain, chosen = '<option value="{}">{}</option>', '<option value="{}" selected>{}</option>'
        options = [
            (format_html(chosen if str(pk) == str(value or "") else plain, pk, label),) for pk, label in self.choices
        ]
        attributes = flatatt(self.build_attrs(self.attrs, {**(attrs or {}), "name": name}))
        return format_html("<select{}>{}</select>", attributes, format_html_join("", "{}", options))


def unit_label(name: str, depth: int, ends_on: date | None) -> str:
    """The unit's name, set in by its level, with its last day where it has one."""
    return "\u2003" * (depth - 1) + name + (f" (– {ends_on})" if ends_on else "")


class UnitField(forms.ModelChoiceField):
    """Units in the order of the tree, each set in by its level."""

    widget = PlainSelect

    def label_from_instance(self, unit):
        return unit_label(unit.name, unit.depth, unit.ends_on)


class PeriodForm(forms.Form):
    """From one day through another."""

    starts_on = DayField(label=_("From"), initial=timezone.localdate)
    ends_on = DayField(
        label=_("Through"), required=False, help_text=_("The last day. Empty means until further notice.")
    )

    def clean(self):
        cleaned = super().clean()
        starts_on, ends_on = cleaned.get("starts_on"), cleaned.get("ends_on")
        if starts_on and ends_on and ends_on < starts_on:
            self.add_error("ends_on", _("The last day is before the first."))
        return cleaned


class _InUnit(forms.Form):
    """Where somebody works, and as what."""

    unit = UnitField(label=_("Unit"), queryset=OrgUnit.objects.none())
    role = forms.CharField(label=_("Role"), required=False, max_length=100)

    def __init__(self, *args, municipality: Municipality, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = municipality.units


class EmploymentForm(PeriodForm, _InUnit):
    """A new employment, assignment or partnership."""

    population = forms.ChoiceField(label=_("Group"), choices=Population.choices)
    is_main = forms.BooleanField(
        label=_("Main employment"),
        help_text=_("Another main employment of the same group is not the main one in those days."),
        initial=True,
        required=False,
    )
    external_no = forms.CharField(
        label=_("Employment number"),
        help_text=_("As in HR, where somebody has more than one employment. May be empty."),
        max_length=50,
        required=False,
    )
    field_order = ("population", "unit", "role", "starts_on", "ends_on", "is_main", "external_no")

    @property
    def employment(self) -> dict:
        """What `employ` is told."""
        return {name: self.cleaned_data[name] for name in EmploymentForm.field_order}

    def clean_external_no(self):
        return no_personnummer(self.cleaned_data["external_no"])


class TruthForm(PeriodForm, _InUnit):
    """An employment as it truly was."""

    is_main = forms.BooleanField(label=_("Main employment"), required=False)
    field_order = ("unit", "role", "starts_on", "ends_on", "is_main")

    def __init__(self, *args, employment: Employment, **kwargs):
        truth = {name: getattr(employment, name) for name in self.field_order}
        super().__init__(*args, initial=truth, **kwargs)


class MoveForm(_InUnit):
    """Another unit or another role, from a day on."""

    on = DayField(label=_("From"), initial=timezone.localdate)

    def __init__(self, *args, employment: Employment, **kwargs):
        super().__init__(*args, initial={"role": employment.role, "unit": employment.unit}, **kwargs)
        self.employment = employment
        self.fields["unit"].queryset = self.fields["unit"].queryset.filter(ends_on=None)

    def clean(self):
        cleaned = super().clean()
        if (cleaned.get("unit"), cleaned.get("role")) == (self.employment.unit, self.employment.role):
            self.add_error("unit", _("Choose another unit, or write another role."))
        return cleaned


class LastDayForm(forms.Form):
    """When something ends."""

    last_day = DayField(
        label=_("Last day"),
        required=False,
        initial=timezone.localdate,
        help_text=_("Empty means until further notice."),
    )


class LeaveForm(PeriodForm):
    """A time away, and why."""

    reason = forms.ChoiceField(label=_("Reason"), choices=Leave.Reason.choices)
    field_order = ("reason",)


class IdentityForm(forms.Form):
    """Who somebody is."""

    first_name = forms.CharField(label=_("First name"), max_length=150, required=False)
    last_name = forms.CharField(label=_("Last name"), max_length=150, required=False)
    email = forms.EmailField(
        label=_("E-mail"), required=False, help_text=_("May be empty: not everybody has an address at work.")
    )
    external_id = forms.CharField(
        label=_("HR id"),
        help_text=_("By this, HR files know who it is. May be empty; never a personnummer."),
        max_length=50,
        required=False,
    )
    is_protected = forms.BooleanField(
        label=_("Protected identity"), help_text=_("The name is neither kept nor shown."), required=False
    )

    @property
    def identity(self) -> dict:
        """What the verbs are told."""
        told = {name: self.cleaned_data[name] for name in IdentityForm.base_fields}
        return told | {"email": told["email"] or None, "external_id": told["external_id"] or None}

    def clean_external_id(self):
        return no_personnummer(self.cleaned_data["external_id"])

    def clean(self):
        cleaned = super().clean()
        if not cleaned.get("is_protected"):
            for name in ("first_name", "last_name"):
                if name not in self.errors and not cleaned.get(name):
                    self.add_error(name, self.fields[name].error_messages["required"])
        return cleaned


class KnownPersonForm(IdentityForm):
    """Who somebody on the register is from now on."""

    def __init__(self, *args, person: Person, **kwargs):
        known = {name: getattr(person, name) for name in IdentityForm.base_fields}
        self.person = person
        if person.is_protected:
            known["email"] = ""
        super().__init__(*args, initial=known, **kwargs)
        if person.external_id:
            self.fields["external_id"].disabled = True
        if person.is_protected:
            self.fields["email"].help_text = _("The address is not shown. Empty: it stays as it is.")

    def clean_email(self):
        return self.cleaned_data["email"] or (self.person.email if self.person.is_protected else "")


class NewPersonForm(EmploymentForm, IdentityForm):
    """Somebody whom no HR file brings, and where they begin."""

    field_order = (*IdentityForm.base_fields, *EmploymentForm.field_order)


def no_personnummer(text: str) -> str:
    """The text, unless it looks like what is never stored."""
    if is_personnummer(text):
        raise forms.ValidationError(_("This looks like a personnummer, which is never stored."))
    return text


class AppointmentForm(PeriodForm):
    """Who gets which function, where, and for how long."""

    person = forms.CharField(label=_("Person"), help_text=_("HR id, e-mail address or name."), max_length=254)
    function = forms.ChoiceField(label=_("Function"), choices=Appointment.Function.choices)
    unit = UnitField(
        label=_("Unit"), queryset=OrgUnit.objects.none(), help_text=_("The function holds there and in all below.")
    )
    field_order = ("person", "function", "unit", "starts_on", "ends_on")

    def __init__(self, *args, municipality: Municipality, **kwargs):
        super().__init__(*args, **kwargs)
        self.municipality = municipality
        self.fields["unit"].queryset = municipality.units.filter(ends_on=None)
        self.fields["ends_on"].help_text = _(
            "The last day, for a substitute for example. Empty means until further notice."
        )
        self.candidates: list[Person] = []

    @property
    def chosen(self) -> Person | None:
        """The person whom the form is about, once that is known."""
        value = self["person"].value()
        return self._by_uuid(value) if value else None

    @property
    def settled(self) -> str:
        """The field that need not be written in: who it is about is known, or one of a few."""
        return "person" if self.candidates or self.chosen else ""

    def clean_person(self) -> Person:
        words = self.cleaned_data["person"].replace("\x00", "").strip()
        if person := self._by_uuid(words):
            return person
        people = Person.objects.filter(municipality=self.municipality)
        found = list(people.filter(Q(external_id__in=ids_like(words)) | Q(email=words.lower()))[:2])
        if not found:
            named = people.annotate(whole=Concat("first_name", Value(" "), "last_name"))
            found = list(named.filter(whole__iexact=words, is_protected=False)[: MOST_CANDIDATES + 1])
        if not found and words:
            found = list(people.called(words)[: MOST_CANDIDATES + 1])
        if not found:
            raise forms.ValidationError(_("Nobody on the register is found by that."))
        if len(found) > MOST_CANDIDATES:
            raise forms.ValidationError(_("Many people are found by that. Write more of the name, or the HR id."))
        if len(found) > 1:
            self.candidates = found
            raise forms.ValidationError(_("Several people are found by that. Choose one of them."))
        return found[0]

    def _by_uuid(self, words: str) -> Person | None:
        try:
            return Person.objects.filter(municipality=self.municipality, uuid=UUID(str(words))).first()
        except ValueError:
            return None


class LogForm(forms.Form):
    """Which part of the access log to read."""

    way = forms.ChoiceField(
        label=_("Seen or taken out"),
        choices=[("", _("Both")), ("seen", _("Seen on a page")), ("exported", _("Taken out as a file"))],
        required=False,
    )
    what = forms.ChoiceField(label=_("List"), choices=[("", _("All lists")), *AccessEntry.What.choices], required=False)
    first = DayField(label=_("From"), required=False)
    last = DayField(label=_("Through"), required=False)
    q = forms.CharField(label=_("Reader or unit"), required=False, max_length=100)


class RuleForm(forms.Form):
    """How long after the last employment people are disposed of."""

    months = forms.IntegerField(
        label=_("Months after the last employment"), initial=MONTHS, min_value=1, max_value=600, localize=False
    )


class DecisionForm(forms.Form):
    """The decision that a disposal rests on."""

    case_number = forms.CharField(label=_("Case number of the decision"), max_length=50)
    decided_on = DayField(label=_("Day of the decision"))

    def clean_decided_on(self):
        day = self.cleaned_data["decided_on"]
        if day > timezone.localdate():
            raise forms.ValidationError(_("The decision cannot have been made later than today."))
        return day
