"""A lesson taken together: what the room sees, who is let in by the code, and what stands of each who was there."""

import re
import threading
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urljoin

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from courses.models import CoursePage, Edition
from learning.access.models import AccessEntry
from learning.coverage import figures
from learning.coverage.services import settle
from learning.records.keeping import PageIsTaken
from learning.records.models import Attendance, Completion, EvidenceLevel, GroupSession, LessonProgress
from learning.records.overview import CourseState
from learning.records.services import finish_lesson
from learning.records.together import SIGNS, AlreadyAttested, SessionOver, attest, end_session, start_session
from tests.factories import (
    make_course,
    make_goal,
    make_head,
    make_lesson,
    make_municipality,
    make_person,
    make_unit,
    moment,
    take_check,
)
from tests.records.test_cards_taken import KINDS

DAY = date(2026, 3, 2)
NOW = moment(DAY)
How = Attendance.How


@pytest.fixture
def head(unit):
    return make_head(unit)


@pytest.fixture
def session(head, unit, lesson):
    return start_session(leader=head, unit=unit, lesson=lesson, now=NOW)


@pytest.fixture(autouse=True)
def _on_a_day(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def leader(client, head):
    client.force_login(head)
    return client


def of(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def address(session, part: str = "") -> str:
    """The page of the leader, or, without a part, that of those who attend."""
    name = f"records:together_{part}" if part else "records:attend"
    return reverse(name, args=[session.code])


def press(client, session, act: str = "attest"):
    return client.post(address(session), {"act": act}, follow=True)


def without_check(course) -> CoursePage:
    CoursePage.objects.filter(pk=course.pk).update(check_ref=None)
    return CoursePage.objects.get(pk=course.pk)


# The code


def test_a_code_is_short_and_holds_nothing_that_is_mistaken_for_something_else(session):
    assert re.fullmatch(f"[{SIGNS}]{{6}}", session.code)
    assert not set(SIGNS) & set("01O5SIL8BU")


@pytest.mark.parametrize(
    ("hour", "ends_at"),
    [(8, datetime(2026, 3, 2, 12, tzinfo=UTC)), (21, datetime(2026, 3, 2, 23, tzinfo=UTC))],
)
def test_a_code_counts_for_four_hours_and_never_past_midnight_in_sweden(head, unit, lesson, hour, ends_at):
    started = moment(DAY, hour)
    session = start_session(leader=head, unit=unit, lesson=lesson, now=started)
    assert session.ends_at == ends_at
    assert session.is_open(ends_at - timedelta(seconds=1))
    assert not session.is_open(ends_at)


def test_after_the_end_nothing_is_registered_and_the_page_says_so(person, session, time_machine):
    time_machine.move_to(NOW + timedelta(hours=4), tick=False)
    page = press(of(person), session)
    assert page.context["is_open"] is False
    assert [message.level_tag for message in page.context["messages"]] == ["warning"]
    assert not Attendance.objects.exists()
    assert not LessonProgress.objects.exists()


def test_the_leader_ends_it_once_and_what_is_over_stays_as_it_ended(leader, session):
    leader.post(address(session, "end"))
    session.refresh_from_db()
    assert session.ends_at == NOW
    end_session(session=session, now=NOW + timedelta(hours=1))
    assert GroupSession.objects.get().ends_at == NOW


def test_a_code_is_typed_as_one_likes(session, client):
    typed = f" {session.code[:3].lower()}-{session.code[3:]} "
    assert client.get(reverse("records:attend_code"), {"kod": typed}).url == address(session)
    assert client.get(reverse("records:attend_code"), {"kod": "../x"}).status_code == 404


def test_guessing_is_slowed_down_and_being_right_is_not(person, session):
    client, wrong = of(person), reverse("records:attend", args=["CCCCCC"])
    assert {client.get(address(session)).status_code for _time in range(12)} == {200}
    assert [client.get(wrong).status_code for _try in range(11)] == [404] * 10 + [429]
    assert press(client, session).status_code == 429
    assert not Attendance.objects.exists()


def test_who_is_not_signed_in_learns_nothing_of_any_code(session, client):
    pages = [client.get(reverse("records:attend", args=[code])) for code in (session.code, "CCCCCC")]
    texts = [re.sub(r'value="\w{64}"', "", page.content.decode()) for page in pages]
    assert texts[0].replace(session.code, "CCCCCC") == texts[1]
    assert client.post(address(session), {"act": "attest"}).status_code == 200
    assert not Attendance.objects.exists()


def test_the_code_of_another_municipality_is_unknown(session):
    stranger = make_person(make_unit(make_municipality("Annan")))
    assert press(of(stranger), session).status_code == 404
    assert not Attendance.objects.exists()


# Attesting


def test_each_attests_with_one_press_and_has_taken_the_lesson(person, session, lesson, course):
    client = of(person)
    for look in (client.get, client.head):
        assert look(address(session)).status_code == 200
    assert not Attendance.objects.exists()
    page = press(client, session)
    assert page.context["attendance"] == Attendance.objects.get(person=person, session=session, how=How.OWN)
    progress = LessonProgress.objects.get(person=person)
    assert (progress.lesson, progress.finished_at, progress.evidence_level) == (lesson, NOW, EvidenceLevel.GROUP)
    assert lesson not in CourseState(person, course, DAY).left


def test_a_second_time_is_refused_in_words_and_changes_nothing(person, session):
    client = of(person)
    press(client, session)
    page = press(client, session)
    assert [message.level_tag for message in page.context["messages"]] == ["warning"]
    assert Attendance.objects.count() == 1


def test_a_visitor_from_another_unit_of_the_municipality_attests_too(municipality, session):
    press(of(make_person(make_unit(municipality))), session)
    assert Attendance.objects.get().how == How.OWN


def test_what_somebody_had_taken_card_by_card_stays_so(person, lesson, session):
    before = NOW - timedelta(days=30)
    finish_lesson(person=person, lesson=lesson, now=before)
    attest(session=session, person=person, how=How.OWN, now=NOW)
    progress = LessonProgress.objects.get(person=person)
    assert (progress.finished_at, progress.evidence_level) == (before, EvidenceLevel.TAKEN)


def test_a_lesson_that_an_edition_asks_for_can_be_taken_together(person, course, lesson, session):
    take_check(person, course, DAY - timedelta(days=60))
    finish_lesson(person=person, lesson=lesson, now=NOW - timedelta(days=60))
    opens = {"kind": Edition.Kind.DELTA, "opens_on": DAY - timedelta(days=1), "number": 2}
    Edition.objects.create(course_key=course.key, lesson_keys=[str(lesson.translation_key)], **opens)
    assert not CourseState(person, course, DAY).is_done
    attest(session=session, person=person, how=How.OWN, now=NOW)
    assert CourseState(person, course, DAY).is_done
    newest = LessonProgress.objects.last()
    assert (newest.edition_number, newest.evidence_level) == (2, EvidenceLevel.GROUP)
    assert Completion.objects.first().evidence_level == EvidenceLevel.SUPPLEMENTED


# What a completion rests on


def test_a_course_with_a_check_is_completed_by_the_check_only(person, head, unit, course):
    for lesson in course.lessons():
        session = start_session(leader=head, unit=unit, lesson=lesson, now=NOW)
        attest(session=session, person=person, how=How.OWN, now=NOW)
    assert CourseState(person, course, DAY).left == []
    assert not Completion.objects.exists()


@pytest.mark.parametrize(
    ("ways", "level"),
    [
        ([None, None], EvidenceLevel.TAKEN),
        ([None, How.LEADER], EvidenceLevel.ATTESTED),
        ([How.LEADER, How.LEADER], EvidenceLevel.ATTESTED),
        ([How.LEADER, How.SHARED], EvidenceLevel.GROUP),
        ([How.OWN, None], EvidenceLevel.GROUP),
    ],
)
def test_a_course_without_a_check_is_known_no_better_than_its_weakest_lesson(person, head, unit, course, ways, level):
    course = without_check(course)
    for lesson, how in zip(course.lessons(), ways, strict=True):
        assert not Completion.objects.exists()
        if how is None:
            finish_lesson(person=person, lesson=lesson, now=NOW)
        else:
            session = start_session(leader=head, unit=unit, lesson=lesson, now=NOW)
            attest(session=session, person=person, how=how, now=NOW)
    completion = Completion.objects.get(person=person)
    assert (completion.evidence_level, completion.completed_on, completion.unit) == (level, DAY, unit)


def test_a_course_without_a_check_is_completed_once(person, course):
    course = without_check(course)
    for day in (DAY, DAY + timedelta(days=1), DAY + timedelta(days=2000)):
        for lesson in course.lessons():
            finish_lesson(person=person, lesson=lesson, now=moment(day))
    assert Completion.objects.get().completed_on == DAY


def test_it_is_said_wherever_the_completion_is_shown(client, head, unit, person, course, municipality):
    course = without_check(course)
    make_goal(course, municipality, due_on=None)
    for lesson in course.lessons():
        session = start_session(leader=head, unit=unit, lesson=lesson, now=NOW)
        attest(session=session, person=person, how=How.OWN, now=NOW)
    settle()
    said = str(EvidenceLevel.GROUP.label)
    own = of(person)
    assert said in own.get(reverse("records:my_page")).content.decode()
    proof = own.get(reverse("records:proof", args=[Completion.objects.get().uuid]))
    assert [row.lesson.title for row in proof.context["in_a_group"]] == ["Lektion 1", "Lektion 2"]
    assert said in proof.content.decode()
    client.force_login(head)
    assert said in client.get(reverse("reporting:unit", args=[unit.pk]), {"status": "alla"}).content.decode()
    assert said in client.get(reverse("reporting:people_csv", args=[unit.pk])).getvalue().decode("utf-8-sig")


def test_coverage_counts_what_was_taken_together(head, unit, person, course, municipality):
    course = without_check(course)
    requirement = make_goal(course, municipality).requirement
    people = [person, *(make_person(unit) for _number in range(3))]
    settle()
    before = figures.at(requirement, unit, DAY).competent
    for lesson in course.lessons():
        session = start_session(leader=head, unit=unit, lesson=lesson, now=NOW)
        for one in people:
            attest(session=session, person=one, how=How.OWN, now=NOW)
    settle()
    assert figures.at(requirement, unit, DAY).competent == before + 4
    assert figures.at(requirement, unit, DAY - timedelta(days=1)).competent == before


# A device that goes round


def test_on_a_shared_device_one_is_signed_out_as_soon_as_one_is_registered(person, session):
    client = of(person)
    press(client, session, "share")
    assert "_auth_user_id" not in client.session
    client.force_login(person)
    page = press(client, session)
    assert "_auth_user_id" not in client.session
    assert page["Cache-Control"] == "no-store"
    assert str(person) not in page.content.decode()
    assert Attendance.objects.get().how == How.SHARED


def test_whoever_is_signed_out_by_stillness_registers_nobody(person, session, time_machine):
    client = Client()
    press(client, session, "share")
    client.force_login(person)
    client.get(address(session))
    time_machine.move_to(NOW + timedelta(seconds=61), tick=False)
    assert "session" not in press(client, session).context
    assert not Attendance.objects.exists()


# Whoever leads


def test_a_head_begins_from_the_unit_and_takes_the_room_through_every_kind_of_card(leader, head, unit, course):
    kinds = ["scenario", *KINDS, "reflect", "text"]
    lesson = make_lesson(course, kinds)
    begun = leader.post(reverse("records:together"), {"lesson": lesson.pk, "unit": unit.pk}, follow=True)
    session = GroupSession.objects.get()
    assert (session.leader, session.unit, session.lesson) == (head, unit, lesson)
    url, shown, page = begun.redirect_chain[-1][0], [], begun
    while "card" in page.context and len(shown) < 99:
        shown.append((page.context["card"].kind, page.context["tells"]))
        assert "<form" not in page.content.decode()
        page = leader.get(urljoin(url, page.context["next_url"]))
    assert page.request["PATH_INFO"] == address(session, "code")
    assert [kind for kind, tells in shown if not tells] == kinds
    assert ("scenario", True) in shown
    assert not {("text", True), ("plan", True), ("reflect", True)} & set(shown)
    assert not LessonProgress.objects.exists()


def test_what_is_right_is_shown_only_when_it_is_asked_for(leader, session):
    asked = leader.get(address(session, "card"), {"kort": 2}).content.decode()
    told = leader.get(address(session, "card"), {"kort": 2, "svar": ""}).content.decode()
    for words in ("Märk och berätta.", "Då syns inte mönstret."):
        assert words not in asked
        assert words in told


def test_the_shared_screen_tells_how_many_and_never_who(leader, session, person):
    attest(session=session, person=person, how=How.OWN, now=NOW)
    page = leader.get(address(session, "code"))
    html = page.content.decode()
    assert page.context["session"].number == 1
    assert person.last_name not in html
    assert f"{session.code[:3]} {session.code[3:]}" in html
    assert f'viewBox="0 0 {page.context["qr"]["side"]}' in html


def test_nobody_begins_for_a_unit_or_with_a_lesson_that_is_not_theirs(leader, unit, municipality, lesson):
    foreign = make_course(make_municipality("Annan"), slug="annans").lessons().first()
    for lesson_pk, unit_pk in ((lesson.pk, make_unit(municipality).pk), (foreign.pk, unit.pk)):
        response = leader.post(reverse("records:together"), {"lesson": lesson_pk, "unit": unit_pk})
        assert response.status_code == 400
    assert not GroupSession.objects.exists()


def test_the_leader_attests_for_those_of_their_units_and_it_is_said_who_did(leader, session, person, unit):
    other = make_person(unit)
    attest(session=session, person=other, how=How.OWN, now=NOW)
    leader.post(address(session, "people"), {"person": [person.uuid, other.uuid]})
    assert Attendance.objects.get(person=person).how == How.LEADER
    assert Attendance.objects.get(person=other).how == How.OWN
    assert LessonProgress.objects.get(person=person).evidence_level == EvidenceLevel.ATTESTED


@pytest.mark.parametrize("who", ["elsewhere", "foreign", "themselves", "nobody"])
def test_one_person_beyond_authority_and_nothing_is_registered(leader, head, session, person, municipality, who):
    outside = {
        "elsewhere": lambda: make_person(make_unit(municipality)).uuid,
        "foreign": lambda: make_person(make_unit(make_municipality("Annan"))).uuid,
        "themselves": lambda: head.uuid,
        "nobody": lambda: "x",
    }[who]()
    assert leader.post(address(session, "people"), {"person": [person.uuid, outside]}).status_code == 404
    assert not Attendance.objects.exists()


def test_the_list_of_names_is_noted_and_holds_the_unit_until_somebody_is_looked_for(person, municipality):
    department = make_unit(municipality)
    coordinator = make_head(department, "department_coordinator")
    near, far = make_unit(department), make_unit(department)
    here, there = make_person(near), make_person(far, last_name="Långtborta")
    lesson = make_course(municipality, slug="annan").lessons().first()
    session = start_session(leader=coordinator, unit=near, lesson=lesson, now=NOW)
    client = of(coordinator)
    assert list(client.get(address(session, "people")).context["people"]) == [here]
    assert list(client.get(address(session, "people"), {"sok": "långtborta"}).context["people"]) == [there]
    assert list(client.get(address(session, "people"), {"sok": person.last_name}).context["people"]) == []
    assert [entry.people for entry in AccessEntry.objects.order_by("pk")] == [[here.pk], [there.pk]]


def test_what_is_ticked_stays_so_while_the_leader_looks_for_others(leader, session, unit, person):
    other = make_person(unit)
    page = leader.post(address(session, "people"), {"person": [person.uuid], "sida": "1", "sok": other.last_name})
    assert list(page.context["ticked"]) == [person]
    assert not Attendance.objects.exists()
    html = page.content.decode()
    assert f'value="{person.uuid}" checked' in html
    assert unit.name in html
    leader.post(address(session, "people"), {"person": [person.uuid, other.uuid]})
    assert {attendance.person for attendance in Attendance.objects.all()} == {person, other}


def test_nobody_ticked_is_nobody_registered_and_says_so(leader, session):
    page = leader.post(address(session, "people"), {}, follow=True)
    assert [message.level_tag for message in page.context["messages"]] == ["warning"]


def test_earlier_lessons_of_the_units_are_told_with_numbers_and_without_names(leader, session, person, municipality):
    attest(session=session, person=person, how=How.OWN, now=NOW)
    elsewhere = make_unit(municipality)
    start_session(leader=make_head(elsewhere), unit=elsewhere, lesson=session.lesson, now=NOW)
    page = leader.get(reverse("records:together"), {"enhet": session.unit.pk})
    assert [(one, one.number) for one in page.context["sessions"]] == [(session, 1)]
    assert person.last_name not in page.content.decode()


def test_a_function_that_has_ended_leads_nothing_any_longer(leader, head, session):
    head.appointments.get().delete()
    assert leader.get(address(session, "card")).status_code == 404
    assert leader.post(address(session, "people"), {}).status_code == 404


def test_the_way_there_is_shown_to_those_who_may_lead(leader, person, unit, course, municipality):
    make_goal(course, municipality)
    settle()
    there = reverse("records:together")
    assert f"{there}?enhet={unit.pk}" in leader.get(reverse("reporting:unit", args=[unit.pk])).content.decode()
    assert there in leader.get(course.url).content.decode()
    assert there not in of(person).get(course.url).content.decode()


def test_a_lesson_that_somebody_has_attended_is_not_deleted(session, person):
    attest(session=session, person=person, how=How.OWN, now=NOW)
    with pytest.raises(PageIsTaken), transaction.atomic():
        session.lesson.delete()
    assert GroupSession.objects.get().lesson == session.lesson


def test_a_lesson_that_nobody_attended_goes_and_nothing_is_left_to_show(leader, session, person):
    session.lesson.delete()
    assert leader.get(address(session, "card")).status_code == 404
    assert list(leader.get(reverse("records:together")).context["sessions"]) == []
    assert of(person).get(address(session)).status_code == 404


# At once


@pytest.mark.skipif(connection.vendor != "postgresql", reason="a question of PostgreSQL's locks")
@pytest.mark.django_db(transaction=True)
def test_on_two_devices_at_once_one_is_registered_once():
    municipality = make_municipality()
    unit, lesson = make_unit(municipality), make_course(municipality).lessons().first()
    person = make_person(unit)
    session = start_session(leader=make_head(unit), unit=unit, lesson=lesson, now=NOW)
    ready, outcomes = threading.Barrier(2), []

    def press_there(how):
        ready.wait()
        try:
            attest(session=session, person=person, how=how, now=NOW)
            outcomes.append("registered")
        except (AlreadyAttested, SessionOver) as problem:
            outcomes.append(type(problem).__name__)
        finally:
            connection.close()

    threads = [threading.Thread(target=press_there, args=[how]) for how in (How.OWN, How.SHARED)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["AlreadyAttested", "registered"]
    assert (Attendance.objects.count(), LessonProgress.objects.count()) == (1, 1)
