"""What the tests of records share: a municipality with a course, and somebody who learns."""

import pytest

from tests.factories import make_person


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
