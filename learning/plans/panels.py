"""What the form of a requirement shows beside its fields."""

from wagtail.admin.panels import Panel


class MeantPanel(Panel):
    """A button that shows whom the form as it stands would mean, and what it showed."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "plans/meant_panel.html"

        def get_context_data(self, parent_context=None):
            context = super().get_context_data(parent_context)
            rules = self.instance.rules.prefetch_related("units") if self.instance.pk else []
            return {**context, "meant": getattr(self.request, "meant", None), "rules": rules}
