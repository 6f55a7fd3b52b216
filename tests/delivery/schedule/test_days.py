"""What people are sent from day to day: planned by the clock, looked at again when it is sent."""

import re
from datetime import date, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from learning.access.lesson_links import revoke
from learning.coverage.services import settle
from learning.delivery.models import Message, State, Why
from learning.delivery.schedule.models import Acceptance, CourseSchedule, MailPlan, Recipient
from learning.delivery.schedule.services import MANY, plan_day, stop, waits_for_yes
from learning.delivery.services import note_dead_address
from learning.delivery.tasks import tick_send
from learning.organisation.services import end_employment, grant_leave
from learning.records.overview import CourseState, left_of
from learning.records.services import finish_lesson
from tests.delivery.schedule.clock import at
from tests.delivery.schedule.conftest import THURSDAY, TUESDAY
from tests.factories import (
    make_goal,
    make_head,
    make_municipality,
    make_person,
    make_requirement,
    make_unit,
    take_check,
)

NEXT_TUESDAY = TUESDAY + timedelta(days=7)


def take(person, course, number, day):
    finish_lesson(person=person, lesson=list(course.lessons())[number], now=at(day, 12))


def whys():
    return list(Message.objects.exclude(why="").values_list("kind", "why"))


def test_lessons_come_one_at_a_time_then_the_check_and_then_nothing(live, learner, course):
    first, second = (page.title for page in course.lessons())
    assert live(TUESDAY - timedelta(days=1)) == []  # a Monday
    assert [(first in subject, to) for subject, to in live(TUESDAY)] == [(True, learner.email)]
    take(learner, course, 0, TUESDAY)
    assert [second in subject for subject, _to in live(THURSDAY)] == [True]
    take(learner, course, 1, THURSDAY)
    assert [course.title in subject for subject, _to in live(NEXT_TUESDAY)] == [True]
    take_check(learner, course, NEXT_TUESDAY)
    Message.objects.filter(kind="completed").delete()
    assert live(NEXT_TUESDAY + timedelta(days=7)) == []
    assert list(Message.objects.order_by("pk").values_list("kind", flat=True)) == ["lesson", "lesson", "check"]


def test_a_tick_that_comes_again_adds_nothing(live):
    assert len(live(TUESDAY)) == 1
    assert live(TUESDAY, 10) == live(TUESDAY, 15) == []


def test_what_is_planned_before_the_hours_waits_for_them(live, mail_plan):
    assert live(TUESDAY, 5) == []
    assert Message.objects.get().send_after == at(TUESDAY, 8)
    assert live(TUESDAY, 7) == []
    assert len(live(TUESDAY, 8)) == 1


def test_what_could_not_be_sent_by_the_evening_waits_for_the_morning(live, mail_plan):
    plan_day(mail_plan, at(TUESDAY, 15))
    assert live(TUESDAY, 16, plans=False) == []
    assert Message.objects.get().due_at == at(TUESDAY + timedelta(days=1), 8)
    assert len(live(TUESDAY + timedelta(days=1), 8)) == 1


def done(learner, course):
    take(learner, course, 0, TUESDAY)


def leaves(learner, course):
    end_employment(employment=learner.employments.get(), last_day=TUESDAY - timedelta(days=1))


def is_away(learner, course):
    grant_leave(person=learner, starts_on=TUESDAY, ends_on=None, reason="sick")


def is_protected(learner, course):
    type(learner).objects.filter(pk=learner.pk).update(is_protected=True)


def is_stopped(learner, course):
    plan = MailPlan.objects.get()
    stop(plan=plan, by=plan.started_by)


@pytest.mark.parametrize(
    ("happens", "why"),
    [
        (done, Why.SETTLED),
        (leaves, Why.NOT_EMPLOYED),
        (is_away, Why.NOT_ASKED),
        (is_protected, Why.PROTECTED),
        (is_stopped, Why.SWITCHED_OFF),
    ],
)
def test_what_happens_between_planning_and_sending_calls_it_off(live, mail_plan, learner, course, happens, why):
    plan_day(mail_plan, at(TUESDAY, 6))
    happens(learner, course)
    assert live(TUESDAY, plans=False) == []
    assert whys() == [("lesson", why)]


def test_nobody_is_mailed_before_somebody_has_started_it(live, mail_plan):
    MailPlan.objects.update(started_at=None)
    assert live(TUESDAY) == []
    assert not Message.objects.exists()


def test_many_who_are_new_at_once_wait_for_a_yes_and_a_few_do_not(live, mail_plan, municipality, unit, learner):
    make_person(unit)
    assert waits_for_yes(municipality, TUESDAY) == 0
    assert len(live(TUESDAY)) == 2
    for _number in range(MANY + 1):
        make_person(unit)
    assert waits_for_yes(municipality, TUESDAY) == MANY + 1
    settle()
    live(THURSDAY)
    assert Recipient.objects.filter(person__employments__unit=unit).count() == 2


def test_nobody_whom_mail_does_not_reach_is_planned_for(live, mail_plan, learner, unit):
    note_dead_address(learner, error="550", now=at(TUESDAY))
    make_person(unit, email=None)
    assert live(TUESDAY) == []
    assert not Message.objects.exists()


def test_another_municipalitys_plan_mails_nobody_here(mail_plan, learner):
    other = make_municipality("Annan")
    make_person(make_unit(other))
    elsewhere = MailPlan.objects.create(municipality=other, started_at=at(TUESDAY, 1))
    plan_day(elsewhere, at(TUESDAY))
    assert not Message.objects.filter(person=learner).exists()


