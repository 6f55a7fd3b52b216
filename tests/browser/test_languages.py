"""A course in two languages, in the browser: read in mid-lesson, and written beside the Swedish."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from courses.models import LessonPage
from learning.records.models import Completion, LessonProgress
from learning.translations import state
from tests.browser.conftest import PASSWORD, PHONE, WITH_AND_WITHOUT_JAVASCRIPT, follow
from tests.browser.test_main_job import answer_check, play_cards
from tests.factories import make_head


def change_language(page, language: str) -> None:
    follow(page.locator(f"button[name=language][value={language}]"))


@WITH_AND_WITHOUT_JAVASCRIPT
def test_who_changes_language_in_mid_lesson_keeps_the_place_and_completes_once(
    browser, browser_context_args, place, sign_in, no_violations, javascript
):
    context = browser.new_context(**browser_context_args, viewport=PHONE, java_script_enabled=javascript)
    context.set_default_timeout(10_000)
    page = context.new_page()
    sign_in(page, place.employee)
    lesson = LessonPage.objects.get(slug="vaga-fraga")
    page.goto(place.url + lesson.url.replace("http://localhost", ""))
    for _time in range(3):  # the recalled question and its feedback, then the first scenario
        if page.locator("form input[type=radio]").count():
            page.locator("form input[type=radio]").first.check()
        follow(page.locator(".lesson-bar__next"))
    verdict = ".choice--wrong .choice__text"
    expect(page.locator(verdict)).to_have_text("”Så där kan du väl inte säga!”")
    heading, was = page.locator(".lesson-header__title").inner_text(), page.url
    change_language(page, "en")
    assert page.url == was.split("#")[0]
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator(".lesson-header__title")).not_to_have_text(heading)
    expect(page.locator(verdict)).not_to_have_text(re.compile("[åäö]"))
    if javascript:  # axe is a script
        no_violations(page)
    play_cards(page)
    change_language(page, "sv")
    progress = LessonProgress.objects.get(person=place.employee)
    assert progress.finished_at
    assert len(progress.answers) == 7
    change_language(page, "en")
    page.goto(f"{place.url}/kunskapskontroll/{place.course.pk}/")
    follow(page.locator("main button[type=submit]"))
    change_language(page, "sv")
    answer_check(page)
    assert Completion.objects.get(person=place.employee).attempt.passed
    context.close()


@pytest.mark.long
def test_english_is_written_beside_swedish(browser, browser_context_args, place, sign_in):
    editor = make_head(place.unit, "editor", first_name="Charlie", email="charlie@example.org")
    editor.set_password(PASSWORD)
    editor.save()
    lesson = LessonPage.objects.get(slug="vaga-fraga")
    lesson.objective = "Du kan börja ett samtal."
    lesson.save_revision().publish()
    for viewport in (PHONE, {"width": 1280, "height": 900}):
        context = browser.new_context(**browser_context_args, viewport=viewport)
        page = context.new_page()
        sign_in(page, editor)
        page.goto(f"{place.url}/admin/pages/{lesson.pk}/edit/")
        page.locator("[role=tab]").nth(1).click()
        expect(page.locator(".told")).to_be_visible()
        found = Axe().run(page, context=".told")
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate(
            "document.querySelector('.told').scrollWidth <= document.querySelector('.told').clientWidth"
        )
        row = page.locator(".told__row--outdated")
        if viewport != PHONE:
            row.get_by_role("checkbox").check()
            with page.expect_response(lambda response: response.request.method == "POST" and response.ok):
                page.keyboard.press("Control+s")
            page.wait_for_load_state()
            page.reload()
            expect(row).to_have_count(0)
        else:
            expect(row).to_have_count(1)
        context.close()
    assert state(LessonPage.objects.get(pk=lesson.pk).get_latest_revision_as_object(), "en").is_whole
