"""The acts of a knowledge check: begin, answer, hand in."""

import secrets
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Prefetch, QuerySet, TextChoices
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from learning.errors import LearningError
from learning.organisation.models import Person
from learning.translations import in_language

from .analysis import weakness_of
from .grading import ForeignAnswer, Paper, PaperQuestion, as_kept, draw, to_keep, whole
from .models import Answer, Attempt, Confidence, KnowledgeCheck, Question
from .signals import attempt_handed_in


class AttemptClosed(LearningError):
    """The attempt is handed in."""


class NotAllAnswered(LearningError):
    """Questions are left to answer."""


class CheckNotReady(LearningError):
    """The check has no questions."""


class TimeNotChosen(LearningError):
    """The check has a time limit, and how much of it is wanted was not chosen."""

    status = 400


class TimeOut(LearningError):
    """The time is out: what is answered can be handed in."""


class WaitFirst(LearningError):
    """The next try may begin later."""


class Time(TextChoices):
    """What each chooses who begins a check with a time limit; never why (decision 15)."""

    AS_SET = "as_set", gettext_lazy("The time as it is")
    TWICE = "twice", gettext_lazy("Twice the time")
    NO_LIMIT = "no_limit", gettext_lazy("No time limit")


IN_ORDER = Prefetch("answers", Answer.objects.order_by("answered_at", "pk"))
STALE = timedelta(days=30)  # an attempt that was left open for longer is begun anew
GRACE = timedelta(minutes=1)  # for an answer that was on its way when the time ran out


def open_attempt(
    *, person: Person, check: KnowledgeCheck, subject_key: UUID, now: datetime, stage: str = ""
) -> Attempt | None:
    """The attempt that the person can go on with, or hand in: neither without questions nor left for too long."""
    attempt = _open(person, check, subject_key, stage).first()
    return attempt if attempt and _is_usable(attempt, now) else None


def _is_usable(attempt: Attempt, now: datetime) -> bool:
    # What has run out of time is handed in, never removed.
    return bool(attempt.as_paper.questions) and (attempt.started_at > now - STALE or attempt.is_out_of_time(now))


def _open(person: Person, check: KnowledgeCheck, subject_key: UUID, stage: str) -> QuerySet[Attempt]:
    subject = {"person": person, "check_ref": check, "subject_key": subject_key, "stage": stage}
    return Attempt.objects.filter(**subject, handed_in_at=None)


def waits_until(*, person: Person, check: KnowledgeCheck, subject_key: UUID, now: datetime) -> datetime | None:
    """When the next try may begin, where that is not yet."""
    last = last_handed_in(person, check, subject_key) if check.wait_hours else None
    if not last or last.passed:
        return None
    begins = last.handed_in_at + timedelta(hours=check.wait_hours)
    return begins if begins > now else None


def last_handed_in(person: Person, check: KnowledgeCheck, subject_key: UUID) -> Attempt | None:
    """What the person handed in last, and what may be told about."""
    return handed_in(person=person, check_ref=check, subject_key=subject_key).order_by("handed_in_at", "pk").last()


def begin_attempt(
    *,
    person: Person,
    check: KnowledgeCheck,
    subject_key: UUID,
    now: datetime,
    language: str = settings.LANGUAGE_CODE,
    seed: int | None = None,
    time: str = "",
    stage: str = "",
) -> Attempt:
    """Draw a paper for the person, or go on with the one that is open. The subject is what the check is taken for.

    Each question is put on the paper in the language, where it has been translated, and stays so. Questions that the
    person did not have last time come first. An open attempt that cannot be gone on with gives way to a new one; one
    whose time is out is handed in, and is what is returned if it was enough.
    Raises CheckNotReady, TimeNotChosen, WaitFirst.
    """
    about = {"person": person, "check": check, "subject_key": subject_key}
    going_on = open_attempt(**about, stage=stage, now=now)
    if going_on and not going_on.is_out_of_time(now):
        return going_on
    ends_at = _ends_at(check, time, now)
    if going_on and (closed := hand_in(attempt=going_on, now=now)).passed:
        return closed
    if begins := waits_until(**about, now=now):
        begins = date_format(timezone.localtime(begins), "j F, H:i")
        raise WaitFirst(_("You can try again from %(moment)s. Nothing was begun.") % {"moment": begins})
    form = _next_form(person, check, stage)
    paper = _drawn(person, check, subject_key, form, language, secrets.randbits(32) if seed is None else seed)
    try:
        with transaction.atomic():
            _remove_stale(person, check, subject_key, stage, now)
            return Attempt.objects.create(
                person=person,
                check_ref=check,
                subject_key=subject_key,
                paper=paper.to_json(),
                form=form,
                stage=stage,
                started_at=now,
                ends_at=ends_at,
            )
    except IntegrityError:  # begun twice at once: both go on with the one that was first
        return _open(person, check, subject_key, stage).get()


def _ends_at(check: KnowledgeCheck, time: str, now: datetime) -> datetime | None:
    if not check.minutes:
        return None
    if time not in Time.values:
        raise TimeNotChosen(_("Choose how much time you want first. Nothing was begun."))
    times = {Time.AS_SET: 1, Time.TWICE: 2}
    return now + timedelta(minutes=check.minutes * times[time]) if time in times else None


