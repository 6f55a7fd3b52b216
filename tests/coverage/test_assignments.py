"""What is asked of whom, why and by when: through the verbs that change it, and on one's own page."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import translation

from courses.editions import Kind, open_edition
from learning.coverage.assignments import NEAR, of_person, open_on
from learning.coverage.models import Cause
from learning.coverage.services import settle
from learning.organisation.services import appoint, employ, end_employment, grant_leave
from learning.plans.services import require
from learning.records.models import EvidenceLevel
from learning.records.services import finish_lesson, record_completion
from tests.factories import (
    FOUNDED,
    make_course,
    make_goal,
    make_head,
    make_municipality,
    make_person,
    make_requirement,
    make_sibling,
    make_unit,
    moment,
    take_check,
)

DAY = timedelta(days=1)
TODAY = date(2026, 3, 2)


def of(person, on=TODAY):
    settle()
    return of_person(person, on)


def complete(person, course, on, level=EvidenceLevel.CHECKED):
    return record_completion(person=person, course=course, on=on, evidence_level=level)


def test_who_begins_is_asked_from_the_first_day_with_the_days_of_the_rule(municipality, unit, course):
    requirement = make_requirement(course, municipality, rule={"grace_days": 30})
    person = make_person(unit, starts_on=TODAY)
    [one] = of(person)
    assert (one.requirement, one.unit_id, one.course) == (requirement, unit.pk, course)
    assert (one.cause, one.since, one.due_on) == (Cause.HIRED, TODAY, TODAY + timedelta(days=29))
    assert of(person, TODAY - DAY) == []
    complete(person, course, TODAY)
    assert of(person) == []


def test_several_employments_are_asked_once_and_what_has_priority_comes_first(municipality, unit, course):
    make_requirement(course, municipality, priority=2)
    first = make_requirement(make_sibling(course), municipality, priority=1)
    person = make_person(unit)
    employ(person=person, unit=make_unit(municipality), starts_on=TODAY, is_main=False)
    found = of(person)
    assert len(found) == 2
    assert found[0].requirement == first


def test_a_head_is_asked_with_the_function_and_no_longer_without_it(municipality, unit, course):
    make_requirement(course, municipality, rule={"functions": ["head"], "role_words": ["rektor"]})
    person, principal = make_person(unit), make_person(unit, role="Biträdande Rektor")
    assert (of(person), len(of(principal))) == ([], 1)
    appoint(person=person, unit=unit, function="head", starts_on=TODAY, ends_on=TODAY)
    assert [one.cause for one in of(person)] == [Cause.APPOINTED]
    assert of(person, TODAY + DAY) == []


def test_a_rule_for_some_units_means_those_below_them_and_no_others(municipality, unit, course):
    make_requirement(course, municipality, rule={"units": [unit]})
    below, beside = make_person(make_unit(unit)), make_person(make_unit(municipality))
    assert (len(of(below)), of(beside)) == (1, [])


def test_what_ends_within_sixty_days_is_asked_for_through_its_last_day_by_the_refresher(municipality, unit, course):
    refresher = make_sibling(course, validity_months=12)
    make_requirement(course, municipality, rule={"refresher_course": refresher})
    person = make_person(unit)
    last = complete(person, course, TODAY - timedelta(days=700)).valid_through
    assert of(person, last - NEAR - DAY) == []
    [one] = of(person, last - NEAR)
    assert (one.cause, one.due_on, one.since, one.course) == (Cause.RENEWAL, last, last - NEAR, refresher)
    assert [(late.cause, late.course) for late in of(person, last + DAY)] == [(Cause.EXPIRED, refresher)]
    complete(person, refresher, last)
    assert of(person, last + timedelta(days=400)) == []


def test_nothing_is_renewed_that_ends_after_the_employment(municipality, unit, course):
    make_requirement(course, municipality)
    person = make_person(unit)
    last = complete(person, course, TODAY - timedelta(days=700)).valid_through
    end_employment(employment=person.employments.get(), last_day=last)
    assert of(person, last) == []


def test_a_refresher_alone_is_no_completion(municipality, unit, course):
    refresher = make_sibling(course)
    make_requirement(course, municipality, rule={"refresher_course": refresher})
    person = make_person(unit)
    complete(person, refresher, TODAY)
    assert [one.course for one in of(person)] == [course]


@pytest.mark.parametrize("accepts", [True, False])
def test_what_was_learned_elsewhere_counts_where_the_rule_says_so(municipality, unit, course, accepts):
    make_requirement(course, municipality, rule={"accepts_outside": accepts})
    person = make_person(unit)
    complete(person, course, TODAY, EvidenceLevel.REPORTED)
    assert len(of(person)) == (not accepts)


def test_the_rule_may_shorten_how_long_it_counts_and_never_lengthen(municipality, unit, course):
    make_requirement(course, municipality, rule={"validity_months": 6})
    make_requirement(course, municipality, key="langre", rule={"validity_months": 60})
    person, done = make_person(unit), date(2024, 1, 1)
    complete(person, course, done)
    settle()
    ends = {row.requirement.key: row.since for row in person.standings.filter(cause=Cause.EXPIRED)}
    assert sorted(ends.values()) == [date(2024, 7, 1), date(2026, 1, 1)]


def test_an_edition_asks_those_who_have_an_earlier_one(municipality, unit, course):
    make_requirement(course, municipality)
    person, done = make_person(unit), make_person(unit)
    for one in (person, done):
        complete(one, course, TODAY - timedelta(days=100))
    lesson = course.lessons().first()
    about = {"course": course, "by": person, "note": "Nytt", "after": 1}
    open_edition(**about, kind=Kind.DELTA, lessons=[lesson], on=TODAY)
    finish_lesson(person=done, lesson=lesson, now=moment(TODAY))
    assert [(one.cause, one.since, one.due_on) for one in of(person)] == [(Cause.EDITION, TODAY, None)]
    assert (of(done), of(person, TODAY - DAY)) == ([], [])


def test_leave_lets_everything_rest_and_the_days_begin_anew_after_it(municipality, unit, course):
    make_requirement(course, municipality, rule={"grace_days": 10, "due_on": TODAY - timedelta(days=50)})
    person = make_person(unit)
    grant_leave(person=person, starts_on=TODAY - DAY, ends_on=TODAY, reason="sick")
    assert of(person) == []
    [one] = of(person, TODAY + DAY)
    assert (one.cause, one.due_on) == (Cause.RETURNED, TODAY + timedelta(days=10))


def test_an_offer_comes_last_and_has_no_last_day(municipality, unit, course):
    rule = {"grace_days": 10, "due_on": TODAY}
    make_requirement(make_sibling(course), municipality, obligation="offer", rule=rule)
    make_requirement(course, municipality, key="krav", priority=5, rule=rule)
    found = of(make_person(unit))
    assert [(one.is_offer, one.due_on is None) for one in found] == [(False, False), (True, True)]


@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_reason_is_said_in_words_that_differ_by_obligation(municipality, unit, course, language):
    for obligation in ("must", "need", "offer"):
        make_requirement(course, municipality, key=obligation, obligation=obligation)
    person = make_person(unit, starts_on=TODAY)
    with translation.override(language):
        reasons = {one.why for one in of(person)}
    assert len(reasons) == 3
    assert all("mer kunskap" in why and "2026" in why for why in reasons)


def test_a_plan_is_named_as_the_source(municipality, unit, course):
    goal = make_goal(course, municipality)
    make_requirement(course, municipality, title=goal.requirement.title)
    first, second = (one.why for one in of(make_person(unit)))
    assert len(first) > len(second)


def test_it_is_asked_as_often_of_the_database_for_ten_people_as_for_one(
    municipality, unit, course, django_assert_num_queries, django_assert_max_num_queries
):
    make_requirement(course, municipality, rule={"units": [unit]})
    stranger = make_municipality("Annan")
    make_requirement(make_course(stranger), stranger)
    make_person(make_unit(stranger))
    make_person(unit)
    complete(make_person(unit), course, TODAY - timedelta(days=700))
    about = {"kind": Kind.DELTA, "note": "Nytt", "lessons": list(course.lessons()), "after": 1}
    open_edition(course=course, by=make_person(unit), on=TODAY, **about)
    settle()
    with django_assert_max_num_queries(25) as few:
        assert len(open_on(municipality, TODAY)) == 3
    for n in range(10):
        complete(make_person(unit), course, TODAY - timedelta(days=30 + n))
    settle()
    with django_assert_num_queries(len(few)):
        assert len(open_on(municipality, TODAY)) == 13


def test_ones_own_page_says_why_and_by_when_and_keeps_offers_apart(client, municipality, unit, course):
    make_requirement(course, municipality, rule={"due_on": date(2100, 12, 31)})
    offered = make_sibling(course)
    make_requirement(offered, municipality, key="offer", obligation="offer")
    person = make_person(unit)
    client.force_login(person)
    page = client.get(reverse("records:my_page"))
    asked, offer = page.context["states"]
    assert (asked.course, offer.course, page.context["offered"]) == (course, offered, [offer])
    assert page.context["minutes_left"] == asked.minutes_left
    html = page.content.decode()
    assert asked.asked.why in html
    assert "31 december 2100" in html
    take_check(person, course, date.today())
    page = client.get(reverse("records:my_page"))
    assert page.context["all_done"] is True


def test_a_change_of_the_rule_is_felt_by_those_whom_it_concerns(municipality, unit, course):
    requirement = make_requirement(course, municipality)
    cook = make_person(unit, role="Kock")
    assert len(of(cook)) == 1
    require(requirement=requirement, terms={"role_words": ["lärare"]}, on=TODAY)
    assert (of(cook), len(of(cook, TODAY - DAY))) == ([], 1)


def test_the_head_sees_by_when(client, municipality, unit, course, time_machine):
    time_machine.move_to(moment(TODAY))
    goal = make_goal(course, municipality, due_on=date(2027, 1, 1))
    require(requirement=goal.requirement, terms={"grace_days": 0, "due_on": date(2026, 6, 30)}, on=FOUNDED)
    make_person(unit)
    head = make_head(unit)
    settle()
    client.force_login(head)
    lines = client.get(reverse("reporting:unit", args=[unit.pk])).context["people"]
    assert [line.due_on for line in lines] == [date(2026, 6, 30)] * 2
