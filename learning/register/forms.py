"""What is asked of whoever keeps the register."""

from django import forms
from django.db.models import Q, Value
from django.db.models.functions import Concat
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from learning.access.disposal import MONTHS
from learning.access.models import AccessEntry
from learning.dated import possible_day
from learning.organisation.hr.columns import LABELS, lacking
from learning.organisation.hr.tables import MAX_BYTES
from learning.organisation.models import Appointment, HrImport, Municipality, OrgUnit, Person


def day_field(**words) -> forms.DateField:
    """A day, chosen with what the browser has for it."""
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(widget=widget, validators=[possible_day], **words)


class FileForm(forms.Form):
    """A file and the day that it speaks of."""

    file = forms.FileField(
        label=_("File from the HR system"),
        help_text=_("Excel (.xlsx) or text (.csv, .txt), with every employment of the day. At most 50 MB."),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv,.tsv,.txt"}),
    )
    as_of = day_field(
        label=_("The day that the file speaks of"),
        initial=timezone.localdate,
    )

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise forms.ValidationError(_("The file is larger than 50 MB. Nothing was changed."))
        return file


class ColumnsForm(forms.Form):
    """Which column of the file holds what."""

    opens_units = forms.BooleanField(
        label=_("Open units that the register does not have"),
        help_text=_("Otherwise their rows are refused, and those people stay as they are."),
        required=False,
    )

    def __init__(self, *args, hr_import: HrImport, **kwargs):
        super().__init__(*args, **kwargs)
        headings = [("", _("– not in the file –")), *((heading, heading) for heading in hr_import.headings)]
        for name, label in LABELS.items():
            self.fields[name] = forms.ChoiceField(
                label=label, choices=headings, required=False, initial=hr_import.columns.get(name, "")
            )
        self.initial["opens_units"] = hr_import.opens_units

    @property
    def columns(self) -> dict[str, str]:
        """Field → heading, of those that the file has."""
        return {name: self.cleaned_data[name] for name in LABELS if self.cleaned_data[name]}

    def rows(self):
        """The fields of the columns."""
        return [self[name] for name in LABELS]

    def clean(self):
        cleaned = super().clean()
        chosen = {name: cleaned[name] for name in LABELS if cleaned.get(name)}
        for name, heading in chosen.items():
            if list(chosen.values()).count(heading) > 1:
                self.add_error(name, _("The same column is chosen twice."))
        if missing := lacking(chosen):
            raise forms.ValidationError(
                _("Choose a column for: %(columns)s.") % {"columns": ", ".join(missing)}, code="missing"
            )
        return cleaned


class UnitField(forms.ModelChoiceField):
    """Units in the order of the tree, each set in by its level."""

    def label_from_instance(self, unit):
        return "\u2003" * (unit.depth - 1) + unit.name


class AppointmentForm(forms.Form):
    """Who gets which function, where, and for how long."""

    person = forms.CharField(label=_("Person"), help_text=_("HR id, e-mail address or whole name."), max_length=254)
    function = forms.ChoiceField(label=_("Function"), choices=Appointment.Function.choices)
    unit = UnitField(
        label=_("Unit"), queryset=OrgUnit.objects.none(), help_text=_("The function holds there and in all below.")
    )
    starts_on = day_field(
        label=_("From"),
        initial=timezone.localdate,
    )
    ends_on = day_field(
        label=_("Through"),
        required=False,
        help_text=_("The last day, for a substitute for example. Empty means until further notice."),
    )

    def __init__(self, *args, municipality: Municipality, **kwargs):
        super().__init__(*args, **kwargs)
        self.municipality = municipality
        self.fields["unit"].queryset = municipality.units.filter(ends_on=None)

    def clean_person(self) -> Person:
        words = self.cleaned_data["person"].replace("\x00", "").strip()
        people = Person.objects.filter(municipality=self.municipality)
        found = list(people.filter(Q(external_id=words) | Q(email=words.lower()))[:2])
        if not found:
            named = people.annotate(whole=Concat("first_name", Value(" "), "last_name"))
            found = list(named.filter(whole__iexact=words)[:2])
        if not found:
            raise forms.ValidationError(_("Nobody on the register is found by that."))
        if len(found) > 1:
            raise forms.ValidationError(_("Several people are called that. Write the HR id or the e-mail address."))
        return found[0]

    def clean(self):
        cleaned = super().clean()
        starts_on, ends_on = cleaned.get("starts_on"), cleaned.get("ends_on")
        if starts_on and ends_on and ends_on < starts_on:
            self.add_error("ends_on", _("The last day is before the first."))
        return cleaned


class LogForm(forms.Form):
    """Which part of the access log to read."""

    way = forms.ChoiceField(
        label=_("Seen or taken out"),
        choices=[("", _("Both")), ("seen", _("Seen on a page")), ("exported", _("Taken out as a file"))],
        required=False,
    )
    what = forms.ChoiceField(label=_("List"), choices=[("", _("All lists")), *AccessEntry.What.choices], required=False)
    first = day_field(label=_("From"), required=False)
    last = day_field(label=_("Through"), required=False)
    q = forms.CharField(label=_("Reader or unit"), required=False, max_length=100)


class RuleForm(forms.Form):
    """How long after the last employment people are disposed of."""

    months = forms.IntegerField(
        label=_("Months after the last employment"), initial=MONTHS, min_value=1, max_value=600, localize=False
    )


class DecisionForm(forms.Form):
    """The decision that a disposal rests on."""

    case_number = forms.CharField(label=_("Case number of the decision"), max_length=50)
    decided_on = day_field(label=_("Day of the decision"))

    def clean_decided_on(self):
        day = self.cleaned_data["decided_on"]
        if day > timezone.localdate():
            raise forms.ValidationError(_("The decision cannot have been made later than today."))
        return day
