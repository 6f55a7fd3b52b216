"""axe-core finds nothing on the main pages, light on a phone and dark on a desk; nothing scrolls sideways."""

from datetime import date, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from learning.coverage.services import settle
from learning.reporting.models import YearlyReport
from learning.reporting.yearly import begin
from learning.surveys import pulse
from learning.surveys.models import Survey, Wave
from learning.surveys.services import load_survey, read_survey
from tests.browser.conftest import ON_PHONE_AND_DESK, PHONE
from tests.factories import make_duty, make_lesson, make_person, make_report, take_check
from tests.records.test_cards_taken import KINDS


def pages(place) -> list[tuple[str, str, str]]:
    """Who opens what: a name, whose eyes, and the address."""
    lesson = place.course.lessons().first().url.replace("http://localhost", "")
    unit = reverse("reporting:unit", args=[place.unit.pk])
    attempt = place.employee.attempts.get()
    proof = place.employee.completions.get()
    return [
        ("start", "", "/"),
        ("sign-in", "", "/logga-in/"),
        ("routes", "", "/vart-vander-jag-mig/"),
        ("plan", "", "/handlingsplan/"),
        ("statement", "", "/tillganglighet/"),
        ("nothing there", "", "/finns-inte/"),
        ("public figures", "", reverse("home:figures")),
        ("opening figures", "coordinator", reverse("home:publishing")),
        ("my page", "employee", "/min-sida/"),
        ("own data", "employee", reverse("access:own_data")),
        ("courses", "employee", "/kurser/"),
        ("search", "employee", f"{reverse('records:search')}?q=oro"),
        ("course", "employee", place.course.url.replace("http://localhost", "")),
        ("lesson", "employee", lesson),
        ("check", "employee", reverse("records:check", args=[place.course.pk])),
        ("result", "employee", reverse("records:check_result", args=[attempt.pk])),
        ("proof", "employee", reverse("records:proof", args=[proof.uuid])),
        ("training elsewhere", "employee", reverse("records:own_evidence")),
        ("proof checked", "employee", reverse("records:proof_check", args=[proof.uuid])),
        ("unit", "head", unit),
        ("decisions", "head", reverse("records:decisions", args=[place.employee.uuid])),
        ("training of several", "head", reverse("records:unit_evidence", args=[place.unit.pk])),
        ("whole", "coordinator", reverse("reporting:unit", args=[place.municipality.root.pk])),
        ("measures", "coordinator", reverse("reporting:measures", args=[place.municipality.root.pk])),
        ("functions", "coordinator", reverse("reporting:duties")),
        ("reports", "coordinator", reverse("reporting:reports")),
        ("report being made", "coordinator", reverse("reporting:report_draft")),
        ("report", "head", reverse("reporting:report", args=[YearlyReport.objects.get().pk])),
        ("survey", "head", reverse("surveys:answer", args=[Wave.objects.get(stage="before").pk])),
        ("asked again", "head", reverse("surveys:pulse", args=[place.course.pk])),
        ("surveys", "coordinator", reverse("surveys:overview")),
        ("retained", "coordinator", reverse("surveys:retained")),
        *[("results", "coordinator", reverse("surveys:results", args=[survey.pk])) for survey in Survey.objects.all()],
        ("round", "coordinator", reverse("surveys:open_wave", args=[Survey.objects.get(kind="needs").pk])),
    ]


def report(place, now: datetime) -> None:
    """A report to the board that is fixed, and the draft of its next edition."""
    fixed = make_report(place.municipality, place.coordinator, now)
    begin(municipality=place.municipality, on=fixed.on, by=place.coordinator, now=now)


def ask_again(place, today: date) -> None:
    """The head is asked again today; twelve others have answered, in a quarter that has ended."""
    take_check(place.head, place.course, today - timedelta(days=40))
    for _ in range(12):
        person = make_person(place.unit)
        take_check(person, place.course, today - timedelta(days=150))
        right = {question.pk: True for question in pulse.questions_of(place.course)[0][:3]}
        pulse.answer(person=person, course=place.course, right=right, on=today - timedelta(days=110))


@ON_PHONE_AND_DESK
def test_axe_finds_nothing(browser, browser_context_args, place, sign_in, no_violations, scheme, viewport):
    take_check(place.employee, place.course, date.today())
    ask_again(place, date.today())
    make_duty(place.municipality, place.course)
    for name in ("kurs", "behov"):
        load_survey(municipality=place.municipality, source=read_survey(name), on=date.today())
    settle()
    report(place, timezone.now())
    context = browser.new_context(**browser_context_args, viewport=viewport, color_scheme=scheme)
    page = context.new_page()
    signed_in = ""
    for _name, who, path in pages(place):
        if who != signed_in:
            sign_in(page, getattr(place, who))
            signed_in = who
        page.goto(place.url + path)
        page.evaluate("for (const details of document.querySelectorAll('details')) details.open = true")
        no_violations(page)
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), path
    context.close()


@pytest.mark.long
def test_every_card_of_a_lesson_is_clean(browser, browser_context_args, place, sign_in, no_violations):
    from tests.browser.test_main_job import play_cards

    context = browser.new_context(**browser_context_args, viewport=PHONE)
    page = context.new_page()
    sign_in(page, place.employee)
    for lesson in place.course.lessons():
        address = place.url + lesson.url.replace("http://localhost", "")
        page.goto(address)
        total = int(page.locator(".lesson-header__place").inner_text().split(" av ")[1])
        no_violations(page)
        play_cards(page)
        for position in range(1, total + 1):
            page.goto(f"{address}?kort={position}")
            no_violations(page)
            assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), (
                address
            )
    context.close()


def test_every_kind_of_card_is_clean_on_the_narrowest_screen(
    browser, browser_context_args, place, sign_in, no_violations
):
    lesson = make_lesson(place.course, KINDS)
    context = browser.new_context(**browser_context_args, viewport={"width": 320, "height": 640})
    page = context.new_page()
    sign_in(page, place.employee)
    page.goto(place.url + lesson.url.replace("http://localhost", ""))
    for _card in range(30):
        no_violations(page)
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        if "kort=klar" in page.url:
            break
        answer_with_the_keyboard(page)
    assert "kort=klar" in page.url
    page.goto(page.url.replace("kort=klar", "kort=alla"))
    no_violations(page)
    context.close()


def test_what_is_folded_away_is_printed_without_javascript(browser, browser_context_args, place):
    context = browser.new_context(**browser_context_args, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{place.url}/handlingsplan/")
    folded = page.locator(".details__body").first
    assert not folded.is_visible()
    page.emulate_media(media="print")
    assert folded.is_visible()
    context.close()


def answer_with_the_keyboard(page) -> None:
    """Fill in whatever the card asks for and go on, without touching anything."""
    for button in page.locator("[data-arrange] > li:first-child [data-move=down]").all():
        button.focus()
        page.keyboard.press("Enter")
    for select in page.locator("select:visible").all():
        select.focus()
        for _press in range(1 + int(select.get_attribute("name").split("-")[1])):
            page.keyboard.press("ArrowDown")
    for field in page.locator("textarea[name]").all():
        field.focus()
        page.keyboard.type("jag märker något")
    groups = {radio.get_attribute("name"): radio for radio in reversed(page.locator("input[type=radio]").all())}
    for box in [*groups.values(), *page.locator("input[type=checkbox][name]").all()[:2]]:
        box.focus()
        page.keyboard.press("Space")
    page.locator(".lesson-bar__next").focus()
    with page.expect_event("load"):
        page.keyboard.press("Enter")
