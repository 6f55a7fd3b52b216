"""The forms of lessons and recordings in Wagtail's admin."""

import re
from datetime import timedelta

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from learning.access.references import OwnReferencesForm, OwnReferencesPageForm

from . import authoring


class LessonForm(OwnReferencesPageForm):
    """Saves any draft, and publishes, now or later, only what has no stops."""

    def clean(self):
        cleaned = super().clean()
        if self.publishes and {"objective", "cards"} <= cleaned.keys():
            cards = authoring.read(cleaned["cards"])
            if stops := authoring.stops(objective=cleaned["objective"], cards=cards):
                self.add_error(None, _("The lesson cannot be published yet. It can be saved as a draft."))
                for stop in stops:
                    self.add_error(None, str(stop))
        return cleaned

    @property
    def publishes(self) -> bool:
        """Whether the button that was pressed publishes: the editor's own, or a colleague's approval."""
        approves = self.data.get("action-workflow-action") and self.data.get("workflow-action-name") == "approve"
        return bool(self.data.get("action-publish") or approves)


LENGTH = re.compile(r"(?:(\d{1,2}):)?(\d{1,3}):([0-5]\d)", re.ASCII)


def length_in_words(length: timedelta) -> str:
    """A length as its author writes it: 3:05, or 1:02:05."""
    minutes, seconds = divmod(round(length.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


class LengthField(forms.DurationField):
    """Minutes and seconds with a colon, and nothing that could be taken for something else."""

    def prepare_value(self, value):
        return length_in_words(value) if isinstance(value, timedelta) else value

    def to_python(self, value):
        if value in self.empty_values or isinstance(value, timedelta):
            return super().to_python(value)
        found = LENGTH.fullmatch(value.strip())
        if not found:
            raise ValidationError(_("Write minutes and seconds with a colon, such as 3:05."))
        hours, minutes, seconds = (int(number or 0) for number in found.groups())
        return timedelta(hours=hours, minutes=minutes, seconds=seconds)


class RecordingForm(OwnReferencesForm):
    """A recording, with its length as one writes it."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if model_field := self.fields.get("length"):
            self.fields["length"] = LengthField(
                label=model_field.label, help_text=model_field.help_text, validators=model_field.validators
            )
