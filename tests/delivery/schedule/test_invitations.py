"""Questions once more and surveys by mail: once, where there is room, and only while they ask."""

from datetime import date, timedelta

import pytest
from dateutil.relativedelta import relativedelta

from learning.coverage.services import settle
from learning.delivery.models import Message, State
from learning.delivery.schedule.services import plan_day
from learning.delivery.tasks import tick_send
from learning.surveys import pulse, services
from tests.delivery.schedule.clock import at
from tests.delivery.schedule.conftest import THURSDAY, TUESDAY
from tests.factories import take_check

DAY = timedelta(days=1)
DONE = TUESDAY - relativedelta(months=1)


@pytest.fixture
def asked(learner, course, mail_plan):
    """The learner completed the course a month before the Tuesday."""
    take_check(learner, course, DONE)
    settle()
    return learner


def test_whoever_is_asked_again_is_told_once(live, asked):
    assert [to for _subject, to in live(TUESDAY)] == [asked.email]
    assert Message.objects.get(kind="pulse").state == State.SENT
    assert live(TUESDAY + DAY) == []
    assert live(THURSDAY) == []


def test_it_leads_to_the_questions_and_can_be_refused_for_good(asked, course, mail_plan, mailoutbox, today):
    plan_day(mail_plan, at(TUESDAY))
    tick_send()
    [mail] = mailoutbox
    assert f"/minns-du/{course.pk}/" in mail.body
    assert mail.extra_headers["List-Unsubscribe"]


def test_what_was_answered_meanwhile_is_not_sent(live, asked, course, mail_plan):
    plan_day(mail_plan, at(TUESDAY))
    pulse.answer(person=asked, course=course, right={}, on=TUESDAY)
    assert live(TUESDAY, plans=False) == []
    assert Message.objects.get(kind="pulse").state == State.CANCELLED


def test_a_mail_a_day_and_the_survey_comes_after_the_questions(live, asked, municipality, course):
    source = services.read_survey("kurs") | {"course": course.slug}
    services.load_survey(municipality=municipality, source=source, on=date(2025, 1, 1))
    both = DONE + pulse.AFTER[pulse.PulseRound.SECOND]  # what the survey asks months later is open too
    both += (1 - both.weekday()) % 7 * DAY
    for kinds in ["pulse"], ["pulse", "survey"], ["pulse", "survey"]:
        live(both)
        assert sorted(Message.objects.values_list("kind", flat=True)) == kinds
        both += DAY
