"""What the public pages keep about people (see learning.personal)."""

from django.utils.translation import gettext_lazy as _

from learning.personal import NAMELESS, Table, declare

from .models import PublicFigures

declare(
    Table(
        PublicFigures,
        "opened_by",
        title=_("That you have opened the municipality's figures to everybody"),
        why=_("Shows who has opened the figures, and when."),
        fields=["opened_at"],
        because=NAMELESS,
    ),
)
