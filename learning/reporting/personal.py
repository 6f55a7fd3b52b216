"""What reports keep about people (see learning.personal)."""

from django.utils.translation import gettext_lazy as _

from learning.personal import NAMELESS, Table, declare

from .models import PublicFigures, ReportDraft, YearlyReport

declare(
    Table(
        PublicFigures,
        "opened_by",
        title=_("That you have opened the municipality's figures to everybody"),
        why=_("Shows who has opened the figures, and when."),
        fields=["opened_at"],
        because=NAMELESS,
    ),
    Table(
        ReportDraft,
        "written_by",
        title=_("That you have written in the draft of a report"),
        why=_("Shows who wrote last in the report to the board, and when."),
        fields=["on", "written_at"],
        because=NAMELESS,
    ),
    Table(
        YearlyReport,
        "frozen_by",
        title=_("That you have fixed a report to the board"),
        why=_("Shows who has fixed the report, and when."),
        fields=["on", "frozen_at"],
        because=NAMELESS,
    ),
)
