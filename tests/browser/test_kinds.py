"""Every kind of question is answered by keyboard alone, with and without JavaScript; axe finds nothing on the way."""

import pytest
from playwright.sync_api import expect

from learning.records.models import LessonProgress
from quizzes.grading import Kind
from quizzes.models import Answer, Attempt, PoolItem
from tests.browser.conftest import PHONE, WITH_AND_WITHOUT_JAVASCRIPT, follow
from tests.factories import make_lesson, make_question


@pytest.fixture
def questions(place):
    return [make_question(place.municipality, kind) for kind in Kind.values]


def tab_to(page, locator):
    """Move the focus there with the tab key alone."""
    for _press in range(60):
        if locator.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError("The tab key does not lead there.")


def hand_in(page):
    tab_to(page, page.locator(".lesson-bar__next"))
    with page.expect_event("load"):
        page.keyboard.press("Enter")


def is_refused(page):
    """What was sent is refused in words that have the focus and belong to the group."""
    expect(page.locator("#problem [role=alert]")).to_be_visible()
    expect(page.locator("#problem")).to_be_focused()
    assert "problem" in page.locator("form fieldset").first.get_attribute("aria-describedby").split()


def answer(page, question, *, javascript: bool):
    """Choose what is right, with the keyboard alone."""
    paper = question.on_paper()
    if paper.kind == Kind.ORDER and javascript:
        return move_into_order(page, [option.text for option in question.options.all()])
    if not paper.places_things:
        for key in sorted(paper.key):
            box = page.locator(f"input[value='{key}']")
            # A group of radio buttons is one stop, in which arrows choose.
            tab_to(page, box if paper.kind == Kind.MULTIPLE else page.locator("input[type=radio]").first)
            press_until(page, box, "Space" if paper.kind == Kind.MULTIPLE else "ArrowDown")
    for thing, where in sorted(paper.key) if paper.places_things else []:
        field = page.locator(f"[name='choice-{thing}']")
        if paper.kind == Kind.SORT:
            tab_to(page, field.first)
            press_until(page, page.locator(f"[name='choice-{thing}'][value='{where}']"), "ArrowDown")
        else:
            text = field.locator(f"option[value='{where}']").inner_text().strip()
            expect(field).to_have_accessible_name(next(o.text for o in paper.options if o.id == thing))
            tab_to(page, field)
            page.keyboard.type(text)
    return None


def press_until(page, box, key):
    page.keyboard.press("Space")
    for _press in range(6):
        if box.is_checked():
            return
        page.keyboard.press(key)
    raise AssertionError("The keyboard does not choose it.")


def move_into_order(page, texts):
    """Move the steps with their buttons; each keeps the focus, and where it came to is told."""
    for number, text in enumerate(texts, start=1):
        step = page.locator("[data-arrange] > li", has_text=text)
        while (at := step.evaluate("item => [...item.parentElement.children].indexOf(item) + 1")) > number:
            button = step.locator("[data-move=up]")
            tab_to(page, button)
            page.keyboard.press("Enter")
            expect(button).to_be_focused()
            expect(page.locator("fieldset > [role=status]")).to_contain_text(f": {text}")
            expect(page.locator("fieldset > [role=status]")).to_contain_text(str(at - 1))


@pytest.mark.long
@WITH_AND_WITHOUT_JAVASCRIPT
def test_every_kind_is_answered_with_the_keyboard_in_a_lesson_and_in_a_check(
    browser, browser_context_args, place, sign_in, no_violations, questions, javascript
):
    context = browser.new_context(**browser_context_args, viewport=PHONE, java_script_enabled=javascript)
    context.set_default_timeout(10_000)
    page = context.new_page()
    lesson = make_lesson(place.course, [("question", {"question": question}) for question in questions])
    check = place.course.check_ref
    check.pool.all().delete()
    for question in questions:
        PoolItem.objects.create(check_ref=check, question=question)
    check.draw = len(questions)
    check.save()

    def look():
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        for scheme in ["light", "dark"] if javascript else []:
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            no_violations(page)

    sign_in(page, place.employee)
    page.goto(place.url + lesson.url.replace("http://localhost", ""))
    for question in questions:
        look()
        hand_in(page)  # an order that nobody has touched is nobody's answer
        is_refused(page)
        look()
        answer(page, question, javascript=javascript)
        if question.kind == Kind.MULTIPLE and javascript:
            expect(page.locator("[data-count]")).to_have_text("2")
        hand_in(page)
        expect(page.locator("#svar.feedback--right")).to_be_visible()
        look()
        hand_in(page)
    assert "kort=klar" in page.url
    assert len(LessonProgress.objects.get(lesson=lesson).answers) == len(questions)

    page.goto(f"{place.url}/kunskapskontroll/{place.course.pk}/")
    follow(page.locator("main form button"))
    by_id = {question.pk: question for question in questions}
    for asked in Attempt.objects.get().as_paper.questions:
        look()
        answer(page, by_id[asked.id], javascript=javascript)
        hand_in(page)
    assert Attempt.objects.get().right == len(questions) == Answer.objects.filter(right=True).count()
    context.close()
