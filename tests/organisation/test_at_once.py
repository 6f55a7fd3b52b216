"""Two who change the register at the same instant: the second sees what the first did."""

import threading
from datetime import date

import pytest
from django.db import connection, transaction

from learning.organisation.guards import UnitNotOpen
from learning.organisation.models import Employment, Municipality
from learning.organisation.reorganisation import UnitInUse, close_unit
from learning.organisation.services import employ
from tests.factories import make_municipality, make_person, make_unit

DAY = date(2026, 3, 2)
# SQLite lets one write at a time, and the other wait before it has read anything.
pytestmark = [
    pytest.mark.skipif(connection.vendor != "postgresql", reason="a question of PostgreSQL's locks"),
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def unit():
    return make_unit(make_municipality(), "Norr")


def at_once(first, second) -> Exception | None:
    """Begin the second act while the first is done and not committed; what the second raises."""
    begun, raised = threading.Event(), []

    def run():
        begun.set()
        try:
            second()
        except Exception as error:
            raised.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    with transaction.atomic():
        first()
        thread.start()
        begun.wait()
        thread.join(timeout=1)
        assert thread.is_alive(), "the second act did not wait for the first"
    thread.join()
    return raised[0] if raised else None


def test_a_unit_does_not_close_over_somebody_who_is_being_employed(unit):
    person = make_person(municipality=Municipality.objects.get())
    error = at_once(
        lambda: employ(person=person, unit=unit, starts_on=DAY),
        lambda: close_unit(unit=unit, on=DAY),
    )
    unit.refresh_from_db()
    assert isinstance(error, UnitInUse)
    assert (unit.ends_on, Employment.objects.count()) == (None, 1)


def test_nobody_is_employed_in_a_unit_that_is_being_closed(unit):
    person = make_person(municipality=Municipality.objects.get())
    error = at_once(
        lambda: close_unit(unit=unit, on=DAY),
        lambda: employ(person=person, unit=unit, starts_on=DAY),
    )
    assert isinstance(error, UnitNotOpen)
    assert not Employment.objects.exists()