def test_a_course_comes_on_its_own_days(live, course):
    CourseSchedule.objects.create(course=course, weekdays=[4], per_week=1)
    assert live(TUESDAY) == []
    assert len(live(date(2026, 3, 6))) == 1


def test_the_link_of_a_mail_opens_the_lesson_until_it_is_revoked(mail_plan, mailoutbox, learner, client, course):
    with time_machine.travel(at(TUESDAY, 9), tick=False):
        plan_day(mail_plan, at(TUESDAY))
        tick_send()
        [mail] = mailoutbox
        address = re.search(r"https?://[^/]+(/l/\S+)", mail.body)[1]
        assert course.lessons().first().title.encode() in client.get(address).content
        assert client.post(address).status_code == 302
        assert client.get(reverse("records:my_page")).status_code == 302  # lessons, and nothing else
        revoke(learner)
        assert client.get(address).status_code == 400


def test_who_has_not_done_it_is_reminded_before_the_last_day_and_after_it(live):
    days = [TUESDAY + timedelta(days=n) for n in range(120)]
    sent = {day: live(day) for day in days if day.weekday() < 5}
    kinds = list(Message.objects.order_by("send_after").values_list("kind", flat=True))
    assert kinds == ["lesson", "lesson", "reminder", "reminder", "reminder"]
    assert [day for day, mails in sent.items() if mails] == [
        TUESDAY,
        NEXT_TUESDAY,
        date(2026, 5, 15),  # the 17th is a Sunday
        date(2026, 5, 29),
        date(2026, 6, 12),
    ]


def test_what_is_offered_comes_only_to_who_says_yes(live, mail_plan, mailoutbox, course, municipality, client, unit):
    make_requirement(course, municipality, {"population": "elected"}, obligation="offer", key="erbjudande")
    official = make_person(unit, population="elected")
    with time_machine.travel(at(TUESDAY, 9), tick=False):
        settle()
        plan_day(mail_plan, at(TUESDAY))
        tick_send()
    [mail] = [one for one in mailoutbox if one.to == [official.email]]
    assert "List-Unsubscribe" in mail.extra_headers
    assert all("List-Unsubscribe" not in one.extra_headers for one in mailoutbox if one is not mail)
    address = re.search(r"https?://[^/]+(/utskick/erbjudande/\S+)", mail.body)[1]
    mailoutbox.clear()
    assert not [one for one in live(THURSDAY) if official.email in one]
    client.get(address)
    assert not Acceptance.objects.exists()
    client.post(address), client.post(address)
    assert Acceptance.objects.get().person == official
    assert client.post(address[:-3] + "x/").status_code == 404
    assert [one for one in live(NEXT_TUESDAY) if official.email in one]
    client.force_login(official)
    assert address in client.get(reverse("delivery:mine")).content.decode()
    client.post(address, {"answer": "no"})
    assert not [one for one in live(NEXT_TUESDAY + timedelta(days=7)) if official.email in one]
    assert address not in client.get(reverse("delivery:mine")).content.decode()


def test_heads_get_three_numbers_a_month_and_no_name(live, mailoutbox, mail_plan, course, unit, municipality, learner):
    make_goal(course, municipality)
    head = make_head(unit, last_name="Chefsson")
    settle()
    sent = [one for one in live(date(2026, 4, 7)) if head.email in one and unit.name in one[0]]  # the 5th is Easter
    assert len(sent) == 1
    assert not [one for one in live(date(2026, 4, 8)) if unit.name in one[0]]
    assert Message.objects.filter(kind="digest").count() == 1


def test_a_head_hears_of_those_overdue_once_a_month_and_only_the_nearest(live, unit, learner, municipality):
    head, far = make_head(unit, first_name="Nära"), make_head(municipality.root, first_name="Långt borta")
    overdue = date(2026, 5, 31) + timedelta(days=31)
    live(overdue - timedelta(days=1))
    assert not Message.objects.filter(kind="escalation").exists()
    sent = [subject for subject, to in live(overdue) if to == head.email]
    assert [subject for subject in sent if subject.startswith(unit.name)]
    live(overdue + timedelta(days=1))
    # Those who head it are asked too, and the far one has no head nearer than themself.
    assert set(Message.objects.filter(kind="escalation").values_list("person", "state")) == {
        (head.pk, State.SENT),
        (far.pk, State.SENT),
    }
    assert Message.objects.filter(kind="escalation").count() == 2


def test_what_is_left_of_a_course_is_told_alike_for_one_and_for_many(course, unit):
    people = [make_person(unit) for _number in range(4)]
    day = date(2026, 3, 2)
    take(people[1], course, 0, day)
    for number in range(2):
        take(people[2], course, number, day)
        take(people[3], course, number, day)
    take_check(people[3], course, day)
    left = left_of(course, [person.pk for person in people], on=day)
    for person in people:
        state = CourseState(person, course, day)
        assert (list(left[person.pk].lessons), left[person.pk].check) == (state.left, state.asks_for_the_check)
    assert [len(left[person.pk].lessons) for person in people] == [2, 1, 0, 0]


def test_thirty_cost_as_many_queries_as_one(mail_plan, unit):
    def queries(day):
        settle()
        with CaptureQueriesContext(connection) as found:
            plan_day(mail_plan, at(day))
        return len(found)

    make_person(unit)
    few = queries(TUESDAY)
    for _number in range(30):
        make_person(unit)
    assert queries(THURSDAY) <= few + 2
