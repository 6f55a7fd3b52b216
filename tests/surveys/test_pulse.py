"""A few questions once more: whom they ask and when, of what, and that nothing of it is anybody's."""

from collections import Counter
from datetime import date, timedelta
from types import SimpleNamespace
from uuid import UUID

import pytest
from django.db import models
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from learning.organisation.services import employ, end_employment, grant_leave
from learning.records.exemptions import exempt
from learning.records.models import Completion, LessonProgress
from learning.records.services import withdraw
from learning.surveys import pulse
from learning.surveys.models import PulseAnswered, PulseRound, PulseTally
from learning.surveys.services import NotAsked
from quizzes.models import Question
from tests.factories import make_head, make_municipality, make_person, make_unit, moment, take_check, wrong_answer

DONE = date(2025, 1, 31)
FIRST = date(2025, 2, 28)  # a month after
DAY = timedelta(days=1)
LAST = FIRST + timedelta(days=27)


@pytest.fixture
def person(department, course):
    person = make_person(department)
    take_check(person, course, DONE)
    return person


def rounds(person, course, days) -> list:
    """The rounds that ask the person on the days, each once."""
    found = (pulse.pulse_of(person, course, on) for on in days)
    return list(dict.fromkeys((one.round, one.until) for one in found if one))


def all_days(first: date, number: int) -> list[date]:
    return [first + n * DAY for n in range(number)]


# When


days = st.dates(date(2019, 1, 1), date(2029, 12, 31))


@settings(max_examples=200)
@given(completed_on=days)
def test_each_round_asks_for_four_weeks_and_no_two_on_a_day(completed_on):
    asked = [pulse.round_on(completed_on, on) for on in all_days(completed_on, 400)]
    counted = Counter(one for one in asked if one)
    assert set(counted.values()) == {28}
    assert [number for number, _until in counted] == list(PulseRound)
    assert asked[0] is None
    assert asked[-1] is None


@pytest.mark.parametrize(
    ("completed_on", "firsts"),
    [
        (date(2024, 1, 31), ["2024-02-29", "2024-06-15", "2024-11-30"]),  # a leap day
        (date(2024, 2, 29), ["2024-03-29", "2024-07-14", "2024-12-29"]),
        (date(2025, 10, 31), ["2025-11-30", "2026-03-15", "2026-08-31"]),
    ],
)
def test_a_round_begins_months_after_by_the_calendar(completed_on, firsts):
    assert [str(pulse.window(completed_on, number)[0]) for number in PulseRound] == firsts


def test_the_days_in_the_database_are_those_of_the_calendar(person, course, municipality):
    for number in PulseRound:
        first, last = pulse.window(DONE, number)
        for on, is_due in [(first - DAY, False), (first, True), (last, True), (last + DAY, False)]:
            assert bool(pulse.due_pulses(municipality, on)) is is_due, on


def test_nobody_is_asked_while_away_exempt_or_gone_and_nobody_is_asked_longer_for_it(person, course, department):
    about = {"starts_on": FIRST, "ends_on": FIRST}
    head = make_head(department)
    grant_leave(person=person, reason="sick", **about)
    exempt(person=person, course=course, reason="other", decided_by=head, starts_on=FIRST + DAY, ends_on=FIRST + DAY)
    end_employment(employment=person.employments.get(), last_day=FIRST + 2 * DAY)
    employ(person=person, unit=department, starts_on=FIRST + 5 * DAY)
    asked = [on for on in all_days(FIRST - DAY, 40) if pulse.pulse_of(person, course, on)]
    assert asked == [FIRST + 2 * DAY, *all_days(FIRST + 5 * DAY, 23)]
    assert asked[-1] == LAST


def test_what_counts_no_longer_is_not_asked_about(person, course, municipality):
    assert pulse.pulse_of(person, course, FIRST)
    withdraw(completion=Completion.objects.get(), reason="Fel person.", by=make_head(municipality.root), on=FIRST)
    assert pulse.pulse_of(person, course, FIRST) is None


def test_whoever_completes_it_again_is_asked_from_then_on_and_not_about_both(person, course):
    again = FIRST + 10 * DAY
    pulse.answer(person=person, course=course, right={}, on=FIRST)
    take_check(person, course, again)
    assert rounds(person, course, all_days(FIRST, 400)) == [
        (number, pulse.window(again, number)[1]) for number in PulseRound
    ]


