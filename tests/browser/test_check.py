"""A check on a phone whose network and page come and go."""

import re

from playwright.sync_api import expect

from quizzes.models import KnowledgeCheck, PoolItem
from tests.browser.conftest import PHONE, follow


def test_what_is_chosen_stays_through_a_reload_and_without_a_network(page, place, sign_in, no_violations):
    KnowledgeCheck.objects.update(asks_confidence=True, minutes=20)
    PoolItem.objects.exclude(question__kind="single").delete()
    page.set_viewport_size(PHONE)
    sign_in(page, place.employee)
    page.goto(f"{place.url}/kunskapskontroll/{place.course.pk}/")
    page.locator("input[value=twice]").check()
    follow(page.locator("main form button[type=submit]"))
    expect(page.locator("#clock")).to_contain_text("30")
    needed = [page.locator("[name^=choice]").first, page.locator("[name=confidence][value='4']")]
    for field in needed:
        field.check()
    page.reload()
    for field in needed:
        expect(field).to_be_checked()
    no_violations(page)
    page.context.set_offline(True)
    page.locator(".lesson-bar__next").click()
    expect(page.locator("#without-network")).to_be_visible()
    expect(needed[0]).to_be_checked()
    page.context.set_offline(False)
    page.wait_for_url(re.compile("/2/$"))
