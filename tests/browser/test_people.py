"""The register's pages of people: clean to axe-core, and done by keyboard without scripts."""

from datetime import date

from django.urls import reverse

from learning.organisation.reorganisation import open_unit
from learning.organisation.services import grant_leave
from tests.browser.conftest import ON_PHONE_AND_DESK, PHONE
from tests.browser.test_hr_file import look
from tests.factories import FOUNDED


def pages(place) -> list[str]:
    """The lists, the page of a person, and acts that stand for all."""
    person = place.employee
    employment = person.employments.get()
    leave = grant_leave(person=person, starts_on=date(2025, 1, 1), ends_on=date(2025, 2, 1), reason="studies")
    return [
        reverse("register:people"),
        f"{reverse('register:people')}?q=robin&grupp=elected",
        reverse("register:person", args=[person.uuid]),
        f"{reverse('register:appointments')}?person={person.uuid}",
        reverse("register:new_person"),
        reverse("register:update_person", args=[person.uuid]),
        reverse("register:end_employment", args=[employment.pk]),
        reverse("register:withdraw_employment", args=[employment.pk]),
        reverse("register:correct_leave", args=[leave.pk]),
    ]


@ON_PHONE_AND_DESK
def test_axe_finds_nothing_among_people(browser, browser_context_args, place, sign_in, viewport, scheme):
    context = browser.new_context(**browser_context_args, viewport=viewport, color_scheme=scheme)
    page = context.new_page()
    sign_in(page, place.coordinator)
    for path in pages(place):
        page.goto(place.url + path)
        look(page)
        asks = page.locator("form[novalidate] button[type=submit]")
        if asks.count():
            with page.expect_navigation():
                asks.click()
            look(page)
    context.close()


def test_somebody_is_moved_by_keyboard_and_without_scripts(browser, browser_context_args, place, sign_in):
    other = open_unit(parent=place.municipality.root, name="Växeln", kind="enhet", on=FOUNDED)
    context = browser.new_context(**browser_context_args, viewport=PHONE, java_script_enabled=False)
    page = context.new_page()
    sign_in(page, place.coordinator)
    page.goto(f"{place.url}{reverse('register:people')}")
    page.locator("input[name=q]").fill("ek robin")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Robin Ek").press("Enter")
    move = reverse("register:move_employment", args=[place.employee.employments.get().pk])
    page.locator(f'a[href="{move}"]').press("Enter")
    page.locator("select[name=unit]").select_option(str(other.pk))
    page.locator("input[name=on]").fill("2026-01-15")
    page.keyboard.press("Enter")
    assert "2026-01-14" in page.locator(".register__effect").inner_text()
    assert place.employee.employments.count() == 1
    page.locator("form[novalidate] button[type=submit]").press("Enter")
    page.wait_for_url(f"**{reverse('register:person', args=[place.employee.uuid])}")
    assert place.employee.employments.get(ends_on=None).unit == other
    context.close()
