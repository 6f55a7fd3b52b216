"""Heads and coordinators decide that a course is not asked of somebody for a time; the decision stays."""

from datetime import date, timedelta

import pytest
from django.db.models import ProtectedError
from django.urls import reverse
from django.utils.formats import date_format

from learning.coverage import figures
from learning.coverage.models import Status
from learning.coverage.services import settle
from learning.dated import DAY
from learning.records.exemptions import AlreadyExempt, NotToBeEnded, end_exemption, exempt
from learning.records.models import Exemption
from tests.factories import make_goal, make_head, make_municipality, make_person, make_unit, moment, take_check

TODAY = date(2026, 3, 2)
LAST = date(2026, 6, 30)


@pytest.fixture(autouse=True)
def _on_a_day(time_machine):
    time_machine.move_to(moment(TODAY), tick=False)


@pytest.fixture
def head(unit):
    return make_head(unit)


def asked(course, **fields) -> dict:
    return {"course": course.pk, "reason": "leaves", "starts_on": TODAY, "ends_on": LAST, "words": "", **fields}


def decide(client, by, person, course, **fields):
    client.force_login(by)
    return client.post(reverse("records:decisions", args=[person.uuid]), asked(course, **fields))


def test_a_head_exempts_somebody_until_a_day_and_the_figures_leave_them_out(client, head, person, course, municipality):
    goal = make_goal(course, municipality)
    assert decide(client, head, person, course).status_code == 302
    exemption = Exemption.objects.get()
    assert (exemption.decided_by, exemption.starts_on, exemption.ends_on) == (head, TODAY, LAST)
    settle()
    status = dict(figures.people(goal.requirement, person.employments.get().unit, LAST))
    assert status[person.pk] == Status.EXEMPT


def test_a_head_sees_how_a_person_stands_and_finds_the_way_back(client, head, person, course, municipality, unit):
    make_goal(course, municipality)
    settle()
    client.force_login(head)

    def page() -> str:
        html = client.get(reverse("records:decisions", args=[person.uuid])).content.decode()
        assert f'href="{reverse("reporting:unit", args=[unit.pk])}"' in html
        return html.partition('aria-labelledby="asked"')[2].partition("</section>")[0]

    assert "Provkurs" in page()
    assert "Inte påbörjad" in page()
    take_check(person, course, TODAY - DAY)
    assert "Genomförd" in page()
    day = date_format(TODAY - DAY, "j F Y")
    assert f"genomförd {day} (Klarad kunskapskontroll)" in page()


def test_the_page_leads_to_the_register_those_who_keep_it(client, head, person, unit):
    address = reverse("register:person", args=[person.uuid])
    for reader, leads_there in {head: False, make_head(unit, "coordinator"): True}.items():
        client.force_login(reader)
        html = client.get(reverse("records:decisions", args=[person.uuid])).content.decode()
        assert (f'href="{address}"' in html) is leads_there


def test_the_person_reads_it_on_their_own_page(client, head, person, course):
    decide(client, head, person, course)
    client.force_login(person)
    page = client.get(reverse("records:my_page"))
    assert [one.decided_by for one in page.context["exemptions"]] == [head]
    assert str(head) in page.content.decode()


@pytest.mark.parametrize(
    ("function", "fields", "allowed"),
    [
        ("head", {"ends_on": ""}, False),
        ("coordinator", {"ends_on": ""}, True),
        ("head", {"starts_on": TODAY - DAY}, False),
        ("coordinator", {"starts_on": TODAY - DAY}, True),
        ("head", {"ends_on": TODAY - DAY}, False),
        ("head", {"reason": "other"}, False),
        ("head", {"reason": "other", "words": "Pensionär på timmar."}, True),
    ],
)
def test_what_each_may_decide(client, municipality, unit, person, course, function, fields, allowed):
    place = municipality.root if function == "coordinator" else unit
    answer = decide(client, make_head(place, function), person, course, **fields)
    assert (answer.status_code, Exemption.objects.exists()) == ((302, True) if allowed else (400, False))


def test_nobody_decides_for_themselves_for_others_units_or_for_another_municipality(client, head, unit, course):
    foreign = make_person(make_unit(make_municipality("Annan")))
    beside = make_person(make_unit(unit.get_parent()))
    for person in (head, beside, foreign):
        assert decide(client, head, person, course).status_code == 404
    coordinator = make_head(unit.get_root(), "coordinator")
    for person in (coordinator, foreign):
        assert decide(client, coordinator, person, course).status_code == 404
    assert not Exemption.objects.exists()


def test_it_is_ended_early_and_stays(client, head, person, course):
    exemption = exempt(
        person=person, course=course, starts_on=TODAY - 30 * DAY, ends_on=None, reason="leaves", decided_by=head
    )
    client.force_login(head)
    client.post(reverse("records:end_exemption", args=[exemption.pk]))
    exemption.refresh_from_db()
    assert (exemption.ends_on, exemption.ended_by) == (TODAY - DAY, head)
    page = client.get(reverse("records:decisions", args=[person.uuid]))
    assert (page.context["in_force"], page.context["over"]) == ([], [exemption])
    with pytest.raises(NotToBeEnded):
        end_exemption(exemption=exemption, last_day=TODAY, by=head, now=moment(TODAY))
    with pytest.raises(ProtectedError):
        person.delete()


def test_two_exemptions_from_a_course_never_hold_at_once(person, course, head):
    about = {"person": person, "course": course, "reason": "leaves", "decided_by": head}
    exempt(**about, starts_on=TODAY, ends_on=LAST)
    with pytest.raises(AlreadyExempt):
        exempt(**about, starts_on=LAST, ends_on=None)
    exempt(**about, starts_on=LAST + timedelta(days=1), ends_on=None)
    assert Exemption.objects.count() == 2
