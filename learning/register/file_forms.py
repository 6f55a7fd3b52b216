"""What is asked of whoever brings a file."""

from collections.abc import Iterable, Iterator

from django import forms
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from learning.organisation.hr.columns import labels, why_not
from learning.organisation.hr.tables import MAX_BYTES, Line
from learning.organisation.models import HrImport, Population

from .forms import DayField

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
    as_of = DayField(label=_("The day that the file speaks of"), initial=timezone.localdate)

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
