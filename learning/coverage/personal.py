"""What coverage keeps about people (see learning.personal)."""

from django.utils.translation import gettext_lazy as _

from learning.personal import Table, declare

from .models import FrozenStanding, Mark, Standing

declare(
    Table(
        Standing,
        "person",
        title=_("Your standing towards what is asked"),
        why=_("Is what figures are counted from; derived from employments, leave, exemptions and completions."),
        fields=[
            (_("requirement"), "requirement"),
            (_("unit"), "unit"),
            "starts_on",
            "ends_on",
            (_("status"), "status"),
            "cause",
            "since",
            "due_on",
        ],
        because=_("Stays without a name: figures are counted from it."),
    ),
    Table(
        FrozenStanding,
        "person",
        title=_("Your standing when a figure was fixed"),
        why=_("Lets a difference between what was fixed and what is known now be told."),
        fields=[(_("figure"), "report"), (_("unit"), "unit"), (_("status"), "status")],
        because=_("Stays without a name: it is evidence of the figure that was fixed."),
    ),
    Table(
        Mark,
        "person",
        title=_("Standings to be derived anew"),
        why=_("Says that something about you has changed that figures must follow."),
        because=_("Goes by itself within a minute."),
    ),
)
