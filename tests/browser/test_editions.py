"""An edition from the editor's answer to the learner's page, in a browser."""

from datetime import timedelta

from django.utils.timezone import localdate

from learning.records.services import finish_lesson
from tests.browser.conftest import PHONE
from tests.browser.test_hr_file import look
from tests.factories import moment, take_check


def test_an_edition_is_opened_in_the_admin_and_told_on_the_phone(place, page, sign_in, no_violations):
    passed = localdate() - timedelta(days=30)
    first, *_others = place.course.lessons()
    for lesson in place.course.lessons():
        finish_lesson(person=place.employee, lesson=lesson, now=moment(passed))
    take_check(place.employee, place.course, passed)

    sign_in(page, place.coordinator)
    page.goto(f"{place.url}/admin/pages/{place.course.pk}/edit/")
    page.get_by_role("button", name="Fler åtgärder").click()
    page.get_by_role("button", name="Publicera").click()
    page.locator("h1.w-h1", has_text="Vad betyder ändringen?").wait_for()
    assert page.get_by_label("Ingenting. Ändringen är redaktionell.").is_checked()
    look(page)
    page.get_by_label("De ombeds göra några lektioner.").check()
    page.get_by_label("Vad som är nytt").fill("Lagen har ändrats.")
    page.get_by_label(first.title).check()
    page.get_by_role("button", name="Det är vad den betyder").click()
    page.get_by_text("Utgåva 2 är öppen.").wait_for()
    page.goto(f"{place.url}/admin/pages/{first.pk}/delete/")
    page.locator("h1.w-h1", has_text="Det här blir kvar").wait_for()
    look(page)

    page.set_viewport_size(PHONE)
    sign_in(page, place.employee)
    page.goto(f"{place.url}/min-sida/")
    news = page.locator("section.card", has=page.get_by_role("heading", name="Nytt sedan du gjorde kursen"))
    assert "Lagen har ändrats." in news.inner_text()
    no_violations(page)
    news.get_by_role("link", name=first.title).click()
    page.get_by_role("heading", name=first.title).first.wait_for()
    page.goto(place.url + place.course.url.replace("http://localhost", ""))
    no_violations(page)
