"""What is learned elsewhere is told, and counts for a course only where a coordinator says so."""

from datetime import date

import pytest
from dateutil.relativedelta import relativedelta
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from courses.models import CoursePage
from learning.access.models import AccessEntry
from learning.append_only import Unchangeable
from learning.records.evidence import (
    MOST_BYTES,
    AlreadyDecided,
    DoesNotCount,
    accept,
    decline,
    dispose_of_evidence,
    keep_as_development,
    report,
)
from learning.records.models import Completion, Evidence, EvidenceLevel, EvidenceStep
from learning.records.overview import CourseState
from learning.records.services import withdraw
from tests.factories import make_head, make_municipality, make_person, make_unit, moment, take_check

TODAY = date(2026, 3, 2)
HELD = date(2025, 10, 1)
PDF = b"%PDF-1.7 ett intyg"


@pytest.fixture(autouse=True)
def _on_a_day(time_machine, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    time_machine.move_to(moment(TODAY), tick=False)


@pytest.fixture
def course(course):
    CoursePage.objects.filter(pk=course.pk).update(outside_months=12)
    course.refresh_from_db()
    return course


@pytest.fixture
def coordinator(municipality):
    return make_head(municipality.root, "coordinator")


def tell(client, **fields):
    told = {"kind": "course", "what": "Grundkurs", "organiser": "Länsstyrelsen", "first_day": HELD, **fields}
    return client.post(reverse("records:own_evidence"), told)


def told(person, held: date = HELD, content: bytes = b"") -> Evidence:
    about = {"kind": "course", "what": "Grundkurs", "organiser": "Länsstyrelsen", "first_day": held, "last_day": held}
    return report(people=[person], by=person, now=moment(TODAY), content=content, **about)[0]


def test_what_a_person_tells_counts_for_nothing_yet(client, person, course):
    client.force_login(person)
    assert tell(client, file=SimpleUploadedFile("intyg.exe", PDF)).status_code == 302
    evidence = Evidence.objects.get()
    assert (evidence.person, evidence.reported_by, evidence.last_day) == (person, person, HELD)
    assert evidence.file.name == f"evidence/{evidence.uuid}.pdf"
    assert not Completion.objects.exists()


@pytest.mark.parametrize(
    ("content", "taken"),
    [
        (PDF, True),
        (b"\xff\xd8\xff\xe0 bild", True),
        (b"\x89PNG\r\n\x1a\n bild", True),
        (b"<svg onload=alert(1)>", False),
        (b"<html>", False),
        (b"PK\x03\x04", False),
        (b"%PDF-" + bytes(MOST_BYTES), False),
    ],
)
def test_a_file_is_taken_by_what_it_is_and_not_by_its_name(client, person, content, taken):
    client.force_login(person)
    answer = tell(client, file=SimpleUploadedFile("intyg.pdf", content, "application/pdf"))
    assert (answer.status_code, Evidence.objects.exists()) == ((302, True) if taken else (400, False))


@pytest.mark.parametrize("fields", [{"first_day": date(2026, 3, 3)}, {"last_day": date(2025, 9, 1)}, {"what": ""}])
def test_what_cannot_be_is_not_kept(client, person, fields):
    client.force_login(person)
    assert tell(client, **fields).status_code == 400
    assert not Evidence.objects.exists()


def test_the_file_is_read_by_the_person_and_by_those_who_decide_and_that_is_noted(client, person, unit, coordinator):
    evidence = told(person, content=PDF)
    url = reverse("records:evidence_file", args=[evidence.uuid])
    colleague, foreign = make_person(unit), make_head(make_unit(make_municipality("Annan")))
    readers = {person: 200, make_head(unit): 200, coordinator: 200, colleague: 404, foreign: 404}
    for reader, status in readers.items():
        client.force_login(reader)
        answer = client.get(url)
        assert answer.status_code == status
        if status == 200:
            assert b"".join(answer.streaming_content) == PDF
            assert answer["Content-Disposition"].startswith("attachment")
    assert AccessEntry.objects.filter(people__holds=person.pk, exported=True).count() == 2
    assert client.get(f"/media/{evidence.file.name}").status_code == 404


@pytest.mark.parametrize("level", [EvidenceLevel.REPORTED, EvidenceLevel.ATTESTED])
def test_accepted_it_completes_the_course_from_the_day_of_the_decision_and_is_valid_from_when_it_was_held(
    client, person, course, coordinator, level
):
    evidence = told(person)
    client.force_login(coordinator)
    url = reverse("records:decide_evidence", args=[evidence.uuid])
    client.post(url, {"decision": "accepted", "course": course.pk, "level": level})
    completion = Completion.objects.get()
    assert (completion.completed_on, completion.evidence_level, completion.attempt) == (TODAY, level, None)
    assert completion.valid_through == HELD + relativedelta(months=24, days=-1)
    step = evidence.steps.get()
    assert (step.completion, step.decided_by) == (completion, coordinator)
    # A check that is passed later is a row of its own; nothing is upgraded.
    take_check(person, course, TODAY)
    completion.refresh_from_db()
    assert completion.evidence_level == level
    assert Completion.objects.filter(evidence_level=EvidenceLevel.CHECKED).count() == 1


@pytest.mark.parametrize(
    ("held", "counts"), [(date(2025, 3, 2), True), (date(2025, 3, 1), False), (date(2010, 1, 1), False)]
)
def test_an_age_limit_is_the_courses_own(person, course, coordinator, held, counts):
    evidence = told(person, held)
    about = {"evidence": evidence, "course": course, "level": "reported", "by": coordinator, "now": moment(TODAY)}
    if counts:
        accept(**about)
    else:
        with pytest.raises(DoesNotCount):
            accept(**about)
    assert Completion.objects.exists() == evidence.steps.exists() == counts


def test_what_would_no_longer_be_valid_and_what_the_course_does_not_take_are_refused(person, course, coordinator):
    evidence = told(person)
    about = {"evidence": evidence, "level": "attested", "by": coordinator, "now": moment(TODAY)}
    for fields in ({"validity_months": 3}, {"outside_months": None}):
        CoursePage.objects.filter(pk=course.pk).update(**fields)
        with pytest.raises(DoesNotCount):
            accept(**about, course=CoursePage.objects.get(pk=course.pk))
    assert not Completion.objects.exists()


def test_each_decision_is_a_row_and_the_newest_holds(person, course, coordinator):
    evidence, about = told(person), {"by": coordinator, "now": moment(TODAY)}
    decline(evidence=evidence, reason="Inget underlag.", **about)
    keep_as_development(evidence=evidence, **about)
    with pytest.raises(AlreadyDecided):
        keep_as_development(evidence=evidence, **about)
    step = accept(evidence=evidence, course=course, level="attested", **about)
    with pytest.raises(AlreadyDecided):
        decline(evidence=evidence, reason="Nej.", **about)
    withdraw(completion=step.completion, reason="Fel.", by=coordinator, on=TODAY)
    decline(evidence=evidence, reason="Nej.", **about)
    assert [one.decision for one in evidence.steps.all()] == ["declined", "development", "accepted", "declined"]
    assert not CourseState(person, course, TODAY).is_valid
    with pytest.raises(Unchangeable):
        EvidenceStep.objects.update(decision="accepted")


def test_a_head_registers_a_visit_for_several_and_decides_nothing(client, unit, person):
    head, other, outside = make_head(unit), make_person(unit), make_person(make_unit(unit.get_root()))
    client.force_login(head)
    url = reverse("records:unit_evidence", args=[unit.pk])
    visit = {"kind": "study_visit", "what": "Besök", "organiser": "Polisen", "first_day": HELD}
    assert client.post(url, {**visit, "people": [person.uuid, outside.uuid]}).status_code == 400
    client.post(url, {**visit, "people": [person.uuid, other.uuid]})
    assert {one.person for one in Evidence.objects.all()} == {person, other}
    decide = reverse("records:decide_evidence", args=[Evidence.objects.first().uuid])
    assert client.post(decide, {"decision": "development"}).status_code == 404


def test_what_waits_is_listed_until_it_is_decided(client, person, coordinator):
    evidence = told(person)
    client.force_login(coordinator)
    url = reverse("records:waiting_evidence")
    assert list(client.get(url).context["waiting"]) == [evidence]
    decide = reverse("records:decide_evidence", args=[evidence.uuid])
    assert client.post(decide, {"decision": "declined"}).status_code == 400
    client.post(decide, {"decision": "declined", "reason": "Inget underlag."})
    assert list(client.get(url).context["waiting"]) == []
    client.force_login(person)
    assert "Inget underlag." in client.get(reverse("records:own_evidence")).content.decode()


def test_disposal_removes_what_was_written_and_the_file(person, settings, tmp_path):
    evidence = told(person, content=PDF)
    dispose_of_evidence([person.pk])
    evidence.refresh_from_db()
    assert (evidence.what, evidence.organiser, evidence.file.name, evidence.kind) == ("", "", "", "course")
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
