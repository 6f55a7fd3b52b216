"""The pulse: a few questions of a course once more, when some months have passed; never an individual result.

About a month, four and a half, and ten months after the course: retrieval that is spaced is what keeps knowledge, and
even intervals do as well as growing ones (Latimier, Peyre & Ramus 2021); what staff had learned held for four months
and was gone after six, where nothing brought it back (Reinheimer et al., SOUPS 2020).
"""

import random
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from dateutil.relativedelta import relativedelta
from django.db import transaction
from django.db.models import Max, Q, QuerySet
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from courses.models import CoursePage, Edition, LessonPage
from learning.dated import DAY
from learning.offers import Offer
from learning.organisation.models import Employment, Leave, Municipality, Person, PersonQuerySet
from learning.translations import in_language
from quizzes.analysis import weakness_of
from quizzes.models import PoolItem, Question

from .models import PulseAnswered, PulseRound, PulseTally
from .services import NotAsked, by_chance, department_of

AFTER = {
    PulseRound.FIRST: relativedelta(months=1),
    PulseRound.SECOND: relativedelta(months=4, days=15),
    PulseRound.THIRD: relativedelta(months=10),
}
OPEN = timedelta(weeks=4)
SIZE, OF_THE_WEAK = 3, 2
SMALLEST = 10  # so many must have answered before a group is shown
LESSONS_AGAIN = 2


# Who is asked


@dataclass(frozen=True)
class Pulse:
    """A round that asks a person on a day, and the last day on which it does."""

    person_id: int
    person_uuid: UUID
    course: CoursePage
    round: PulseRound
    until: date


def window(completed_on: date, number: PulseRound) -> tuple[date, date]:
    """The first and the last day of a round, for somebody who completed the course on the day."""
    first = completed_on + AFTER[number]
    return first, first + OPEN - DAY


def round_on(completed_on: date, on: date) -> tuple[PulseRound, date] | None:
    """The round that asks somebody on the day who completed the course on another, and its last day."""
    for number in PulseRound:
        first, last = window(completed_on, number)
        if first <= on <= last:
            return number, last
    return None


def due_pulses(municipality: Municipality, on: date) -> list[Pulse]:
    """Who is to be asked on the day, of what and until when; as many queries for ten people as for a thousand."""
    return list(_due(courses_of(municipality), municipality, Person.objects.all(), on))


def pulse_of(person: Person, course: CoursePage, on: date) -> Pulse | None:
    """What the person is to be asked of the course on the day."""
    return next(_due([course], person.municipality, Person.objects.filter(pk=person.pk), on), None)


def has_answered(person: Person, course: CoursePage, on: date) -> bool:
    """Whether the person has answered a round that would still ask them."""
    return PulseAnswered.objects.filter(person=person, course=course, until__gte=on).exists()


def courses_of(municipality: Municipality | None) -> QuerySet[CoursePage]:
    """The published courses of whose questions the municipality's people are asked once more."""
    if municipality is None:
        return CoursePage.objects.none()
    courses = CoursePage.objects.live().descendant_of(municipality.site.root_page).exclude(check_ref=None)
    return courses.exclude(level=CoursePage.Level.REFRESHER).order_by("path")  # a refresher asks anew itself


def offers(person: Person, course: CoursePage | None, *, on: date) -> Iterator[Offer]:
    """The rounds that ask the person: on their own page, and on that of the course."""
    # Of most people's pages this is the only question to the database.
    courses = courses_of(person.municipality).filter(completions__person=person).distinct()
    courses = list(courses.filter(pk=course.pk) if course else courses)
    for pulse in _due(courses, person.municipality, Person.objects.filter(pk=person.pk), on):
        told = in_language(pulse.course, get_language())
        yield Offer(
            url=reverse("surveys:pulse", args=[pulse.course.pk]),
            title=_("Do you remember? Questions of “%(course)s”") % {"course": told.title},
            note=_("Three questions at most, two minutes. Voluntary, and nobody sees what you answer."),
        )


def _due(
    courses: Iterable[CoursePage], municipality: Municipality, people: PersonQuerySet, on: date
) -> Iterator[Pulse]:
    work = Employment.objects.on(on).filter(unit__in=municipality.units)
    here = people.filter(pk__in=work.values("person")).exclude(pk__in=Leave.objects.on(on).values("person"))
    for course in courses:
        parts = {pk % len(PulseRound) for pk in _pool(course).values_list("pk", flat=True)}
        answered = PulseAnswered.objects.filter(course=course, until__gte=on).values("person")
        for pk, uuid, completed_on in _completed(here.exclude(pk__in=answered), course, on):
            found = round_on(completed_on, on)
            if found and any(_asks(part, uuid, found[0]) for part in parts):
                yield Pulse(pk, uuid, course, *found)


