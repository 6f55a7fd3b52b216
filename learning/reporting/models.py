"""What has been told: to everybody, release by release, and to the board, year by year."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from learning.append_only import AppendOnlyQuerySet, FixedContent
from learning.organisation.models import Municipality, Person


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


class Release(FixedContent):
    """What a municipality has told everybody: unchangeable, with its method and a hash of its content."""

    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, related_name="releases")
    on = models.DateField(_("as of"))
    published_at = models.DateTimeField(_("published"))

    objects = ReleaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("release of figures")
        verbose_name_plural = _("releases of figures")
        constraints = [models.UniqueConstraint(fields=["municipality", "on"], name="one_release_a_day")]

    def __str__(self):
        return f"{self.municipality} ({self.on})"


class ReportDraft(models.Model):
    """The report that is being made: the day that it tells of, and what is said beside what the platform says."""

    municipality = models.OneToOneField(Municipality, on_delete=models.CASCADE, related_name="report_draft")
    on = models.DateField(_("as of"))
    comments = models.JSONField(_("comments"), default=dict)  # by the key of the section
    written_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("by"))
    written_at = models.DateTimeField(_("written"))

    class Meta:
        verbose_name = _("draft of a report")
        verbose_name_plural = _("drafts of reports")

    def __str__(self):
        return f"{self.municipality} ({self.on})"


class YearlyReport(FixedContent):
    """What the board and the local crime-prevention council were told (S24): unchangeable, with its method and hash."""

    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, related_name="yearly_reports")
    on = models.DateField(_("as of"))
    edition = models.PositiveSmallIntegerField(_("edition"), default=1)  # one that was wrong is followed by another
    frozen_at = models.DateTimeField(_("fixed"))
    frozen_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("by"))

    class Meta:
        verbose_name = _("yearly report")
        verbose_name_plural = _("yearly reports")
        ordering = ["-on", "-edition"]
        constraints = [
            models.UniqueConstraint(fields=["municipality", "on", "edition"], name="a_report_has_an_edition_of_its_own")
        ]

    def __str__(self):
        return f"{self.municipality} ({self.on})"
