"""axe-core finds nothing on the register's pages, light on a phone and dark on a desk; nothing scrolls sideways."""

from datetime import date

from django.urls import reverse

from tests.browser.conftest import ON_PHONE_AND_DESK
from tests.browser.test_hr_file import look
from tests.factories import make_person


def pages(place) -> list[str]:
    """The addresses of the register's pages."""
    unit = place.unit.pk
    return [
        reverse("register:organisation"),
        reverse("register:organisation") + "?q=hem",
        reverse("register:reorganisations"),
        reverse("register:unit", args=[unit]),
        reverse("register:correct_unit", args=[unit]),
        reverse("register:access_log"),
        reverse("register:disposal"),
        *[reverse("register:reorganise", args=[unit, act]) for act in ("oppna", "namn", "flytta", "sla-ihop", "stang")],
    ]


@ON_PHONE_AND_DESK
def test_axe_finds_nothing(browser, browser_context_args, place, sign_in, scheme, viewport):
    context = browser.new_context(**browser_context_args, viewport=viewport, color_scheme=scheme)
    page = context.new_page()
    # Somebody to dispose of.
    make_person(place.unit, ends_on=date(2023, 1, 1))
    sign_in(page, place.coordinator)
    for path in pages(place):
        page.goto(place.url + path)
        look(page)
    page.goto(place.url + reverse("register:reorganise", args=[place.unit.pk, "dela"]))
    page.get_by_label("De nya enheternas namn").fill("Dag\nNatt")
    page.get_by_role("button", name="Se vad som händer").click()
    page.get_by_role("heading", name="Vem hör vart?").wait_for()
    look(page)
    context.close()