def _completed(people: PersonQuerySet, course: CoursePage, on: date) -> QuerySet:
    """Those of whom a completion counts on the day, with the day of the last such; the exempt are left out."""
    endless = Q(completions__valid_through=None) | Q(completions__valid_through__gte=on)
    done = Q(completions__course_key=course.key, completions__withdrawal=None, completions__completed_on__lte=on)
    ended = Edition.objects.of(course.key).opened_by(on).filter(grace_until__lt=on).last()
    newest = Q(completions__edition__number__gte=ended.number) if ended else Q()
    exempt = Q(exemptions__course_key=course.key, exemptions__starts_on__lte=on)
    exempt &= Q(exemptions__ends_on=None) | Q(exemptions__ends_on__gte=on)
    people = people.exclude(pk__in=Person.objects.filter(exempt).values("pk"))
    found = people.filter(done & endless & newest).annotate(last=Max("completions__completed_on"))
    found = found.filter(last__gte=on - AFTER[PulseRound.THIRD] - OPEN - timedelta(days=3))  # months differ in length
    return found.order_by("pk").values_list("pk", "uuid", "last")


# What is asked


def _pool(course: CoursePage) -> QuerySet[Question]:
    items = PoolItem.objects.filter(check_ref=course.check_ref_id)
    return Question.objects.filter(pk__in=items.values("question"), live=True).order_by("pk")


def _asks(question_id: int, uuid: UUID, number: PulseRound) -> bool:
    """Whether the round may ask the question of that person: each question belongs to one round of each person.

    It follows from their ids and nothing else: so nothing needs to be kept of who was asked what, and whatever becomes
    of the pool, no question is asked of anybody in two rounds.
    """
    return (question_id + uuid.int) % len(PulseRound) == number - 1


def questions_of(course: CoursePage) -> tuple[list[Question], dict[int, float]]:
    """The questions that may be asked, and how weakly the municipality knows each."""
    found = list(_pool(course).prefetch_related("options"))
    return found, weakness_of(found)


def drawn(
    questions: Collection[Question], weakness: Mapping[int, float], uuid: UUID, number: PulseRound
) -> list[Question]:
    """What a round asks of the person: two of what must be right or fewest know, and one of another topic.

    Of the questions that belong to this round of theirs, those that must be right come first, then the half that
    fewest in the municipality get right, by chance; the last is of any topic, each as likely as the others.
    """
    chance = random.Random(f"{uuid} {number}")  # need not be unguessable
    own = sorted((one for one in questions if _asks(one.pk, uuid, number)), key=lambda one: one.pk)
    chance.shuffle(own)
    weak = sorted(own, key=lambda one: weakness[one.pk], reverse=True)[: (len(own) + 1) // 2]
    own.sort(key=lambda one: (not one.must_pass, one not in weak))
    found, rest = own[:OF_THE_WEAK], own[OF_THE_WEAK:]
    while rest and len(found) < SIZE:
        topics = sorted({one.topic for one in rest} - {one.topic for one in found} or {one.topic for one in rest})
        topic = chance.choice(topics)
        one = chance.choice([one for one in rest if one.topic == topic])
        found.append(one)
        rest.remove(one)
    return chance.sample(found, len(found))


# Answering


@transaction.atomic
def answer(*, person: Person, course: CoursePage, right: Mapping[int, bool], on: date) -> None:
    """Count how many the person had right of these questions, and note apart from it that they have answered; once."""
    pulse = pulse_of(person, course, on)
    if pulse is None and has_answered(person, course, on):
        return  # sent twice
    if pulse is None:
        raise NotAsked(_("These questions are not open to you today. Nothing was kept."))
    about = {"person": person, "course": course, "round": pulse.round, "until": pulse.until}
    _row, is_new = PulseAnswered.objects.get_or_create(**about, defaults={"pk": by_chance()})
    if is_new:
        unit = department_of(person, person.municipality, smallest=SMALLEST, on=on)
        _count({"course": course, "round": pulse.round, "unit": unit, "month": on.replace(day=1)}, right)


def _count(of: dict, right: Mapping[int, bool]) -> None:
    questions = Question.objects.filter(pk__in=right).prefetch_related("options")
    by_topic = defaultdict(list)
    for question in questions:
        by_topic[question.topic].append(question)
    PulseTally.objects.get_or_create(**of)
    tally = PulseTally.objects.select_for_update().get(**of)
    tally.number += 1
    tally.sums = _more(tally.sums, [_sum(right, questions)])
    for topic, asked in by_topic.items():
        tally.topics[topic] = _more(tally.topics.get(topic, {}), [_sum(right, asked)])
        # By the wording as it is written, in whatever language it was read.
        wordings = [f"{question.pk} {question.on_paper().edition}" for question in asked]
        tally.asked[topic] = _more(tally.asked.get(topic, {}), wordings)
    tally.save()


def _sum(right: Mapping[int, bool], questions: Collection[Question]) -> str:
    return f"{sum(right[question.pk] for question in questions)}/{len(questions)}"


def _more(counted: Mapping[str, int], found: Iterable[str]) -> dict[str, int]:
    """With these counted too; sorted, so that nothing tells what came first."""
    return dict(sorted((Counter(counted) + Counter(found)).items()))


def lessons_again(course: CoursePage, missed: Collection[Question]) -> list[LessonPage]:
    """Two lessons at most that teach what was missed: their questions, or what bears their name."""
    topics, ids = {question.topic for question in missed}, {question.pk for question in missed}
    teach = [one for one in course.lessons() if one.title in topics or ids & {*one.questions().values()}]
    return teach[:LESSONS_AGAIN]


def forget(on: date) -> int:
    """Remove who has answered what would ask them no more; how many."""
    return PulseAnswered.objects.filter(until__lt=on).delete()[0]
