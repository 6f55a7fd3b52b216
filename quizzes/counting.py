"""What people chose, counted in the database: sums over answers by question, wording and choice; never who answered.

Only what a person handed in first is counted. Counting all answers of a large municipality takes seconds, so what was
counted is kept, and says when that was; whoever asks for it later than an hour after has it counted anew in the
background, and so pays for nothing.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.core.cache import cache
from django.db.models import Count, F, Max, Q, QuerySet, Sum
from django.utils import timezone

from .grading import Chosen, as_kept
from .models import Answer, Confidence, Question

FRESH = 60 * 60  # seconds


@dataclass(frozen=True)
class Group:
    """The answers to a wording that chose the same, and how those who gave them did on the rest of the check."""

    chosen: Chosen
    right: bool  # as they were credited
    number: int
    compared: int  # how many have a rest
    rest: float
    squares: float
    told: int  # how many said how sure they were
    sure: int
    last: datetime | None = None


# Question id and edition → those who chose the same.
Counts = dict[tuple[int, str], list[Group]]


def first_answers(questions: Collection[int] | QuerySet) -> QuerySet[Answer]:
    """The answers to these questions that count in statistics."""
    return Answer.objects.filter(question_id__in=questions, attempt__is_first=True).exclude(right=None)


def count(questions: Collection[int] | QuerySet) -> Counts:
    """Count the answers to the questions with these ids, in one question to the database."""
    rows = first_answers(questions).values("question_id", "edition", "chosen", "right")
    rows = rows.annotate(
        number=Count("pk"),
        compared=Count("rest"),
        rest_sum=Sum("rest"),
        squares=Sum(F("rest") * F("rest")),
        told=Count("confidence"),
        sure=Count("pk", filter=Q(confidence__gte=Confidence.FAIRLY)),
        last=Max("answered_at"),
    )
    found = defaultdict(list)
    for row in rows:
        found[row["question_id"], row["edition"]].append(
            Group(
                as_kept(row["chosen"]),
                row["right"],
                row["number"],
                row["compared"],
                row["rest_sum"] or 0,
                row["squares"] or 0,
                row["told"],
                row["sure"],
                row["last"],
            )
        )
    return dict(found)


def kept_counts(municipalities: Iterable[int]) -> tuple[Counts, datetime | None]:
    """What is counted of the questions of these municipalities, and when the oldest of it was."""
    counts, moments = {}, []
    for pk in municipalities:
        at, found = _kept(pk)
        counts |= found
        moments.append(at)
    return counts, min(moments, default=None)


def _kept(municipality_id: int) -> tuple[datetime, Counts]:
    from .tasks import count_answers

    is_due = cache.add(f"{_key(municipality_id)}-fresh", True, FRESH)  # for one of those who ask
    kept = cache.get(_key(municipality_id))
    if kept is None:
        return count_anew(municipality_id)
    if is_due:
        count_answers.delay(municipality_id)
    return kept


def count_anew(municipality_id: int) -> tuple[datetime, Counts]:
    """Count the answers to all questions of the municipality, and keep that until it is counted again."""
    at = timezone.now()
    kept = at, count(Question.objects.filter(municipality=municipality_id).values("pk"))
    cache.set(_key(municipality_id), kept, None)
    return kept


def _key(municipality_id: int) -> str:
    return f"quizzes-counts-{municipality_id}"
