"""A unit takes a lesson together: a leader at the screen, somebody with a phone, and a device that goes round."""

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from learning.records.models import Attendance, GroupSession, LessonProgress
from tests.browser.conftest import DESK, PASSWORD, PHONE, WITH_AND_WITHOUT_JAVASCRIPT, follow
from tests.factories import make_lesson
from tests.records.test_cards_taken import KINDS

PROJECTOR = {"width": 1920, "height": 1080}
How = Attendance.How


def no_sideways(page):
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), page.url


@pytest.fixture
def opened(browser, browser_context_args):
    """Pages of devices of their own."""
    contexts = []

    def open_device(**options):
        contexts.append(browser.new_context(**browser_context_args, **options))
        contexts[-1].set_default_timeout(10_000)
        return contexts[-1].new_page()

    yield open_device
    for context in contexts:
        context.close()


def begin(page, place, lesson) -> GroupSession:
    """Begin the lesson from the page of the unit."""
    page.goto(f"{place.url}/laget/{place.unit.pk}/")
    follow(page.locator("a[href*='/tillsammans/']"))
    page.locator("select[name=lesson]").select_option(str(lesson.pk))
    follow(page.locator("main form button[type=submit]"))
    return GroupSession.objects.get()


def sign_in_here(page, person):
    """Sign in on the page that asks for it."""
    page.locator("input[name=username]").fill(person.email)
    page.locator("input[name=password]").fill(PASSWORD)
    follow(page.locator("form", has=page.locator("input[name=password]")).locator("button"))


@WITH_AND_WITHOUT_JAVASCRIPT
def test_a_unit_takes_a_lesson_together(opened, place, sign_in, javascript):
    screen = opened(viewport=PROJECTOR, java_script_enabled=javascript)
    sign_in(screen, place.head)
    session = begin(screen, place, place.course.lessons().first())
    for _card in range(30):
        if "/kod/" in screen.url:
            break
        follow(screen.locator(".lesson-bar__next"))
    assert screen.locator(".room__code").inner_text().replace(" ", "") == session.code
    assert not LessonProgress.objects.exists()

    phone = opened(viewport=PHONE, java_script_enabled=javascript)
    phone.goto(f"{place.url}/med/")
    phone.locator("#kod").fill(session.code.lower())
    follow(phone.locator("main form button"))
    follow(phone.locator("main a.button"))
    sign_in_here(phone, place.employee)
    follow(phone.locator("button[value=attest]"))
    assert Attendance.objects.get(person=place.employee).how == How.OWN

    tablet = opened(viewport=DESK, java_script_enabled=javascript)
    tablet.goto(f"{place.url}/med/{session.code}/")
    follow(tablet.locator("button[value=share]"))
    follow(tablet.locator("main a.button"))
    sign_in_here(tablet, place.coordinator)
    follow(tablet.locator("button[value=attest]"))
    assert Attendance.objects.get(person=place.coordinator).how == How.SHARED
    for look in (tablet.reload, tablet.go_back):
        look()
        assert tablet.locator("button[value=own]").count() == 1
        assert "Love" not in tablet.content()

    if javascript:
        expect(screen.locator("#count strong")).to_have_text("2", timeout=15_000)
    follow(screen.locator("a[href$='/narvaro/']"))
    screen.locator("input[name=person]").first.check()
    follow(screen.get_by_role("button", name="De var med"))
    assert Attendance.objects.filter(how=How.LEADER).count() == 1
    screen.goto(f"{place.url}/tillsammans/{session.code}/kod/")
    follow(screen.locator("form[action$='/avsluta/'] button"))
    assert "3" in screen.locator("#count").inner_text()


def test_a_device_that_goes_round_shows_nobody_after_a_minute(opened, place, sign_in):
    screen, tablet = opened(), opened()
    sign_in(screen, place.head)
    session = begin(screen, place, place.course.lessons().first())
    tablet.clock.install()
    tablet.goto(f"{place.url}/med/{session.code}/")
    follow(tablet.locator("button[value=share]"))
    follow(tablet.locator("main a.button"))
    sign_in_here(tablet, place.employee)
    follow(tablet.locator("main form a"))
    tablet.clock.run_for(50_000)
    expect(tablet.locator("button[value=attest]")).to_be_visible()
    Session.objects.all().delete()  # a minute has passed on the server
    tablet.clock.run_for(12_000)
    expect(tablet.locator("button[value=own]")).to_be_visible()
    assert "Robin" not in tablet.content()


@pytest.mark.parametrize(
    ("viewport", "scheme"),
    [
        pytest.param(PHONE, "light", id="phone"),
        pytest.param(PROJECTOR, "dark", id="projector", marks=pytest.mark.long),
    ],
)
def test_axe_finds_nothing_while_a_lesson_is_taken_together(opened, place, sign_in, no_violations, viewport, scheme):
    page, visitor = (opened(viewport=viewport, color_scheme=scheme) for _device in range(2))
    lesson = make_lesson(place.course, ["scenario", *KINDS, "reflect", "text"])
    sign_in(page, place.head)
    page.goto(f"{place.url}/tillsammans/")
    no_violations(page)
    session = begin(page, place, lesson)
    for _card in range(60):
        no_violations(page)
        no_sideways(page)
        if "/kod/" in page.url:
            break
        follow(page.locator(".lesson-bar__next"))
    follow(page.locator("a[href$='/narvaro/']"))
    no_violations(page)
    no_sideways(page)
    visitor.goto(f"{place.url}/med/")
    no_violations(visitor)
    visitor.goto(f"{place.url}/med/{session.code}/")
    no_violations(visitor)
    follow(visitor.locator("button[value=share]"))
    no_violations(visitor)
    follow(visitor.locator("main a.button"))
    sign_in_here(visitor, place.employee)
    no_violations(visitor)
    no_sideways(visitor)
