"""The main job, as people do it on a phone: a lesson learned becomes coverage."""

from playwright.sync_api import expect

from learning.organisation.models import Person
from learning.records.models import Completion, LessonProgress
from quizzes.models import Attempt
from tests.browser.conftest import PHONE, WITH_AND_WITHOUT_JAVASCRIPT, follow


def play_cards(page):
    """Go from card to card, always choosing the first option, to the page that ends the lesson."""
    while page.locator(".lesson-bar__next").count():
        names = page.locator("form input:is([type=radio], [type=checkbox])").evaluate_all(
            "inputs => [...new Set(inputs.map(input => input.name))]"
        )
        for name in names:
            options = page.locator(f'form input[name="{name}"]')
            several = options.first.get_attribute("type") == "checkbox"
            for index in range(2 if several else 1):
                options.nth(index).check()
        follow(page.locator(".lesson-bar__next"))


def place_thing(page, thing: int, place: int):
    """Give the thing its place, in the list that holds the truth wherever there are buttons too."""
    field = page.locator(f"[name='choice-{thing}']")
    if field.count() > 1:
        page.locator(f"[name='choice-{thing}'][value='{place}']").check()
    else:
        field.select_option(str(place), force=True)


def answer_check(page):
    """Answer every question of the open attempt rightly."""
    while "/forsok/" in page.url and page.locator(".lesson-bar__next").count():
        number, position = page.url.rstrip("/").split("/")[-2:]
        question = Attempt.objects.get(pk=number).as_paper.questions[int(position) - 1]
        for option in question.key:
            place_thing(page, *option) if question.places_things else page.locator(f"input[value='{option}']").check()
        follow(page.locator(".lesson-bar__next"))


def figure(page) -> tuple[int, int]:
    """The figure in the page's first sentence: how many of how many."""
    done, total = page.locator(".figure-lead__number").first.inner_text().split(" av ")
    return int(done), int(total)


@WITH_AND_WITHOUT_JAVASCRIPT
def test_a_lesson_learned_becomes_coverage(browser, browser_context_args, place, sign_in, javascript):
    context = browser.new_context(**browser_context_args, viewport=PHONE, java_script_enabled=javascript)
    context.set_default_timeout(10_000)
    page = context.new_page()

    sign_in(page, place.head)
    page.goto(f"{place.url}/laget/{place.unit.pk}/")
    before, total = figure(page)

    sign_in(page, place.employee)
    assert page.url.endswith("/min-sida/")
    follow(page.get_by_role("link", name="Börja"))
    for _lesson in range(8):
        play_cards(page)
        assert page.locator("h1").inner_text().startswith("Du är klar med")
        following = page.get_by_role("link", name="Till nästa lektion")
        if following.count():
            follow(following)
    follow(page.get_by_role("link", name="Till kunskapskontrollen"))
    follow(page.get_by_role("button", name="Börja"))
    answer_check(page)
    assert page.locator("h1").inner_text() == "Genomförd. Bra jobbat!"
    follow(page.get_by_role("link", name="Se intyget"))
    assert "Robin Ek" in page.locator(".proof").inner_text()

    sign_in(page, place.head)
    page.goto(f"{place.url}/laget/{place.unit.pk}/?status=competent")
    assert figure(page) == (before + 1, total)
    assert "Genomförd" in page.locator("tr", has_text="Robin Ek").inner_text()

    sign_in(page, place.coordinator)
    page.goto(f"{place.url}/laget/")
    assert figure(page) == (before + 1, total)
    assert Completion.objects.get().person == Person.objects.get(pk=place.employee.pk)
    context.close()


def test_what_is_answered_without_a_network_arrives_once_when_it_is_back(browser, browser_context_args, place, sign_in):
    lesson = place.course.lessons().first()
    context = browser.new_context(**browser_context_args, viewport=PHONE)
    context.set_default_timeout(10_000)
    page = context.new_page()
    sent = []
    page.on("request", lambda request: sent.append(request.post_data) if request.method == "POST" else None)
    sign_in(page, place.employee)
    page.goto(place.url + lesson.url.replace("http://localhost", ""))
    sent.clear()
    context.set_offline(True)
    page.locator("input[type=radio]").nth(1).check()
    page.locator(".lesson-bar__next").click()
    expect(page.get_by_text("Det finns inget nät just nu")).to_be_visible()
    assert not LessonProgress.objects.exists()
    with page.expect_event("load"):
        context.set_offline(False)
    expect(page.locator("#svar")).to_be_visible()
    assert list(LessonProgress.objects.get().answers.values()) == ["1"]
    # The phone is closed without a network, and opened again with one: the card after is gone on from.
    context.set_offline(True)
    page.locator(".lesson-bar__next").click()
    expect(page.get_by_text("Det finns inget nät just nu")).to_be_visible()
    page.close()
    assert LessonProgress.objects.get().seen == 0
    context.set_offline(False)
    page = context.new_page()
    page.goto(place.url + lesson.url.replace("http://localhost", ""))
    page.wait_for_url("**?kort=2")
    assert LessonProgress.objects.get().seen == 1
    assert page.evaluate("localStorage.getItem('unsent')") is None
    context.close()


def test_what_one_person_left_unsent_is_not_sent_as_anothers(browser, browser_context_args, place, sign_in):
    lesson = place.course.lessons().first()
    context = browser.new_context(**browser_context_args, viewport=PHONE)
    context.set_default_timeout(10_000)
    page = context.new_page()
    sign_in(page, place.employee)
    page.goto(place.url + lesson.url.replace("http://localhost", ""))
    context.set_offline(True)
    page.locator("input[type=radio]").first.check()
    page.locator(".lesson-bar__next").click()
    expect(page.get_by_text("Det finns inget nät just nu")).to_be_visible()
    page.close()
    context.set_offline(False)
    page = context.new_page()
    sign_in(page, place.head)
    page.goto(place.url + lesson.url.replace("http://localhost", ""))
    page.wait_for_load_state("networkidle")
    assert not LessonProgress.objects.exists()
    context.close()


def test_leaving_a_lesson_leaves_nothing_in_the_console(page, place, sign_in):
    faults = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    sign_in(page, place.employee)
    page.goto(place.url + place.course.lessons().first().url.replace("http://localhost", ""))
    with page.expect_event("load"):
        page.evaluate("address => setTimeout(() => { location.href = address })", f"{place.url}/min-sida/")
    page.wait_for_timeout(500)  # a transition that is skipped is told late
    assert faults == []
