"""Two answers at the same instant: from one person one is kept, from two both are counted."""

import threading

import pytest
from django.db import connection, transaction

from learning.surveys import services
from learning.surveys.models import Answered, Tally
from learning.surveys.services import AnsweredAlready
from tests.factories import make_course, make_municipality, make_person, make_unit
from tests.surveys.conftest import BEGUN, answer_all, stage_of

pytestmark = [
    pytest.mark.skipif(connection.vendor != "postgresql", reason="a question of PostgreSQL's locks"),
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def wave():
    municipality = make_municipality()
    make_course(municipality, slug="grundlaggande-kunskap")
    survey = services.load_survey(municipality=municipality, source=services.read_survey("kurs"), on=BEGUN)
    return stage_of(survey, "before")


def at_once(wave, first, second) -> Exception | None:
    """Let the second answer while the first has answered and not committed; what the second raises."""
    raised = []

    def run():
        try:
            answer_all(wave, [second], "1")
        except Exception as error:
            raised.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    with transaction.atomic():
        answer_all(wave, [first], "4")
        thread.start()
        thread.join(timeout=1)
        assert thread.is_alive(), "the second did not wait for the first"
    thread.join()
    return raised[0] if raised else None


def test_one_person_s_second_answer_is_not_kept(wave):
    person = make_person(make_unit(wave.survey.municipality))
    assert isinstance(at_once(wave, person, person), AnsweredAlready)
    assert (Tally.objects.get().number, Answered.objects.count()) == (1, 1)


def test_two_people_s_answers_are_both_counted(wave):
    unit = make_unit(wave.survey.municipality)
    assert at_once(wave, make_person(unit), make_person(unit)) is None
    [counts] = {tuple(counted.items()) for counted in Tally.objects.get().counts.values()}
    assert (counts, Tally.objects.get().number) == ((("1", 1), ("4", 1)), 2)
