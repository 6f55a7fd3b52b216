"""The public face: what anyone may read without signing in."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.fields import RichTextField
from wagtail.search import index

from learning.append_only import AppendOnlyModel, AppendOnlyQuerySet
from learning.organisation.models import Municipality, Person
from learning.pages import BasePage


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


class PublicFigures(models.Model):
    """Whether a municipality shows its figures to everybody. Nothing is shown until somebody has opened them."""

    municipality = models.OneToOneField(Municipality, on_delete=models.CASCADE, related_name="public_figures")
    opened_at = models.DateTimeField(_("opened"), null=True)
    opened_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("by"))

    class Meta:
        verbose_name = _("public figures")
        verbose_name_plural = _("public figures")

    def __str__(self):
        return f"{self.municipality}"


class ReleaseQuerySet(AppendOnlyQuerySet):
    def shown(self, municipality: Municipality | None):
        """The releases of the municipality, newest first; none while its figures are not open."""
        opened = self.filter(municipality=municipality).exclude(municipality__public_figures__opened_at=None)
        return opened.order_by("-on")


class Release(AppendOnlyModel):
    """What a municipality has told everybody: unchangeable, with its method and a hash of its content."""

    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, related_name="releases")
    on = models.DateField(_("as of"))
    published_at = models.DateTimeField(_("published"))
    body = models.JSONField(_("content"))
    sha256 = models.CharField(max_length=64)

    objects = ReleaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("release of figures")
        verbose_name_plural = _("releases of figures")
        constraints = [models.UniqueConstraint(fields=["municipality", "on"], name="one_release_a_day")]

    def __str__(self):
        return f"{self.municipality} ({self.on})"
