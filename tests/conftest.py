import os

import pytest
from django.conf import settings as site
from django.core.cache import cache
from django.db import connections
from django.utils import translation
from hypothesis import settings

from tests.chromium import launch_options
from tests.factories import make_course, make_municipality, make_unit
from tests.offline import refuse_network

refuse_network()

# Playwright leaves an event loop running in the thread of the tests, where Django would refuse its database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

# The gate draws the same examples each time; HYPOTHESIS_PROFILE=search looks for new ones.
settings.register_profile("gate", deadline=None, derandomize=True, max_examples=20, print_blob=True)
# On a second database the same code meets fewer.
settings.register_profile("few", settings.get_profile("gate"), max_examples=8)
settings.register_profile("search", deadline=None, max_examples=2000, print_blob=True)
settings.register_profile("long", settings.get_profile("search"), max_examples=10_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "gate"))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Mark what needs Chromium, and give tests that commit the pages that the migrations made."""
    for item in items:
        if "browser" in item.fixturenames:
            item.add_marker("browser")
        marker = item.get_closest_marker("django_db")
        asked = marker.kwargs if marker else {}
        if "live_server" in item.fixturenames or asked.get("transaction"):
            commits = {**asked, "transaction": True, "serialized_rollback": True}
            item.add_marker(pytest.mark.django_db(**commits), append=False)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings, tmp_path_factory):
    """SQLite lives in a file, as on a running site: in memory, threads and the live server lock each other out."""
    database = connections.databases["default"]
    if database["ENGINE"] == "django.db.backends.sqlite3":
        database["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "test.sqlite3")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup):
    """Every connection can bring back what the migrations made: beside playwright's loop Django opens new ones."""
    connection = connections["default"]
    if made := getattr(connection, "_test_serialized_contents", None):
        type(connection)._test_serialized_contents = made


@pytest.fixture(autouse=True)
def in_swedish():
    """A request in English leaves its language in the thread; the next test is none of it."""
    translation.activate(site.LANGUAGE_CODE)


@pytest.fixture(autouse=True)
def nothing_kept():
    """What is kept outside the database is not rolled back with it."""
    cache.clear()


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    """Playwright drives the system's Chromium; it can download none of its own offline."""
    return {**browser_type_launch_args, **launch_options()}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args):
    return {**browser_context_args, "locale": "sv-SE", "timezone_id": "Europe/Stockholm"}


# Most tests stand in one municipality with a course and a unit; those that ask for more than that make their own.


@pytest.fixture
def municipality(db):
    return make_municipality()


@pytest.fixture
def course(municipality):
    return make_course(municipality)


@pytest.fixture
def unit(municipality):
    return make_unit(municipality)
