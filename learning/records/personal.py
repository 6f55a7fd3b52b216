"""What records keep about people (see learning.personal)."""

from django.utils.translation import gettext_lazy as _

from learning.personal import NAMELESS, NO_FIGURE, Fate, Table, declare

from .models import Attendance, Completion, Exemption, GroupSession, LessonProgress, PractisedQuestion

declare(
    Table(
        LessonProgress,
        "person",
        title=_("Lessons"),
        why=_("Lets you go on where you were, and shows that you have begun."),
        fields=[
            (_("lesson"), "lesson"),
            "edition_number",
            "seen",
            "answers",
            "started_at",
            "finished_at",
            "evidence_level",
        ],
        fate=Fate.EMPTIED,
        because=_("What was chosen on the cards is removed. The days stay, because figures count who has begun."),
        empty={"answers": {}},
    ),
    Table(
        Completion,
        "person",
        title=_("Completed courses"),
        why=_("Is the proof that you have completed the course, and what coverage is counted from."),
        fields=[
            "course_title",
            (_("edition"), "edition"),
            "completed_on",
            "valid_through",
            (_("unit at the time"), "unit"),
            "evidence_level",
            "recorded_at",
            (_("number of the proof"), "uuid"),
        ],
        because=_("Stays without a name: every figure since then is counted from it."),
    ),
    Table(
        Attendance,
        "person",
        title=_("Lessons that you have taken in a group"),
        why=_("Is what it rests on that you have taken the lesson."),
        fields=[
            (_("lesson"), lambda row: str(row.session.lesson)),
            (_("unit"), lambda row: row.session.unit.name),
            (_("led by"), lambda row: str(row.session.leader)),
            "how",
            "attested_at",
        ],
        because=_("Stays without a name: it is what the completion rests on."),
    ),
    Table(
        GroupSession,
        "leader",
        title=_("Lessons that you have led"),
        why=_("Shows who led, and whose word it is where the leader has attested for others."),
        fields=[(_("lesson"), "lesson"), "unit", "code", "started_at", "ends_at"],
        because=NAMELESS,
    ),
    Table(
        PractisedQuestion,
        "person",
        title=_("What you have practised"),
        why=_("Lets a question come back when it is time. Nobody but you sees it, and you may let it be forgotten."),
        fields=[(_("question"), "question"), "answered_on", "in_a_row"],
        fate=Fate.DELETED,
        because=NO_FIGURE,
    ),
    Table(
        Exemption,
        "person",
        why=_("Shows that nothing is asked of you for a time, and why."),
        fields=["starts_on", "ends_on", "reason", (_("decided by"), "decided_by"), "decided_at"],
        fate=Fate.EMPTIED,
        because=_("The reason is removed. The days stay, because the figures of those days leave you out."),
        empty={"reason": ""},
    ),
    Table(
        Exemption,
        "decided_by",
        title=_("Exemptions that you have decided"),
        why=_("Shows who decided."),
        fields=["decided_at"],
        because=NAMELESS,
    ),
)
