"""What is asked of whoever brings a file."""

from collections.abc import Iterable, Iterator

from django import forms
from django.db.models import Q, Value
from django.db.models.functions import Concat
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from learning.organisation.hr.columns import labels, why_not
from learning.organisation.hr.tables import MAX_BYTES, Line
from learning.organisation.models import SERIES, Appointment, HrImport, Municipality, OrgUnit, Person, Population

# So many characters of what stands in a column are shown beside its heading.
SHOWN = 40


class FileForm(forms.Form):
    """A file, whom it lists, and the day that it speaks of."""

    population = forms.ChoiceField(
        label=_("Whom does the file list?"),
        choices=Population,
        initial=Population.EMPLOYEE,
        help_text=_("All of them: those of the same kind who are not in the file end. Others are left as they are."),
    )
    file = forms.FileField(
        label=_("File"),
        help_text=_("Excel (.xlsx) or text (.csv, .txt), with everyone of the day. At most 50 MB."),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv,.tsv,.txt"}),
    )
    as_of = forms.DateField(
        label=_("The day that the file speaks of"),
        initial=timezone.localdate,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
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

    hr_ids = forms.BooleanField(
        label=_("The ids are those of the HR system"),
        help_text=_(
            "Then the same id is the same person as among the employees. "
            "Otherwise they are kept apart: 123 here is not 123 in the HR system."
        ),
        required=False,
    )

    def __init__(self, *args, hr_import: HrImport, sample: Iterable[Line] = (), **kwargs):
        super().__init__(*args, **kwargs)
        self.population, self.labels = hr_import.population, labels(hr_import.population)
        shown = (_shown(heading, cells) for heading, cells in _columns(hr_import.headings, sample))
        headings = [("", _("– not in the file –")), *zip(hr_import.headings, shown, strict=True)]
        for name, label in self.labels.items():
            self.fields[name] = forms.ChoiceField(
                label=label, choices=headings, required=False, initial=hr_import.columns.get(name, "")
            )
        self.initial |= {"opens_units": hr_import.opens_units, "hr_ids": not hr_import.own_ids}
        if hr_import.population == Population.EMPLOYEE:
            del self.fields["hr_ids"]

    @property
    def columns(self) -> dict[str, str]:
        """Field → heading, of those that the file has."""
        return {name: self.cleaned_data[name] for name in self.labels if self.cleaned_data[name]}

    @property
    def own_ids(self) -> bool:
        """Whether the ids are of a system of their own; those of employees never are."""
        return self.population != Population.EMPLOYEE and not self.cleaned_data["hr_ids"]

    def rows(self):
        """The fields of the columns."""
        return [self[name] for name in self.labels]

    def checks(self):
        """The fields to tick."""
        return [field for field in self if field.name not in self.labels]

    def clean(self):
        cleaned = super().clean()
        chosen = {name: cleaned[name] for name in self.labels if cleaned.get(name)}
        for name, heading in chosen.items():
            if list(chosen.values()).count(heading) > 1:
                self.add_error(name, _("The same column is chosen twice."))
        if reason := why_not(chosen, self.population):
            raise forms.ValidationError(reason, code="missing")
        return cleaned


def _columns(headings: list[str], lines: Iterable[Line]) -> Iterator[tuple[str, list[str]]]:
    """Each heading with what stands below it, each thing once."""
    for at, heading in enumerate(headings):
        yield heading, list(dict.fromkeys(line.cells[at] for line in lines if line.cells[at]))


def _shown(heading: str, cells: list[str]) -> str:
    """The heading with the beginning of what stands below it."""
    return f"{heading} – {Truncator(' · '.join(cells)).chars(SHOWN)}" if cells else heading


class _UnitField(forms.ModelChoiceField):
    """Units in the order of the tree, each set in by its level."""

    def label_from_instance(self, unit):
        return "\u2003" * (unit.depth - 1) + unit.name


class AppointmentForm(forms.Form):
    """Who gets which function, where, and for how long."""

    person = forms.CharField(label=_("Person"), help_text=_("HR id, e-mail address or whole name."), max_length=254)
    function = forms.ChoiceField(label=_("Function"), choices=Appointment.Function.choices)
    unit = _UnitField(
        label=_("Unit"), queryset=OrgUnit.objects.none(), help_text=_("The function holds there and in all below.")
    )
    starts_on = forms.DateField(
        label=_("From"),
        initial=timezone.localdate,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    ends_on = forms.DateField(
        label=_("Through"),
        required=False,
        help_text=_("The last day, for a substitute for example. Empty means until further notice."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
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
            found = list(people.filter(external_id__in=[series + words for series in SERIES])[:2])
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
