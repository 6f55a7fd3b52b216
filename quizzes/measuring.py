"""What a check that measures shows: the share right before and after a course, by form; never of whom."""

from dataclasses import dataclass

from django.db.models import Avg, Case, Count, FloatField, Value, When

from .analysis import SHOWN_FROM
from .models import Answer, KnowledgeCheck, Stage


@dataclass(frozen=True)
class Figure:
    """How those did who took a form, or any of them, at a stage."""

    label: str
    number: int
    share: float

    @property
    def is_shown(self) -> bool:
        return self.number >= SHOWN_FROM


@dataclass(frozen=True)
class Measured:
    """A stage: all forms together, and each."""

    stage: Stage
    together: Figure
    forms: tuple[Figure, ...]

    @property
    def shows_together(self) -> bool:
        """Whether all may be shown together: not where that would tell of a form that is too small to be shown."""
        shown = [form.is_shown for form in self.forms]
        return self.together.is_shown and (all(shown) or not any(shown))


def measured(check: KnowledgeCheck) -> list[Measured]:
    """What has been measured before and after."""
    right = Case(When(right=True, then=Value(1.0)), default=Value(0.0), output_field=FloatField())
    answers = Answer.objects.filter(attempt__check_ref=check, attempt__handed_in_at__isnull=False)
    rows = answers.exclude(attempt__stage="").order_by("attempt__form").values("attempt__stage", "attempt__form")
    rows = list(rows.annotate(number=Count("attempt", distinct=True), share=Avg(right), answers=Count("pk")))
    return [_measured(stage, [row for row in rows if row["attempt__stage"] == stage]) for stage in Stage]


def _measured(stage: Stage, rows: list[dict]) -> Measured:
    answers = sum(row["answers"] for row in rows)
    share = sum(row["share"] * row["answers"] for row in rows) / answers if answers else 0.0
    together = Figure(label="", number=sum(row["number"] for row in rows), share=share)
    forms = tuple(Figure(label=row["attempt__form"], number=row["number"], share=row["share"]) for row in rows)
    return Measured(stage=stage, together=together, forms=forms)
