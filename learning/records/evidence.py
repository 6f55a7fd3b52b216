"""What people have learned elsewhere: they tell it, and a coordinator decides whether it counts for a course."""

from collections.abc import Collection
from datetime import date, datetime

from dateutil.relativedelta import relativedelta
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from courses.models import CoursePage
from learning.errors import LearningError
from learning.organisation.models import Person

from .models import Completion, Evidence, EvidenceLevel, EvidenceStep
from .services import record_completion

MOST_BYTES = 5 * 1024 * 1024
# By what a file begins with, and not by what it is called.
KINDS = {b"%PDF-": "pdf", b"\xff\xd8\xff": "jpg", b"\x89PNG\r\n\x1a\n": "png"}
CONTENT_TYPES = {"pdf": "application/pdf", "jpg": "image/jpeg", "png": "image/png"}
# How surely it is known, weakest first: on the person's word, or by somebody who has seen the proof.
LEVELS = [EvidenceLevel.REPORTED, EvidenceLevel.ATTESTED]
Decision = EvidenceStep.Decision


class NotAProof(LearningError):
    """The file is too large, or none of the kinds that are taken."""


class DoesNotCount(LearningError):
    """It cannot count for the course."""


class AlreadyDecided(LearningError):
    """It counts for a course as it is, or the same was decided before."""


def kind_of(content: bytes) -> str:
    """The ending that belongs to the content. Raises NotAProof."""
    if len(content) > MOST_BYTES:
        raise NotAProof(_("The file is larger than 5 MB. Nothing was saved. Choose a smaller one."))
    kind = next((kind for magic, kind in KINDS.items() if content.startswith(magic)), None)
    if kind is None:
        raise NotAProof(_("The file is neither PDF, JPEG nor PNG. Nothing was saved. Choose another one."))
    return kind


@transaction.atomic
def report(*, people: Collection[Person], by: Person, now: datetime, content: bytes = b"", **told) -> list[Evidence]:
    """Keep what these people have learned elsewhere, as it is told; it counts for nothing yet. Raises NotAProof."""
    ending = kind_of(content) if content else ""
    found = []
    for person in people:
        evidence = Evidence(person=person, reported_by=by, reported_at=now, **told)
        if content:
            evidence.file.save(f"{evidence.uuid}.{ending}", ContentFile(content), save=False)
        evidence.save()
        found.append(evidence)
    return found


def courses_for(person: Person) -> QuerySet[CoursePage]:
    """The courses of the person's municipality that training elsewhere can count for."""
    courses = CoursePage.objects.live().descendant_of(person.municipality.site.root_page)
    return courses.exclude(outside_months=None).order_by("path")


@transaction.atomic
def accept(*, evidence: Evidence, course: CoursePage, level: str, by: Person, now: datetime) -> EvidenceStep:
    """Let it count for the course, as surely as it is known; valid from the day on which it was held.

    Raises DoesNotCount and AlreadyDecided.
    """
    steps, on = _steps(evidence), localdate(now)
    _refuse_too_old(evidence, course, on)
    completion = record_completion(
        person=evidence.person, course=course, on=on, evidence_level=EvidenceLevel(level), held_on=evidence.last_day
    )
    if completion is None or _lasts_through(completion, on) < on:
        raise DoesNotCount(
            _(
                "What was learned on %(day)s would no longer be valid, so it cannot count for the course. "
                "Nothing was changed."
            )
            % {"day": date_format(evidence.last_day, "j F Y")}
        )
    return _decide(evidence, steps, Decision.ACCEPTED, by, now, completion=completion)


def _refuse_too_old(evidence: Evidence, course: CoursePage, on: date) -> None:
    if course.outside_months is None:
        raise DoesNotCount(_("Training elsewhere does not count for “%(course)s”.") % {"course": course.title})
    if evidence.last_day + relativedelta(months=course.outside_months) < on:
        raise DoesNotCount(
            _(
                "For “%(course)s”, training elsewhere may be %(months)d months old, and this was on %(day)s. "
                "It can be kept as development. Nothing was changed."
            )
            % {
                "course": course.title,
                "months": course.outside_months,
                "day": date_format(evidence.last_day, "j F Y"),
            }
        )


def _lasts_through(completion: Completion, on: date) -> date:
    return Completion.objects.lasting(on).get(pk=completion.pk).lasts_through or date.max


@transaction.atomic
def keep_as_development(*, evidence: Evidence, by: Person, now: datetime) -> EvidenceStep:
    """Keep it as something that the person has learned, without any course. Raises AlreadyDecided."""
    return _decide(evidence, _steps(evidence), Decision.DEVELOPMENT, by, now)


@transaction.atomic
def decline(*, evidence: Evidence, reason: str, by: Person, now: datetime) -> EvidenceStep:
    """Let it count for nothing, with a reason that the person reads. Raises AlreadyDecided."""
    return _decide(evidence, _steps(evidence), Decision.DECLINED, by, now, reason=reason)


def _steps(evidence: Evidence) -> list[EvidenceStep]:
    """What has been decided, in order; held, so that two who decide at once do it one after the other."""
    Evidence.objects.select_for_update().get(pk=evidence.pk)
    steps = list(evidence.steps.select_related("completion__withdrawal"))
    if steps and steps[-1].decision == Decision.ACCEPTED and not steps[-1].completion.taken_back:
        raise AlreadyDecided(
            _("It counts for “%(course)s” already. Take that completion back first. Nothing was changed.")
            % {"course": steps[-1].completion.course_title}
        )
    return steps


def _decide(
    evidence: Evidence,
    steps: list[EvidenceStep],
    decision: str,
    by: Person,
    now: datetime,
    *,
    reason: str = "",
    completion: Completion | None = None,
) -> EvidenceStep:
    if completion is None and steps and steps[-1].decision == decision:
        raise AlreadyDecided(_("That was decided already. Nothing was changed."))
    return EvidenceStep.objects.create(
        evidence=evidence,
        number=len(steps) + 1,
        decision=decision,
        reason=reason,
        completion=completion,
        decided_by=by,
        decided_at=now,
    )


def dispose_of_evidence(people: Collection[int]) -> None:
    """Remove what was written and the files; kind and days stay."""
    rows = Evidence._base_manager.filter(person__in=people)
    for evidence in rows.exclude(file=""):
        evidence.file.delete(save=False)
    rows.update(what="", organiser="", words="", hours=None, file="")
