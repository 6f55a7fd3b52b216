"""The acts of a knowledge check: begin, answer, hand in."""

import secrets
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _

from learning.errors import LearningError
from learning.organisation.models import Person
from learning.translations import in_language

from .grading import Paper, PaperQuestion, as_kept, draw, to_keep
from .models import Answer, Attempt, KnowledgeCheck, Question
from .signals import attempt_handed_in


class AttemptClosed(LearningError):
    """The attempt is handed in."""


class NotAllAnswered(LearningError):
    """Questions are left to answer."""


class CheckNotReady(LearningError):
    """The check has no questions."""


STALE = timedelta(days=30)  # an attempt that was left open for longer is begun anew


def open_attempt(*, person: Person, check: KnowledgeCheck, subject_key: UUID, now: datetime) -> Attempt | None:
    """The attempt that the person can go on with: neither without questions nor left for too long."""
    attempt = _open(person, check, subject_key).first()
    return attempt if attempt and _is_usable(attempt, now) else None


def _is_usable(attempt: Attempt, now: datetime) -> bool:
    return attempt.started_at > now - STALE and bool(attempt.as_paper.questions)


def _open(person: Person, check: KnowledgeCheck, subject_key: UUID) -> QuerySet[Attempt]:
    return Attempt.objects.filter(person=person, check_ref=check, subject_key=subject_key, handed_in_at=None)


def begin_attempt(
    *,
    person: Person,
    check: KnowledgeCheck,
    subject_key: UUID,
    now: datetime,
    language: str = settings.LANGUAGE_CODE,
    seed: int | None = None,
) -> Attempt:
    """Draw a paper for the person, or go on with the one that is open. The subject is what the check is taken for.

    Each question is put on the paper in the language, where it has been translated, and stays so.
    An open attempt that cannot be gone on with gives way to a new one. Raises CheckNotReady.
    """
    going_on = open_attempt(person=person, check=check, subject_key=subject_key, now=now)
    if going_on:
        return going_on
    paper = _draw(check, language, seed)
    try:
        with transaction.atomic():
            _remove_stale(person, check, subject_key, now)
            return Attempt.objects.create(
                person=person, check_ref=check, subject_key=subject_key, paper=paper.to_json(), started_at=now
            )
    except IntegrityError:  # begun twice at once: both go on with the one that was first
        return _open(person, check, subject_key).get()


def _draw(check: KnowledgeCheck, language: str, seed: int | None) -> Paper:
    pool = Question.objects.filter(pk__in=check.pool.values("question"), live=True).prefetch_related("options")
    if not pool:
        raise CheckNotReady(_("The knowledge check is not ready yet: it has no questions. Nothing was begun."))
    return draw(
        [in_language(question, language).on_paper() for question in pool],
        size=check.draw,
        pass_percent=check.pass_percent,
        seed=secrets.randbits(32) if seed is None else seed,
    )


def _remove_stale(person: Person, check: KnowledgeCheck, subject_key: UUID, now: datetime) -> None:
    """Remove the open attempt that nobody can go on with; what is handed in always stays."""
    for attempt in _open(person, check, subject_key).select_for_update():
        if not _is_usable(attempt, now):
            attempt.answers.all().delete()
            attempt.delete()


@transaction.atomic
def answer(*, attempt: Attempt, choices: Mapping[PaperQuestion, Iterable[str]], now: datetime) -> None:
    """Keep what was chosen for each question; until hand-in it may be changed.

    All or nothing. Raises AttemptClosed, ForeignAnswer, ChoiceMissing.
    """
    answers = [
        Answer(attempt=attempt, question_id=question.id, chosen=to_keep(question.chosen(raw)), answered_at=now)
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
    in_order = Prefetch("answers", Answer.objects.order_by("answered_at", "pk"))
    attempt = Attempt.objects.select_for_update().prefetch_related(in_order).get(pk=attempt.pk)
    if attempt.handed_in_at:
        return attempt
    score = attempt.score()
    missing = score.total - len(attempt.answers.all())
    if missing:
        raise NotAllAnswered(_("%(number)d questions are left. Your answers are kept.") % {"number": missing})
    attempt.is_first = not _handed_in(attempt).exists()
    attempt.handed_in_at, attempt.right, attempt.passed = now, score.right, score.passed
    attempt.save(update_fields=["handed_in_at", "right", "passed", "is_first"])
    _mark_answers(attempt)
    attempt_handed_in.send(sender=Attempt, attempt=attempt)
    return attempt


def _handed_in(attempt: Attempt) -> QuerySet[Attempt]:
    """What the person has handed in for the same."""
    subject = {"person": attempt.person_id, "check_ref": attempt.check_ref_id, "subject_key": attempt.subject_key}
    return Attempt.objects.filter(**subject).exclude(handed_in_at=None)


def _mark_answers(attempt: Attempt) -> None:
    """Note on each answer of a handed-in attempt, in the order in which they came, what item statistics count."""
    questions = {question.id: question for question in attempt.as_paper.questions}
    others, before = len(questions) - 1, attempt.started_at
    answers = attempt.answers.all()
    at_once = Counter(one.answered_at for one in answers)
    for one in answers:
        question = questions[one.question_id]
        one.edition = question.edition
        one.right = question.is_right(as_kept(one.chosen))
        one.rest = (attempt.right - one.right) / others if others else None
        # Several that were handed over at once do not tell how long each took.
        alone = at_once[one.answered_at] == 1
        one.seconds = max(0, round((one.answered_at - before).total_seconds())) if alone else None
        before = one.answered_at
    Answer.objects.bulk_update(answers, ["edition", "right", "rest", "seconds"])
