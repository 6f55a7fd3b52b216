"""What surveys keep about people (see learning.personal): that they have answered, never what."""

from django.utils.translation import gettext_lazy as _

from learning.personal import NAMELESS, NO_FIGURE, Fate, Table, declare

from .models import Answered, FreeText, PulseAnswered, Wave

declare(
    Table(
        Answered,
        "person",
        title=_("Surveys that you have answered"),
        why=_("Keeps you from being asked twice. What you answered is kept without you."),
        fields=[(_("survey"), lambda row: str(row.wave.survey)), "wave"],
        fate=Fate.DELETED,
        because=NO_FIGURE,
    ),
    Table(
        Wave,
        "opened_by",
        title=_("Rounds of surveys that you have opened"),
        why=_("Shows who asked."),
        fields=["survey", "stage", "starts_on", "ends_on"],
        because=NAMELESS,
    ),
    Table(
        FreeText,
        "blotted_by",
        title=_("Texts in surveys that you have blotted out"),
        why=_("Shows who took away what somebody had written."),
        fields=["wave", "item", "month", "text", "blotted_at"],
        because=NAMELESS,
    ),
    Table(
        PulseAnswered,
        "person",
        title=_("Courses of which you have answered questions once more"),
        why=_("Keeps you from being asked twice. Whether you were right is kept without you."),
        fields=["course", "round", "until"],
        fate=Fate.DELETED,
        because=NO_FIGURE,
    ),
)
