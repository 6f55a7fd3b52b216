"""The short form of `make faults`: everything is killed once, and nothing is lost."""

import os

import pytest

from tests.faults.mailing import run

# It brings its own PostgreSQL, whatever the other tests run on.
pytestmark = pytest.mark.skipif("postgres" in os.environ.get("DATABASE_URL", ""), reason="runs once")


def test_no_completion_and_no_mail_is_lost_when_anything_is_killed():
    report = run(60, 5)
    assert report.problems() == [], str(report)
