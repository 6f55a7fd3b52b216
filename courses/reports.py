"""What Wagtail's admin tells those who write about all of their texts: the start page and a report."""

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.components import Component
from wagtail.admin.ui.tables import Column, DateColumn, TitleColumn
from wagtail.admin.views.reports import ReportView
from wagtail.models import Page
from wagtail.permissions import policy_registry

from learning.spreadsheets import cell

from . import upkeep
from .panels import STYLES


class StartPanel(Component):
    """What waits for the editor who looks at the start page."""

    name = "what_waits"
    template_name = "courses/admin/start.html"
    order = 100

    @property
    def media(self):
        return STYLES

    def get_context_data(self, parent_context):
        return {"sections": upkeep.sections(parent_context["request"].user, on=timezone.localdate())}


class ContentAgeView(ReportView):
    """How old each published text is, who owns it, and when it is to be reviewed."""

    page_title = _("Age of the content")
    header_icon = "time"
    index_url_name = "content_age"
    index_results_url_name = "content_age_results"
    any_permission_required = ["add", "change", "publish"]
    columns = [
        TitleColumn("title", label=_("Title"), accessor="short_title", get_url=lambda age: age.url),
        Column("kind", label=_("Kind")),
        Column("owner", label=_("Owner")),
        DateColumn("published", label=_("Last published")),
        Column("review_on", label=_("To be reviewed by")),
        Column("standing", label=_("Review")),
    ]
    list_export = ["title", "kind", "owner", "published", "review_on", "standing"]
    export_headings = {column.name: column.label for column in columns}
    export_filename = "content-age"
    custom_value_preprocess = {**ReportView.custom_value_preprocess, str: {ReportView.FORMAT_CSV: cell}}

    @property
    def permission_policy(self):
        return policy_registry.get_by_type(Page)

    def get_filtered_queryset(self):
        return upkeep.ages(self.request.user, on=timezone.localdate())
