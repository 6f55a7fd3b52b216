"""The coordinator's pages: settings, the first week, the start, and texts to be sent as SMS."""

import re
from datetime import timedelta
from io import BytesIO

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from wagtail.models import ModelLogEntry

from learning.access.models import AccessEntry
from learning.coverage.services import settle
from learning.delivery.models import Message, State
from learning.delivery.schedule.models import CourseSchedule, MailPlan, Recipient
from learning.delivery.schedule.texts import ALPHABET, LONGEST, fitted, in_gsm, places
from tests.delivery.schedule.clock import at
from tests.delivery.schedule.conftest import THURSDAY, TUESDAY
from tests.factories import make_head, make_municipality, make_person

PLAN, BEGIN = reverse("mailings:plan"), reverse("mailings:begin")


@pytest.fixture
def admin(client, coordinator):
    client.force_login(coordinator)
    return client


def settings_of(plan, **changed):
    names = "opens closes per_week remind_before remind_every most_reminders escalate_after digest_day".split()
    days = {"weekdays": [0, 1, 2, 3, 4], "quiet_days": "", "escalate_above_after": ""}
    return {**{name: getattr(plan, name) for name in names}, **days, **changed}


def of_course(course, per_week=2, weekdays=(1, 3)):
    return {f"kurs-{course.pk}-per_week": per_week, f"kurs-{course.pk}-weekdays": list(weekdays)}


def test_the_settings_are_kept_and_what_cannot_be_is_said(today, admin, mail_plan, course):
    data = settings_of(mail_plan, quiet_days="2026-03-05\n2026-03-03", per_week=1) | of_course(course, 1, [4])
    assert admin.post(PLAN, data).status_code == 302
    mail_plan.refresh_from_db()
    assert (mail_plan.quiet_days, mail_plan.per_week) == (["2026-03-03", "2026-03-05"], 1)
    assert CourseSchedule.objects.get().pace.weekdays == {4}
    assert admin.post(PLAN, settings_of(mail_plan) | of_course(course)).status_code == 302
    assert not CourseSchedule.objects.exists()  # the usual needs no row
    for wrong in ({"quiet_days": "i morgon"}, {"closes": 8}, {"weekdays": []}, {"per_week": 9}):
        assert admin.post(PLAN, settings_of(mail_plan, **wrong) | of_course(course)).status_code == 400


def test_the_first_week_is_shown_and_notes_whose_names_were(today, admin, municipality, learner, course):
    settle()
    page = admin.get(BEGIN).content.decode()
    assert str(learner) in page
    assert re.search(r"1 av \d+ skulle få sammanlagt \d+ mejl", page)
    assert not Message.objects.exists()
    assert [entry.people for entry in AccessEntry.objects.all()] == [[learner.pk]]
    mail = admin.get(reverse("mailings:first", args=[learner.uuid])).content.decode()
    assert course.lessons().first().title in mail
    assert "/l/" not in mail  # whoever had the link could go in as the person


def test_it_is_started_and_stopped_by_somebody_who_is_noted(today, admin, coordinator, learner):
    settle()
    admin.get(BEGIN)
    assert not MailPlan.objects.exists()
    admin.post(BEGIN)
    plan = MailPlan.objects.get()
    assert (plan.started_by, Recipient.objects.get(person=learner).since) == (coordinator, at(TUESDAY, 9))
    admin.post(reverse("mailings:end"))
    plan.refresh_from_db()
    assert plan.started_at is None
    log = ModelLogEntry.objects.filter(action__startswith="delivery").order_by("pk").values_list("action", "user")
    assert list(log) == [("delivery.start", coordinator.pk), ("delivery.stop", coordinator.pk)]


def test_another_municipalitys_coordinator_starts_nothing_here(today, client, mail_plan, learner):
    root = make_municipality("Annan").root
    client.force_login(make_head(root, "coordinator"))
    assert client.get(reverse("mailings:first", args=[learner.uuid])).status_code == 404
    client.post(reverse("mailings:end"))
    mail_plan.refresh_from_db()
    assert mail_plan.started_at


def _go_to(clock, day, client, person):
    """A session does not last as long."""
    clock.move_to(at(day, 9))
    client.force_login(person)


def test_texts_are_taken_out_once_and_count_as_mails(today, admin, coordinator, mail_plan, unit, learner):
    without = make_person(unit, email=None)
    settle()
    response = admin.post(reverse("mailings:texts", args=["csv"]))
    _head, line = response.content.decode("utf-8-sig").splitlines()
    hr_id, text, length, language, _kind = line.split(";")
    assert (hr_id, language, int(length)) == (without.hr_id, "sv", places(text))
    assert int(length) <= LONGEST
    entry = AccessEntry.objects.get()
    assert (entry.people, entry.exported) == ([without.pk], True)
    message = Message.objects.get()
    assert (message.person, message.state, message.sent_at) == (without, State.SENT, at(TUESDAY, 9))
    assert admin.post(reverse("mailings:texts", args=["xlsx"])).url == PLAN
    _go_to(today, THURSDAY, admin, coordinator)
    assert admin.post(reverse("mailings:texts", args=["xlsx"])).url == PLAN  # the lesson waits for a week
    _go_to(today, TUESDAY + timedelta(days=7), admin, coordinator)
    book = load_workbook(BytesIO(admin.post(reverse("mailings:texts", args=["xlsx"])).content))
    assert [row[0].value for row in book.active.rows][1:] == [without.hr_id]
    assert admin.post(reverse("mailings:texts", args=["exe"])).status_code == 404


def test_the_link_of_a_text_opens_the_lesson(today, admin, client, mail_plan, unit, course):
    make_person(unit, email=None)
    settle()
    line = admin.post(reverse("mailings:texts", args=["csv"])).content.decode("utf-8-sig").splitlines()[1]
    address = re.search(r"https?://[^/]+(/l/[^;]+)", line)[1]
    assert course.lessons().first().title in client.get(address).content.decode()


@given(st.text(max_size=200), st.integers(1, 150).map(lambda n: "h" * n))
def test_a_text_fits_one_sms_in_its_alphabet_and_keeps_its_link(words, url):
    text = fitted(words, url)
    assert text.endswith(url)
    assert places(text) <= LONGEST
    assert {*text} <= ALPHABET


def test_swedish_letters_stay_and_others_become_their_nearest():
    assert in_gsm("Åsa på café – ł 日 ñandú ő") == "Åsa på café -   ñandu o"