def test_another_municipality_is_not_asked(person, course):
    assert pulse.due_pulses(make_municipality("Annan"), FIRST) == []
    assert [one.person_id for one in pulse.due_pulses(person.municipality, FIRST)] == [person.pk]


def test_as_many_queries_for_many_as_for_one(person, department, course, municipality, django_assert_max_num_queries):
    for _ in range(5):
        take_check(make_person(department), course, DONE)
    with django_assert_max_num_queries(6):
        assert len(pulse.due_pulses(municipality, FIRST)) == 6


# What


def question(pk: int, topic: str, must_pass: bool = False):
    return SimpleNamespace(pk=pk, topic=topic, must_pass=must_pass)


pools = st.dictionaries(st.integers(1, 300), st.tuples(st.sampled_from("ABCDEF"), st.booleans()), min_size=9)
uuids = st.uuids()


@settings(max_examples=60)
@given(before=pools, after=pools, uuid=uuids, data=st.data())
def test_no_question_comes_twice_to_anybody_whatever_becomes_of_the_pool(before, after, uuid, data):
    found = []
    for number in PulseRound:
        pool = [question(pk, *rest) for pk, rest in data.draw(st.sampled_from([before, after])).items()]
        weakness = {one.pk: data.draw(st.sampled_from([0.1, 0.5, 0.9])) for one in pool}
        asked = pulse.drawn(pool, weakness, uuid, number)
        assert len(asked) <= pulse.SIZE
        assert asked == pulse.drawn(list(reversed(pool)), weakness, uuid, number)
        found += [one.pk for one in asked]
    assert len(found) == len(set(found))


def test_over_a_unit_every_question_and_topic_is_asked_and_half_of_it_is_what_few_know():
    pool = [question(pk, "ABCDEF"[pk % 6]) for pk in range(1, 37)]
    weakness = {one.pk: 0.6 if one.pk <= 18 else 0.1 for one in pool}
    papers = [pulse.drawn(pool, weakness, UUID(int=10**30 + 7 * n), PulseRound.FIRST) for n in range(300)]
    assert {len(paper) for paper in papers} == {3}
    asked = Counter(one.pk for paper in papers for one in paper)
    assert set(asked) == set(range(1, 37))
    weak = sum(number for pk, number in asked.items() if pk <= 18) / asked.total()
    assert 0.5 <= weak < 0.9


def test_what_must_be_right_is_asked_of_everybody_in_one_of_the_rounds():
    pool = [question(pk, "AB"[pk % 2], must_pass=pk in (4, 8)) for pk in range(1, 31)]
    weakness = dict.fromkeys(range(1, 31), 0.5)
    for n in range(30):
        asked = [one.pk for number in PulseRound for one in pulse.drawn(pool, weakness, UUID(int=n), number)]
        assert {4, 8} <= set(asked)


# Answering


@pytest.fixture
def _today(time_machine):
    time_machine.move_to(moment(FIRST), tick=False)


def address(course) -> str:
    return reverse("surveys:pulse", args=[course.pk])


def take(client, course, right: bool | None) -> list:
    """Answer every question as the pages ask it; None: choose nothing. What each answer was met with."""
    page, responses = client.get(address(course)), []
    while page.context and "sheet" in page.context and not page.context["answered"]:
        asked = page.context["told"]["question"]
        chosen = [] if right is None else asked.key if right else wrong_answer(asked)
        data = {"sheet": page.context["sheet"], "question": asked.id, "choice": list(chosen)}
        responses.append(client.post(address(course), data))
        if right is None:
            break
        page = client.post(address(course), {"sheet": responses[-1].context["sheet"]})
    return [*responses, page]


@pytest.mark.usefixtures("_today")
def test_it_is_offered_answered_and_counted_once_and_nothing_follows_from_it(client, person, course):
    client.force_login(person)
    assert address(course) in client.get(reverse("records:my_page")).content.decode()
    before = Completion.objects.count(), LessonProgress.objects.count()
    assert not PulseTally.objects.exists()
    *answered, done = take(client, course, right=True)
    assert all(one.context["right"] for one in answered)
    assert "Därför" in answered[0].content.decode()
    assert done.context["lessons"] == []
    tally = PulseTally.objects.get()
    number = len(answered)
    assert (tally.number, tally.sums, tally.month) == (1, {f"{number}/{number}": 1}, FIRST.replace(day=1))
    assert sum(sum(found.values()) for found in tally.asked.values()) == number
    assert (Completion.objects.count(), LessonProgress.objects.count()) == before
    assert address(course) not in client.get(reverse("records:my_page")).content.decode()
    # Neither the last answer sent again nor the page opened again changes or tells anything.
    again = client.get(address(course))
    assert (again.status_code, again.templates[0].name) == (200, "surveys/pulse_answered.html")
    pulse.answer(person=person, course=course, right={}, on=FIRST)
    assert PulseTally.objects.get().number == 1


