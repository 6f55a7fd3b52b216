"""What is retained: the estimate against a library and against chance, and what is told of whom."""

import random
from collections import Counter
from datetime import date
from itertools import product

import numpy
import pytest
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import stats

from learning.surveys.intervals import student
from learning.surveys.models import PulseRound, PulseTally
from learning.surveys.retention import at_the_check, estimate, retained, retained_in
from quizzes.counting import Group
from tests.factories import make_goal, make_head, make_unit, moment

TODAY = date(2026, 1, 5)

people = st.lists(st.tuples(st.integers(0, 3), st.integers(1, 3)).filter(lambda one: one[0] <= one[1]), min_size=10)


@settings(max_examples=100)
@given(found=people)
def test_the_estimate_lies_within_its_interval_and_that_within_the_possible(found):
    told = estimate(Counter(found))
    assert told.people == len(found)
    assert 0 <= told.low <= told.share + 1e-9
    assert told.share - 1e-9 <= told.high <= 1
    assert told.low < told.high  # nobody is ever sure


@pytest.mark.parametrize("freedom", [9, 10, 15, 30, 100, 1000])
def test_students_t_is_that_of_scipy(freedom):
    assert student(freedom) == pytest.approx(stats.t.ppf(0.975, freedom), abs=0.002)


def sample(chance, people: int, share: float, alike: float) -> Counter:
    """How many people had how many of three right, where the answers of one hang together so much."""
    each = chance.beta(share * (1 / alike - 1), (1 - share) * (1 / alike - 1), people)
    return Counter((int(right), 3) for right in chance.binomial(3, each))


def test_of_many_people_it_is_the_interval_of_the_mean_of_their_shares():
    found = sample(numpy.random.default_rng(3), 2000, 0.78, 0.3)
    shares = [right / total for (right, total), number in found.items() for _ in range(number)]
    low, high = stats.t.interval(0.95, len(shares) - 1, numpy.mean(shares), stats.sem(shares))
    told = estimate(found)
    assert told.share == pytest.approx(numpy.mean(shares))
    assert (told.low, told.high) == pytest.approx((low, high), abs=0.002)


@pytest.mark.parametrize(("people", "share", "alike"), list(product([12, 40], [0.6, 0.9], [0.1, 0.5])))
def test_it_holds_the_truth_nineteen_times_of_twenty_however_answers_hang_together(people, share, alike):
    chance = numpy.random.default_rng(5)
    told = [estimate(sample(chance, people, share, alike)) for _ in range(1500)]
    held = sum(one.low <= share <= one.high for one in told) / len(told)
    assert held > 0.93


def test_the_check_is_compared_by_the_same_questions_as_often_as_they_were_asked():
    def tries(right, wrong):
        return [
            Group(frozenset(), right=is_right, number=n, compared=0, rest=0, squares=0, told=0, sure=0)
            for is_right, n in ((True, right), (False, wrong))
        ]

    counts = {(1, "a"): tries(90, 10), (2, "a"): tries(30, 30), (3, "a"): tries(5, 5)}
    assert at_the_check({(1, "a"): 3, (2, "a"): 1}, counts) == pytest.approx(0.8)
    assert at_the_check({(1, "a"): 30, (2, "a"): 10, (3, "a"): 1}, counts) == pytest.approx(0.8)
    assert at_the_check({(1, "a"): 3, (3, "a"): 1}, counts) is None
    assert at_the_check({(1, "b"): 3}, counts) is None


# Who is told of


def tally(course, unit, month: date, right: int, wrong: int, topic: str = "A", number: int = 1) -> None:
    """So many had everything right in the unit, and so many nothing."""
    row, _ = PulseTally.objects.get_or_create(course=course, round=number, unit=unit, month=month)
    sums = Counter({"1/1": right, "0/1": wrong})
    row.number += right + wrong
    row.sums = Counter(row.sums) + sums
    row.topics[topic] = Counter(row.topics.get(topic, {})) + sums
    row.asked[topic] = Counter(row.asked.get(topic, {})) + Counter({"1 a": right + wrong})
    row.save()


@pytest.fixture
def units(municipality):
    return {name: make_unit(municipality, name, kind="förvaltning") for name in "ABC"} | {"-": municipality.root}


answers = st.lists(
    st.tuples(st.sampled_from("ABC-"), st.integers(1, 12), st.integers(1, 15), st.sampled_from("XYZ")),
    min_size=1,
    max_size=12,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(found=answers)
def test_what_comes_new_to_a_page_is_never_of_a_small_group(municipality, course, units, found):
    """Quarter by quarter the whole, each unit, each topic and what is left beside them grow by no small group."""
    PulseTally.objects.all().delete()
    for name, month, number, topic in found:
        tally(course, units[name], date(2025, month, 1), number // 2, number - number // 2, topic)
    before = Counter()
    for day in (date(2025, 4, 1), date(2025, 7, 1), date(2025, 10, 1), date(2026, 1, 1)):
        told = retained(course, municipality, PulseRound.FIRST, day, {})
        whole = told.whole.people if told.whole else 0
        now = Counter({unit.name: one.people for unit, one in told.units.items()})
        topics = Counter({topic: one.people for topic, one in told.topics.items()})
        now |= {"whole": whole, "beside units": whole - now.total(), "beside topics": whole - topics.total()}
        now |= topics
        for name in now:
            grown = now[name] - before[name]
            assert grown == 0 or grown >= 10, (name, day)
        before = now


@pytest.fixture
def told(course, units, time_machine):
    time_machine.move_to(moment(TODAY), tick=False)
    chance = random.Random(1)
    for name, number in {"A": 40, "B": 25, "C": 6, "-": 5}.items():
        right = sum(chance.random() < 0.8 for _ in range(number))
        tally(course, units[name], date(2025, 11, 1), right, number - right)
    return course


def test_a_small_department_is_within_the_whole_and_is_met_nowhere(client, told, units, municipality):
    client.force_login(make_head(municipality.root, "coordinator"))
    html = client.get(reverse("surveys:retained")).content.decode()
    assert '<th scope="row">A</th>' in html
    assert '<th scope="row">B</th>' in html
    assert '<th scope="row">C</th>' not in html
    rows = client.get(reverse("surveys:retained_csv")).content.decode("utf-8-sig").splitlines()
    assert len(rows) == 1 + 1 + 1 + 2  # head, the whole, its topic, two departments
    assert [len(retained_in(units[name], told, TODAY)) for name in "ABC-"] == [1, 1, 0, 1]
    assert retained_in(units["A"], told, date(2025, 12, 31)) == []  # the quarter goes on


def test_the_head_of_a_department_is_told_where_enough_have_answered(client, told, units, municipality):
    make_goal(told, municipality)
    for name, rounds in {"A": 1, "C": 0}.items():
        client.force_login(make_head(units[name]))
        response = client.get(reverse("reporting:measures", args=[units[name].pk]))
        assert len(response.context["retained"]) == rounds
    # Of an earlier day nothing is told: what was answered since would be.
    client.force_login(make_head(units["A"]))
    response = client.get(reverse("reporting:measures", args=[units["A"].pk]), {"datum": "2025-12-01"})
    assert response.context["retained"] == []
