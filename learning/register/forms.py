"""What is asked of whoever brings a file."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from learning.organisation.hr.columns import LABELS, lacking
from learning.organisation.hr.tables import MAX_BYTES
from learning.organisation.models import HrImport


class FileForm(forms.Form):
    """A file and the day that it speaks of."""

    file = forms.FileField(
        label=_("File from the HR system"),
        help_text=_("Excel (.xlsx) or text (.csv, .txt), with every employment of the day. At most 50 MB."),
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
