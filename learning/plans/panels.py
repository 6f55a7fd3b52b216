"""What the forms of plans and requirements show beside their fields."""

from django.utils.timezone import localdate
from wagtail.admin.panels import Panel

from courses.panels import STYLES

from .warnings import warnings_of


class MeantPanel(Panel):
    """A button that shows whom the form as it stands would mean, and what it showed."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "plans/meant_panel.html"

        def get_context_data(self, parent_context=None):
            context = super().get_context_data(parent_context)
            rules = self.instance.history() if self.instance.pk else []
            return {**context, "meant": getattr(self.request, "meant", None), "rules": rules}


class WarningsPanel(Panel):
    """What is overdue, open or contradictory in the plan as it was last written, and the way to its follow-ups."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "plans/warnings_panel.html"
        media = STYLES

        def get_context_data(self, parent_context=None):
            context = super().get_context_data(parent_context)
            found = warnings_of(self.instance, localdate()) if self.instance.pk else []
            return {**context, "warnings": found, "plan": self.instance}
