"""What plans keep about people (see learning.personal)."""

from django.utils.translation import gettext_lazy as _

from learning.personal import NAMELESS, Table, declare

from .models import FollowUp

declare(
    Table(
        FollowUp,
        "written_by",
        title=_("What you have noted of how activities go"),
        why=_("Shows who wrote it."),
        fields=["activity", "status", "text", "written_at"],
        because=NAMELESS,
    ),
)
