"""What the tests of the register's pages share."""

import pytest

from tests.factories import make_head, make_unit


@pytest.fixture
def unit(municipality):
    return make_unit(municipality, "Norr")


@pytest.fixture
def keeper(client, municipality):
    client.force_login(make_head(municipality.root, "coordinator"))
    return client
