"""The acts of a knowledge check: begin, answer, hand in."""

import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from learning.errors import LearningError
from learning.organisation.models import Person

from .grading import PaperQuestion, draw
from .models import Answer, Attempt, KnowledgeCheck, Question
from .signals import attempt_handed_in


class AttemptClosed(LearningError):
    """The attempt is handed in."""


class NotAllAnswered(LearningError):
    """Questions are left to answer."""


def begin_attempt(*, person: Person, check: KnowledgeCheck, now: datetime, seed: int | None = None) -> Attempt:
    """Draw a paper for the person, or go on with the one that is open."""
    open_attempt = Attempt.objects.filter(person=person, check_ref=check, handed_in_at=None).first()
    if open_attempt:
        return open_attempt
    pool = Question.objects.filter(pk__in=check.pool.values("question")).prefetch_related("options")
    paper = draw(
        [question.on_paper() for question in pool],
        size=check.draw,
        pass_percent=check.pass_percent,
        seed=secrets.randbits(32) if seed is None else seed,
    )
    try:
        with transaction.atomic():
            return Attempt.objects.create(person=person, check_ref=check, paper=paper.to_json(), started_at=now)
    except IntegrityError:  # begun twice at once: both go on with the one that was first
        return Attempt.objects.get(person=person, check_ref=check, handed_in_at=None)


@transaction.atomic
def answer(*, attempt: Attempt, choices: Mapping[PaperQuestion, Iterable[str]], now: datetime) -> None:
    """Keep what was chosen for each question; until hand-in it may be changed.

    All or nothing. Raises AttemptClosed, ForeignAnswer, ChoiceMissing.
    """
    answers = [
        Answer(attempt=attempt, question_id=question.id, chosen=sorted(question.chosen(raw)), answered_at=now)
        for question, raw in choices.items()
    ]
    if Attempt.objects.select_for_update().get(pk=attempt.pk).handed_in_at:
        raise AttemptClosed(_("The answers are already handed in. Nothing was changed."))
    Answer.objects.bulk_create(
        answers,
        update_conflicts=True,
        unique_fields=["attempt", "question_id"],
        update_fields=["chosen", "answered_at"],
    )


@transaction.atomic
def hand_in(*, attempt: Attempt, now: datetime) -> Attempt:
    """Grade the attempt, close it and let those who listen act on it, all or nothing.

    Handing in twice, or from two places at once, closes it once. Raises NotAllAnswered.
    """
    attempt = Attempt.objects.select_for_update().get(pk=attempt.pk)
    if attempt.handed_in_at:
        return attempt
    score = attempt.score()
    missing = score.total - attempt.answers.count()
    if missing:
        raise NotAllAnswered(_("%(number)d questions are left. Your answers are kept.") % {"number": missing})
    attempt.handed_in_at, attempt.right, attempt.passed = now, score.right, score.passed
    attempt.save(update_fields=["handed_in_at", "right", "passed"])
    attempt_handed_in.send(sender=Attempt, attempt=attempt)
    return attempt
