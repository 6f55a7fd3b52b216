"""What an editor writes into the yearly report."""

from django import forms
from django.conf import settings
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from learning.append_only import hash_of
from learning.plans.openness import Reader, refusal

from .models import ReportDraft
from .sentences import in_words
from .yearly import COMMENTED, days_to_report, headings

MOST_LETTERS = 5000


class BeginForm(forms.Form):
    """Which half-year's end the report tells of."""

    on = forms.TypedChoiceField(label=_("As of"))

    def __init__(self, *args, municipality, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.days = {day.isoformat(): day for day in days_to_report(municipality, today)}
        self.fields["on"].choices = [(key, in_words(day)) for key, day in self.days.items()]
        self.fields["on"].coerce = self.days.get


class ReportForm(forms.Form):
    """What is said beside each section, and that what the platform says has been read."""

    # What the editor had before them: what the platform said, and what was written beside it.
    seen = forms.CharField(widget=forms.HiddenInput)
    written = forms.CharField(widget=forms.HiddenInput)
    confirmed = forms.BooleanField(
        label=_("I have read the report. It cannot be changed when it is fixed."), required=False
    )

    def __init__(self, *args, draft: ReportDraft, **kwargs):
        super().__init__(*args, **kwargs)
        self.draft = draft
        self.initial = {**draft.comments, "written": hash_of(draft.comments)}
        # The fields stand within the report, and speak its language.
        with override(settings.LANGUAGE_CODE):
            labels = {key: gettext("Comment on “%(heading)s”") % {"heading": one} for key, one in headings().items()}
        for key, label in labels.items():
            self.fields[key] = forms.CharField(
                label=label,
                widget=forms.Textarea(attrs={"rows": 4}),
                max_length=MOST_LETTERS,
                required=False,
            )

    @property
    def comments(self) -> dict[str, str]:
        return {key: self.cleaned_data[key] for key in COMMENTED}

    def clean(self):
        super().clean()
        self._refuse_what_looks_secret()
        if self.cleaned_data.get("written") != hash_of(self.draft.comments):
            self._tell_what_another_wrote()
        if "fix" in self.data and not self.cleaned_data.get("confirmed"):
            self.add_error("confirmed", _("Confirm that you have read the report. What you wrote is still here."))

    def _refuse_what_looks_secret(self) -> None:
        """A report is a public document (decision 28)."""
        written = {key: text for key in COMMENTED if (text := self.cleaned_data.get(key))}
        reader = Reader(self.draft.municipality, written.values())
        for key, text in written.items():
            if found := reader.found(text):
                self.add_error(key, refusal(self.fields[key].label, found))

    def _tell_what_another_wrote(self) -> None:
        """Somebody has written since the form was opened: both texts are shown, and nothing is saved."""
        self.add_error(
            None,
            _(
                "Somebody else has written in the report since you opened it. Nothing was saved; your text is still "
                "here, and theirs stands beside it. Take over what you need and save again."
            ),
        )
        for key in COMMENTED:
            theirs = self.draft.comments.get(key, "")
            if theirs != self.cleaned_data.get(key, "").strip():
                self.add_error(key, _("Saved meanwhile: %(text)s") % {"text": theirs or _("(nothing)")})
        # What stands beside has been seen now.
        self.data = {**self.data.dict(), "written": hash_of(self.draft.comments)}