@pytest.mark.usefixtures("_today")
def test_whoever_misses_something_is_shown_where_it_is_taught(client, person, course):
    # Who is asked what is drawn by the person's uuid, and two of the questions are taught in no lesson.
    person.uuid = UUID(int=7)
    person.save()
    client.force_login(person)
    *_answered, done = take(client, course, right=False)
    assert 1 <= len(done.context["lessons"]) <= 2
    assert all(lesson.url in done.content.decode() for lesson in done.context["lessons"])
    assert set(PulseTally.objects.get().sums) <= {"0/2", "0/3", "0/1"}


@pytest.mark.usefixtures("_today")
def test_an_answer_that_is_missing_is_refused_and_the_same_question_asked(client, person, course):
    client.force_login(person)
    first = client.get(address(course)).context
    refused, _page = take(client, course, right=None)
    assert refused.status_code == 400
    assert refused.context["told"]["question"] == first["told"]["question"]
    assert not PulseTally.objects.exists()


@pytest.mark.usefixtures("_today")
def test_what_was_made_for_somebody_else_is_not_taken(client, person, course, department):
    other = make_person(department)
    take_check(other, course, DONE)
    client.force_login(other)
    sheet = client.get(address(course)).context["sheet"]
    client.force_login(person)
    page = client.post(address(course), {"sheet": sheet})
    assert page.context["position"] == 1
    assert page.context["problem"]


@pytest.mark.usefixtures("_today")
def test_whoever_is_not_asked_finds_nothing(client, department, course, person):
    client.force_login(make_person(department))
    assert client.get(address(course)).status_code == 404
    client.force_login(make_person(make_unit(make_municipality("Annan"))))
    assert client.get(address(course)).status_code == 404
    with pytest.raises(NotAsked):
        pulse.answer(person=person, course=course, right={}, on=LAST + DAY)


@pytest.mark.usefixtures("_today")
def test_that_somebody_has_answered_is_forgotten_when_their_time_is_over(person, course):
    pulse.answer(person=person, course=course, right={}, on=FIRST)
    assert pulse.forget(LAST) == 0
    assert pulse.forget(LAST + DAY) == 1
    assert pulse.pulse_of(person, course, LAST + DAY) is None


# Whose


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=8)
@given(data=st.data())
def test_the_rows_are_the_same_in_whatever_order_people_answer(department, course, data):
    PulseTally.objects.all().delete()
    PulseAnswered.objects.all().delete()
    questions = list(Question.objects.order_by("pk"))
    answers = [{questions[n % 3].pk: n % 2 == 0, questions[3].pk: n % 4 > 0} for n in range(6)]
    people = [make_person(department) for _ in answers]
    for person in people:
        take_check(person, course, DONE)
    kept = []
    for order in (range(6), data.draw(st.permutations(range(6)))):
        for n in order:
            pulse.answer(person=people[n], course=course, right=answers[n], on=FIRST)
        kept.append(list(PulseTally.objects.values("unit", "month", "number", "sums", "topics", "asked")))
        PulseTally.objects.all().delete()
        PulseAnswered.objects.all().delete()
    assert str(kept[0]) == str(kept[1])


def test_no_column_leads_from_an_answer_to_a_person_or_a_moment():
    keys = {field.related_model.__name__ for field in PulseTally._meta.local_fields if field.is_relation}
    assert keys == {"CoursePage", "OrgUnit"}
    assert not [field for field in PulseTally._meta.get_fields() if field.auto_created and field.is_relation]
    columns = {field.name for field in PulseAnswered._meta.local_fields}
    assert columns == {"id", "person", "course", "round", "until"}
    assert not any(isinstance(field, models.DateTimeField) for field in PulseAnswered._meta.local_fields)
