"""The form of a lesson in Wagtail's admin."""

from django.utils.translation import gettext as _

from learning.access.references import OwnReferencesPageForm

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
