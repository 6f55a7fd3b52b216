"""The head's page: those who need it are reminded, and not again before long."""

from datetime import timedelta

import pytest
from django.urls import reverse

from learning.coverage.services import settle
from learning.delivery.models import Message, State
from learning.delivery.schedule.models import MailPlan
from learning.delivery.schedule.services import start, stop
from tests.delivery.schedule.clock import at
from tests.delivery.schedule.conftest import TUESDAY
from tests.factories import make_goal, make_head, make_person, make_unit


@pytest.fixture
def goal(course, municipality):
    """The course is asked of all employees at once, since long."""
    return make_goal(course, municipality)


@pytest.fixture
def started(goal, municipality, coordinator, unit):
    """A unit with a head and two who need the course, and mailing."""
    head, needing = make_head(unit), [make_person(unit), make_person(unit)]
    settle()
    plan = MailPlan.objects.create(municipality=municipality)
    start(plan=plan, by=coordinator, now=at(TUESDAY - timedelta(days=1)))
    return head, needing, plan


def test_a_head_reminds_those_who_need_it_and_not_again_within_two_weeks(today, client, started, goal, unit):
    head, needing, _plan = started
    client.force_login(head)
    unit_page = reverse("reporting:unit", args=[unit.pk])
    address = reverse("delivery:remind", args=[unit.pk, goal.requirement_id])
    assert address in client.get(unit_page).content.decode()
    client.get(address)
    assert not Message.objects.exists()
    assert client.post(address).status_code == 302
    asked = Message.objects.filter(kind="reminder")
    assert {*asked.values_list("person", flat=True)} == {head.pk, *(one.pk for one in needing)}
    assert {*asked.values_list("send_after", flat=True)} == {at(TUESDAY, 9)}
    told = [line.mailed for line in client.get(unit_page).context["people"]]
    assert [len(words) for words in told] == [1, 1, 1]
    assert all("3 mars" in words[0] for words in told)
    _go_to(today, TUESDAY + timedelta(days=13), client, head)
    assert client.post(address).status_code == 409
    _go_to(today, TUESDAY + timedelta(days=14), client, head)
    Message.objects.update(state=State.SENT, sent_at=at(TUESDAY, 9))
    assert client.post(address).status_code == 302
    assert asked.count() == 6


def _go_to(clock, day, client, person):
    """A session does not last as long."""
    clock.move_to(at(day, 9))
    client.force_login(person)


def test_it_is_said_why_the_others_are_not_reminded(today, client, started, goal, unit):
    head, _needing, _plan = started
    client.force_login(head)
    address = reverse("delivery:remind", args=[unit.pk, goal.requirement_id])
    client.post(address)
    waiting = client.get(address).content.decode()
    assert "3 personer har blivit påminda de senaste fjorton dagarna eller ska bli det" in waiting
    assert "Den senaste påminnelsen" not in waiting, "none has been sent yet"
    Message.objects.update(state=State.SENT, sent_at=at(TUESDAY, 9))
    make_person(unit, email=None)
    make_person(unit)
    settle()
    told = client.get(address).content.decode()
    assert "Den senaste påminnelsen är från 3 mars 2026" in told
    assert "1 person saknar en e-postadress som fungerar" in told
    assert "1 person är inte med i utskicken än" in told


def test_nobody_reminds_the_people_of_another_unit(today, client, started, goal, unit, municipality):
    client.force_login(make_head(make_unit(municipality)))
    assert client.post(reverse("delivery:remind", args=[unit.pk, goal.requirement_id])).status_code == 404
    assert not Message.objects.exists()


def test_before_anything_is_mailed_the_page_says_so(today, client, started, goal, unit, coordinator):
    head, _needing, plan = started
    stop(plan=plan, by=coordinator)
    client.force_login(head)
    address = reverse("delivery:remind", args=[unit.pk, goal.requirement_id])
    assert address not in client.get(reverse("reporting:unit", args=[unit.pk])).content.decode()
    client.post(address)
    assert not Message.objects.exists()
