"""What courses keep about people (see learning.personal)."""

from django.utils.translation import gettext_lazy as _

from learning.personal import NAMELESS, Table, declare

from .models import Edition

declare(
    Table(
        Edition,
        "opened_by",
        title=_("Editions of courses that you have opened"),
        why=_("Shows who decided what a change of the course asks of others."),
        fields=[(_("course"), "course"), "number", "note", "opens_on"],
        because=NAMELESS,
    ),
)
