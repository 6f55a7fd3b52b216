"""A lesson by mail on a phone: from the link to the proof without an account; and a scanner that opens every link."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from learning.access.lesson_links import lesson_url, revoke
from learning.records.models import Completion
from tests.access.test_lesson_links import everything
from tests.browser.conftest import PHONE, follow
from tests.browser.test_main_job import answer_check, play_cards


@pytest.fixture
def link(place, settings):
    """The link of a mail to the employee."""
    settings.WAGTAILADMIN_BASE_URL = place.url
    return lesson_url(place.employee, place.course.lessons().first(), through=timezone.localdate() + timedelta(days=14))


@pytest.fixture
def phone(browser, browser_context_args):
    context = browser.new_context(**browser_context_args, viewport=PHONE, has_touch=True, is_mobile=True)
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()


@pytest.mark.long
def test_from_the_link_in_a_mail_to_the_proof(phone, place, link, no_violations):
    phone.goto(link)
    no_violations(phone)
    assert phone.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert "Robin" not in phone.content()
    with phone.expect_event("load"):
        phone.locator("main form button").tap()
    for _lesson in range(8):
        play_cards(phone)
        assert "kort=klar" in phone.url
        following = phone.locator("main .card a.button").first
        if "/kunskapskontroll/" not in following.get_attribute("href"):
            follow(following)
    no_violations(phone)
    follow(phone.locator("main a[href*='/kunskapskontroll/']"))
    follow(phone.locator("main form button[type=submit]"))
    answer_check(phone)
    follow(phone.locator("main a[href*='/intyg/']"))
    assert "Robin Ek" in phone.locator(".proof").inner_text()
    assert Completion.objects.get().person == place.employee
    # To see more than lessons one signs in, and is told so.
    follow(phone.locator("main a[href*='/logga-in/']"))
    assert phone.locator("main .lead").count() == 1
    no_violations(phone)


def test_a_scanner_that_opens_every_link_and_runs_its_scripts_uses_nothing_up(
    browser, phone, place, link, no_violations
):
    before = everything()
    scanner = browser.new_context()
    request = scanner.request
    assert request.head(link).status == 200
    for _time in range(3):
        assert request.get(link, headers={"sec-purpose": "prefetch;prerender"}).status == 200
    assert request.post(link).status == 403
    page = scanner.new_page()
    page.goto(link, wait_until="networkidle")
    page.mouse.wheel(0, 2000)
    page.wait_for_timeout(1000)
    scanner.close()
    assert everything() == before

    phone.goto(link)
    follow(phone.locator("main form button"))
    expect(phone.locator(".lesson-bar__next")).to_be_visible()
    revoke(place.employee)
    phone.goto(link)
    assert phone.locator("main form").count() == 0
    no_violations(phone)
