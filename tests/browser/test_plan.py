"""A plan is written in the admin."""

import pytest
from playwright.sync_api import expect

from learning.plans.models import ActionPlan
from tests.browser.conftest import PASSWORD, follow
from tests.factories import make_head


@pytest.fixture
def editor(place):
    person = make_head(place.unit, "editor", email="ann@example.org")
    person.set_password(PASSWORD)
    person.save()
    return person


def test_a_day_that_cannot_be_read_stays_as_written_and_is_refused(page, place, sign_in, editor):
    plan = ActionPlan.objects.get()
    sign_in(page, editor)
    page.goto(f"{place.url}/admin/snippets/plans/actionplan/edit/{plan.pk}/")
    day = page.locator("input[name=valid_to]")
    for words in ("31/12 2028", "2028-13-45", "31 december 2028"):
        day.fill("")
        day.press_sequentially(words)
        day.press("Tab")
        expect(day).to_have_value(words)
    follow(page.get_by_role("button", name="Spara utkast"))
    expect(day).to_have_value(words)
    expect(page.locator(".w-field", has=day)).to_contain_text("Fyll i ett giltigt datum.")
    assert ActionPlan.objects.get().valid_to == plan.valid_to
