"""What Wagtail's editor shows besides the fields."""

from django.forms import Media
from wagtail.admin.panels import Panel

STYLES = Media(css={"all": ["css/authoring.css"]})
SCRIPTS = Media(js=["js/authoring.js"])


class SheetPanel(Panel):
    """Shows what the page's `sheet()` tells. The server sends it along with each save, by hand or by itself."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "courses/admin/sheet_panel.html"

        @property
        def media(self):
            return STYLES + SCRIPTS

        def get_context_data(self, parent_context=None):
            return {**super().get_context_data(parent_context), "sheet": self.instance.sheet()}
