"""What the tests of surveys share: a course that is asked around, and answers to it."""

from collections.abc import Iterable
from datetime import date

import pytest

from learning.organisation.models import OrgUnit, Population
from learning.surveys import services
from learning.surveys.models import Survey, Wave
from tests.factories import make_course, make_head, make_person, make_unit

BEGUN = date(2025, 1, 1)
ON = date(2025, 2, 3)


@pytest.fixture
def department(municipality):
    return make_unit(municipality, "Omsorgen", kind="förvaltning")


@pytest.fixture
def course(municipality):
    return make_course(municipality, slug="grundlaggande-kunskap")


@pytest.fixture
def survey(municipality, course) -> Survey:
    """The ready survey around the course."""
    return services.load_survey(municipality=municipality, source=services.read_survey("kurs"), on=BEGUN)


@pytest.fixture
def needs(municipality) -> Survey:
    """The ready survey of elected officials."""
    return services.load_survey(municipality=municipality, source=services.read_survey("behov"), on=BEGUN)


@pytest.fixture
def coordinator(municipality):
    return make_head(make_unit(municipality, "Kansliet"), "coordinator")


def stage_of(survey: Survey, stage: str) -> Wave:
    return survey.waves.get(stage=stage)


def make_elected(unit: OrgUnit, number: int) -> list:
    return [make_person(unit, population=Population.ELECTED) for _ in range(number)]


def answer_all(wave: Wave, people: Iterable, value: str = "4", *, on: date = ON, text: str = "") -> None:
    """Let each of the people give every statement the value, and write the text."""
    items = services.items_of(wave)
    chosen = {item.pk: [value] for item in items if item.kind == "statement"}
    texts = {item.pk: text for item in items if item.kind == "text"}
    for person in people:
        services.answer(person=person, wave=wave, chosen=chosen, texts=texts, on=on)
