"""What the tests of records share: a municipality with a course, and somebody who learns."""

import pytest

from tests.factories import make_course, make_municipality, make_person, make_unit


@pytest.fixture
def municipality(db):
    return make_municipality()


@pytest.fixture
def course(municipality):
    return make_course(municipality)


@pytest.fixture
def unit(municipality):
    return make_unit(municipality)


@pytest.fixture
def person(unit):
    return make_person(unit)


@pytest.fixture
def lesson(course):
    return course.lessons().first()


@pytest.fixture
def learner(client, person):
    client.force_login(person)
    return client
