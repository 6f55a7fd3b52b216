"""Grading anew a wording whose key was wrong: it adds to what counts as right, and takes nothing away (decision 16)."""

from collections.abc import Collection
from dataclasses import asdict, replace
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from learning.errors import LearningError
from learning.organisation.models import Person

from .grading import PaperQuestion, as_kept
from .models import Answer, Attempt, Question, Regrade, RegradedAttempt
from .services import IN_ORDER, mark_answers
from .signals import attempt_handed_in

AT_ONCE = 500  # attempts that are held in memory together


class KeyUnfit(LearningError):
    """What is to count as right is no key of the wording."""

    status = 400


class GradedSoAlready(LearningError):
    """The wording was graded anew in just this way."""


def wording_of(question: Question, edition: str) -> PaperQuestion | None:
    """The question as it was shown in this edition, or reads now; None where it never read so."""
    now = question.on_paper()
    if now.edition == edition:
        return now
    answered = Answer.objects.filter(question_id=question.pk, edition=edition).select_related("attempt").first()
    return answered and next(one for one in answered.attempt.as_paper.questions if one.id == question.pk)


@transaction.atomic
def regrade(
    *, question: Question, wording: PaperQuestion, accepted: Collection[int], reason: str, by: Person, now: datetime
) -> Regrade:
    """Count these options as right (none: any answer) wherever the question was asked in this wording; all or nothing.

    What is handed in is graded anew; what is open, or begun later with the wording, is graded so at hand-in. Raises
    KeyUnfit, GradedSoAlready.
    """
    _check(wording, accepted)
    Question.objects.select_for_update().get(pk=question.pk)  # one at a time
    made = {"question_id": question.pk, "edition": wording.edition, "accepted": sorted(accepted)}
    if Regrade.objects.filter(**made).exists():
        raise GradedSoAlready(_("This wording has been graded anew in this way already. Nothing was changed."))
    as_shown = asdict(replace(wording, regraded=()))
    done = Regrade.objects.create(**made, wording=as_shown, reason=reason, decided_by=by, decided_at=now)
    _hold_open(question)
    concerned = _concerned(done)
    for start in range(0, len(concerned), AT_ONCE):
        _grade_anew(done, concerned[start : start + AT_ONCE], now)
    return done


def _check(wording: PaperQuestion, accepted: Collection[int]) -> None:
    if not accepted:
        return
    if wording.places_things:
        raise KeyUnfit(_("What is placed can only be counted as right for all. Nothing was changed."))
    if not set(accepted) <= {option.id for option in wording.options}:
        raise KeyUnfit(_("An option was chosen that this wording does not have. Nothing was changed."))
    if set(accepted) == wording.key:
        raise KeyUnfit(_("These are the options that count as right already. Nothing was changed."))
    if len(accepted) < wording.choose:
        raise KeyUnfit(
            ngettext(
                "The question asks for %(number)d answer, so as many must count as right.",
                "The question asks for %(number)d answers, so as many must count as right. If there are not so many,"
                " count it as right for all.",
                wording.choose,
            )
            % {"number": wording.choose}
        )


def _hold_open(question: Question) -> None:
    """Wait for those who hand in at this moment, and let the others be graded by what is decided here."""
    open_ones = Attempt.objects.filter(handed_in_at=None, person__municipality=question.municipality_id)
    list(open_ones.select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True))


def _concerned(done: Regrade) -> list[int]:
    """The attempts in which it makes right what was not, the newest first: they last longest."""
    missed = Answer.objects.filter(question_id=done.question_id, edition=done.edition, right=False)
    rows = missed.order_by("-attempt_id").values_list("attempt_id", "chosen")
    return [attempt_id for attempt_id, chosen in rows if done.as_question.is_right(as_kept(chosen))]


def _grade_anew(done: Regrade, attempt_ids: Collection[int], now: datetime) -> None:
    attempts = Attempt.objects.select_for_update(of=("self",)).filter(pk__in=attempt_ids).order_by("-pk")
    attempts = list(attempts.prefetch_related(IN_ORDER).select_related("person"))
    keys = Regrade.objects.keys({question.id for one in attempts for question in one.as_paper.questions})
    before = []
    for attempt in attempts:
        paper = attempt.as_paper.regraded(keys)
        score = paper.grade(attempt.choices())
        lets_pass = score.passed and attempt.passed is False  # a measurement is neither passed nor failed
        before.append(
            RegradedAttempt(
                regrade=done,
                attempt=attempt,
                right_before=attempt.right,
                passed_before=bool(attempt.passed),
                lets_pass=lets_pass,
            )
        )
        attempt.right, attempt.passed = score.right, lets_pass or attempt.passed
        attempt.save(update_fields=["right", "passed"])
        mark_answers(attempt, paper)
    for row in RegradedAttempt.objects.bulk_create(before):
        if row.lets_pass:
            attempt_handed_in.send(sender=Attempt, attempt=row.attempt, now=now)