def _next_form(person: Person, check: KnowledgeCheck, stage: str) -> str:
    """The form that fewest have had at the stage, but never the one that the person had last; empty: none measures."""
    if bool(stage) is not check.measures:
        raise CheckNotReady(_("The check cannot be taken this way now. Nothing was begun."))
    if not stage:
        return ""
    forms = set(check.pool.filter(question__live=True).exclude(form="").values_list("form", flat=True))
    taken = Attempt.objects.filter(check_ref=check).exclude(form="")
    last = taken.filter(person=person).order_by("started_at", "pk").values_list("form", flat=True).last()
    had = Counter(taken.filter(stage=stage).values_list("form", flat=True))
    return min(forms - {last} or forms, key=lambda form: (had[form], form), default="")


def _drawn(person: Person, check: KnowledgeCheck, subject_key: UUID, form: str, language: str, seed: int) -> Paper:
    items = check.pool.filter(form__in=["", form]) if check.measures else check.pool
    pool = Question.objects.filter(pk__in=items.values("question"), live=True)
    # A pool is some times as large as a paper: only what is drawn is read whole.
    light = list(pool.only("topic", "must_pass"))
    if not light:
        raise CheckNotReady(_("The knowledge check is not ready yet: it has no questions. Nothing was begun."))

    def on_paper(drawn: list[Question]) -> list[PaperQuestion]:
        found = pool.prefetch_related("options").in_bulk([question.pk for question in drawn])
        return [in_language(found[question.pk], language).on_paper() for question in drawn]

    if check.measures:
        return whole(on_paper(light), pass_percent=check.pass_percent, seed=seed)
    last = last_handed_in(person, check, subject_key)
    return draw(
        light,
        on_paper=on_paper,
        size=check.draw,
        pass_percent=check.pass_percent,
        seed=seed,
        quotas=dict(check.quotas.values_list("topic", "number")),
        preference=weakness_of(pool) if check.prefers_weak else None,
        put_off={question.id for question in last.as_paper.questions} if last else (),
    )


def _remove_stale(person: Person, check: KnowledgeCheck, subject_key: UUID, stage: str, now: datetime) -> None:
    """Remove the open attempt that nobody can go on with; what is handed in always stays."""
    for attempt in _open(person, check, subject_key, stage).select_for_update():
        if not _is_usable(attempt, now):
            attempt.answers.all().delete()
            attempt.delete()


@transaction.atomic
def answer(
    *, attempt: Attempt, choices: Mapping[PaperQuestion, Iterable[str]], now: datetime, confidence: str = ""
) -> None:
    """Keep what was chosen for each question, and how sure one is as a form says it; until hand-in it may be changed.

    All or nothing. Raises AttemptClosed, TimeOut, ForeignAnswer, ChoiceMissing.
    """
    sure = _confidence(confidence)
    answers = [
        Answer(
            attempt=attempt,
            question_id=question.id,
            chosen=to_keep(question.chosen(raw)),
            confidence=sure,
            answered_at=now,
        )
        for question, raw in choices.items()
    ]
    held = Attempt.objects.select_for_update().only("handed_in_at", "ends_at").get(pk=attempt.pk)
    if held.handed_in_at:
        raise AttemptClosed(_("The answers are already handed in. Nothing was changed."))
    if held.is_out_of_time(now - GRACE):
        raise TimeOut(_("The time is out. What you answered before is kept, and can be handed in."))
    Answer.objects.bulk_create(
        answers,
        update_conflicts=True,
        unique_fields=["attempt", "question_id"],
        update_fields=["chosen", "confidence", "answered_at"],
    )


def _confidence(raw: str) -> int | None:
    if raw and raw not in map(str, Confidence.values):
        raise ForeignAnswer(_("That answer does not belong to this question. Nothing was saved; try again."))
    return int(raw) if raw else None


@transaction.atomic
def hand_in(*, attempt: Attempt, now: datetime) -> Attempt:
    """Grade the attempt, close it and let those who listen act on it, all or nothing.

    Handing in twice, or from two places at once, closes it once. When the time is out, what is missing is not right;
    before that, raises NotAllAnswered.
    """
    attempt = Attempt.objects.select_for_update().prefetch_related(IN_ORDER).get(pk=attempt.pk)
    if attempt.handed_in_at:
        return attempt
    score = attempt.score()
    missing = score.total - len(attempt.answers.all())
    if missing and not attempt.is_out_of_time(now):
        raise NotAllAnswered(_("%(number)d questions are left. Your answers are kept.") % {"number": missing})
    subject = {"person": attempt.person_id, "check_ref": attempt.check_ref_id, "subject_key": attempt.subject_key}
    attempt.is_first = not attempt.measures and not handed_in(**subject).exists()
    attempt.handed_in_at, attempt.right = now, score.right
    attempt.passed = None if attempt.measures else score.passed
    attempt.save(update_fields=["handed_in_at", "right", "passed", "is_first"])
    mark_answers(attempt, attempt.graded_paper)
    attempt_handed_in.send(sender=Attempt, attempt=attempt, now=now)
    return attempt


def handed_in(**subject) -> QuerySet[Attempt]:
    """What the person has handed in for the same; no measurements, unless their stage is asked for."""
    return Attempt.objects.filter(**{"stage": "", **subject}).exclude(handed_in_at=None)


def mark_answers(attempt: Attempt, paper: Paper) -> None:
    """Note on each answer of a handed-in attempt, in the order in which they came, what item statistics count."""
    questions = {question.id: question for question in paper.questions}
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
