from wagtail.admin.panels import Panel


class MeasuredPanel(Panel):
    """Shows what a check that measures has found so far."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "quizzes/admin/measured.html"

        def is_shown(self):
            return super().is_shown() and bool(self.instance.pk) and self.instance.measures

        def get_context_data(self, parent_context=None):
            from .analysis import SHOWN_FROM  # the tables have this panel
            from .measuring import measured

            context = super().get_context_data(parent_context)
            return {**context, "stages": measured(self.instance), "shown_from": SHOWN_FROM}
