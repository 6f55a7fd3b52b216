"""The public face: what anyone may read without signing in."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.fields import RichTextField
from wagtail.search import index

from learning.organisation.models import Municipality
from learning.pages import BasePage
from learning.reporting.models import Release


class HomePage(BasePage):
    """The start page of a municipality's site."""

    lead = models.CharField(_("lead"), max_length=300, blank=True)
    body = RichTextField(_("text"), features=["h2", "bold", "italic", "link", "ul", "ol"], blank=True)

    content_panels = [*BasePage.content_panels, FieldPanel("lead"), FieldPanel("body")]
    search_fields = [*BasePage.search_fields, index.SearchField("lead"), index.SearchField("body")]

    class Meta:
        verbose_name = _("start page")
        verbose_name_plural = _("start pages")

    def get_context(self, request, *args, **kwargs):
        shown = Release.objects.shown(Municipality.objects.of_request(request)).exists()
        return {**super().get_context(request, *args, **kwargs), "shows_figures": shown}
