from datetime import date

import pytest
import time_machine

from learning.coverage.services import settle
from learning.delivery.schedule.models import MailPlan
from learning.delivery.schedule.services import plan_day, start
from learning.delivery.tasks import tick_send
from tests.delivery.schedule.clock import at
from tests.factories import make_head, make_person, make_requirement

TUESDAY, THURSDAY = date(2026, 3, 3), date(2026, 3, 5)


@pytest.fixture
def requirement(course, municipality):
    """The course is asked of all employees within 90 days of 2 March 2026."""
    return make_requirement(course, municipality, {"due_on": date(2026, 5, 31)}, starts_on=date(2026, 3, 2))


@pytest.fixture
def coordinator(municipality):
    return make_head(municipality.root, "coordinator", population="partner")


@pytest.fixture
def learner(unit, requirement):
    return make_person(unit, first_name="Alva")


@pytest.fixture
def mail_plan(municipality, coordinator, learner):
    """Started on the Monday before, for those who are there."""
    settle()
    plan = MailPlan.objects.create(municipality=municipality)
    start(plan=plan, by=coordinator, now=at(date(2026, 3, 2)))
    return plan


@pytest.fixture
def live(mail_plan, mailoutbox):
    """Lets a day be planned and sent at an hour of Stockholm; what was sent is in its mails."""

    def live(day: date, hour: int = 9, plans: bool = True):
        with time_machine.travel(at(day, hour), tick=False):
            settle()
            if plans:
                plan_day(mail_plan, at(day, hour))
            tick_send()
        sent, mailoutbox[:] = list(mailoutbox), []
        return [(mail.subject, *mail.to) for mail in sent]

    return live


@pytest.fixture
def today():
    with time_machine.travel(at(TUESDAY, 9), tick=False) as clock:
        yield clock
