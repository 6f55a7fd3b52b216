"""What quizzes keep about people (see learning.personal)."""

from django.utils.translation import gettext_lazy as _

from learning.personal import NAMELESS, Table, declare

from .grading import as_kept
from .models import Answer, Attempt, Question, Regrade, RegradedAttempt

STATISTICS = _("Stays: without the person it only tells how hard the questions are.")
CHECKED = _("Shows whether the check was passed, and lets you see how it went.")


def _question(answer: Answer):
    """The question as it was shown."""
    return next((one for one in answer.attempt.as_paper.questions if one.id == answer.question_id), None)


def _wording(answer: Answer) -> str:
    question = _question(answer)
    return question.text if question else ""


def _chosen(answer: Answer) -> list[str]:
    """What was chosen, in words; never which is right, since the check may still be open."""
    question = _question(answer)
    return question.in_words(as_kept(answer.chosen)) if question else []


declare(
    Table(
        Attempt,
        "person",
        title=_("Knowledge checks"),
        why=CHECKED,
        fields=[
            (_("check"), "check_ref"),
            "stage",
            "form",
            "started_at",
            "ends_at",
            "handed_in_at",
            "right",
            "passed",
            "is_first",
        ],
        because=STATISTICS,
    ),
    Table(
        Answer,
        "attempt__person",
        title=_("Answers in knowledge checks"),
        why=CHECKED,
        fields=[
            (_("question"), _wording),
            (_("your answer"), _chosen),
            (_("how sure you were (1–4)"), "confidence"),
            (_("answered"), "answered_at"),
            (_("right"), "right"),
            (_("seconds it took"), "seconds"),
        ],
        because=STATISTICS,
    ),
    Table(
        RegradedAttempt,
        "attempt__person",
        title=_("Knowledge checks that were graded anew"),
        why=_("Tells you what your attempt was worth before a question was graded anew, and why it was."),
        fields=[
            (_("question"), lambda row: str(row.regrade)),
            (_("why it was graded anew"), lambda row: row.regrade.reason),
            (_("when"), lambda row: row.regrade.decided_at),
            "right_before",
            "passed_before",
            "lets_pass",
        ],
        because=STATISTICS,
    ),
    Table(
        Regrade,
        "decided_by",
        title=_("Questions that you have graded anew"),
        why=_("Shows who decided that a question is graded anew, and why."),
        fields=[(_("question"), str), "reason", "decided_at"],
        because=NAMELESS,
    ),
    Table(
        Question,
        "locked_by",
        title=_("Questions that you have locked"),
        why=_("Shows who keeps others from changing the question."),
        fields=["text", "locked_at"],
        because=NAMELESS,
    ),
)
