"""What waits for an editor, how old the content is, and what the editor of a page shows."""

import csv
import io
import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from courses import upkeep
from courses.models import CoursePage, FactSnippet, LessonPage
from quizzes.models import Question
from tests.courses.writing import (
    add_address,
    edit_address,
    lesson_form,
    make_draft,
    question_card,
    signed_in,
    take_feedback_from,
    text_card,
)
from tests.factories import make_course, make_head, make_municipality, make_unit, moment, translate

TODAY = date(2026, 3, 3)
DAY = timedelta(days=1)
CARD = ("text", {"heading": "Rubrik", "body": "<p>Text.</p>"})


@pytest.fixture(autouse=True)
def _on_a_day(time_machine):
    time_machine.move_to(moment(TODAY))


@pytest.fixture
def editor(unit, course):
    return make_head(unit, "editor")


@pytest.fixture
def stranger(db):
    other = make_municipality("Annan")
    make_course(other, slug="annan")
    return make_head(make_unit(other), "editor")


def shown(person, kind: int) -> list[str]:
    return [row.title for row in upkeep.sections(person, on=TODAY)[kind].rows]


DRAFTS, READING, DUE, FACTS, STOPPED, TO_MEND, UNTOLD = range(7)


def start_page(person) -> str:
    return signed_in(person).get(reverse("wagtailadmin_home")).content.decode()


def test_with_nothing_to_do_each_part_says_so_in_a_line(editor):
    found = upkeep.sections(editor, on=TODAY)
    assert [section.rows for section in found] == [[]] * 7
    page = start_page(editor)
    assert [section.empty for section in found if section.empty not in page] == []


def test_my_drafts_are_those_that_i_made_or_wrote_last(editor, unit, course):
    colleague = make_head(unit, "editor")
    make_draft(course, CARD, owner=editor, slug="min").save_revision(user=colleague)
    make_draft(course, CARD, owner=colleague, slug="kollegans")
    assert shown(editor, DRAFTS) == ["Utkast"]
    assert shown(colleague, DRAFTS) == ["Utkast", "Utkast"]


def test_what_a_colleague_sent_waits_for_me(editor, unit, course):
    colleague = make_head(unit, "editor")
    lesson = make_draft(course, CARD, owner=colleague)
    form = lesson_form(text_card(), slug=lesson.slug, title="Skickad", **{"action-submit": "1"})
    signed_in(colleague).post(edit_address(lesson), form)
    assert shown(editor, READING) == ["Skickad"]
    assert shown(colleague, READING) == []
    assert str(colleague) in start_page(editor)


@pytest.mark.parametrize(("days", "is_due"), [(-400, True), (0, True), (60, True), (61, False), (None, False)])
def test_a_course_is_due_within_sixty_days_and_after(editor, course, days, is_due):
    CoursePage.objects.update(review_on=None if days is None else TODAY + timedelta(days=days))
    assert shown(editor, DUE) == ([course.title] if is_due else [])


def test_a_course_that_is_not_published_is_not_due(editor, course):
    CoursePage.objects.update(review_on=TODAY, live=False)
    assert shown(editor, DUE) == []


@pytest.mark.parametrize(("days", "is_due"), [(-1, True), (0, True), (1, False)])
def test_a_fact_is_to_be_checked_from_its_day_on(editor, days, is_due):
    FactSnippet.objects.update(check_by=TODAY + timedelta(days=days))
    assert bool(shown(editor, FACTS)) is is_due


def test_lessons_that_cannot_be_published_are_shown_with_why(editor, course):
    option = take_feedback_from(Question.objects.get(key="l1-a"))
    assert shown(editor, STOPPED) == ["Lektion 1", "Lektion 2"]
    assert option in start_page(editor)


def test_a_draft_is_judged_as_it_was_last_written(editor, course):
    question = Question.objects.get(key="l1-c")
    lesson = make_draft(course, CARD, owner=editor)
    take_feedback_from(question)
    assert shown(editor, STOPPED) == []
    signed_in(editor).post(edit_address(lesson), lesson_form(question_card(question), slug=lesson.slug, title="Ny"))
    assert shown(editor, STOPPED) == ["Ny"]


def test_nothing_of_another_municipality_is_shown(editor, course, stranger):
    make_draft(course, CARD, owner=editor)
    take_feedback_from(Question.objects.filter(key="l1-a").first())
    CoursePage.objects.descendant_of(course.get_parent()).update(review_on=TODAY)
    FactSnippet.objects.filter(municipality=editor.municipality).update(check_by=TODAY)
    assert [section.rows for section in upkeep.sections(stranger, on=TODAY)] == [[]] * 7
    assert {age.url for age in upkeep.ages(stranger, on=TODAY)}.isdisjoint(
        age.url for age in upkeep.ages(editor, on=TODAY)
    )


def report(person, **query):
    return signed_in(person).get(reverse("content_age"), query)


def test_the_report_tells_of_every_published_text_overdue_first(editor, course):
    CoursePage.objects.update(review_on=TODAY - DAY, steward="VBE-gruppen")
    FactSnippet.objects.update(check_by=TODAY + DAY)
    make_draft(course, CARD, owner=editor)
    ages = upkeep.ages(editor, on=TODAY)
    assert [(age.title, age.is_overdue) for age in ages] == [
        ("Provkurs", True),
        ("Lektion 1", True),
        ("Lektion 2", True),
        ("Lagen gäller sedan 2023.", False),
    ]
    assert {age.owner for age in ages} == {"VBE-gruppen", ""}
    assert {age.published.date() for age in ages} == {timezone.now().date()}
    page = report(editor).content.decode()
    assert [age.title for age in ages if age.title not in page] == []
    assert page.index("Provkurs") < page.index("Lagen gäller sedan 2023.")


@pytest.mark.parametrize(("days", "is_overdue"), [(-1, True), (0, False)])
def test_a_course_is_overdue_from_the_day_after(editor, days, is_overdue):
    CoursePage.objects.update(review_on=TODAY + timedelta(days=days))
    FactSnippet.objects.all().delete()
    assert {age.is_overdue for age in upkeep.ages(editor, on=TODAY)} == {is_overdue}


def test_what_has_no_day_of_review_stands_last(editor):
    CoursePage.objects.update(review_on=None)
    last = upkeep.ages(editor, on=TODAY)[-1]
    assert (last.review_on, last.standing) == (None, _("no date is set"))


def test_the_report_comes_as_a_file_in_which_no_cell_is_run(editor):
    CoursePage.objects.update(steward="=1+1")
    FactSnippet.objects.update(check_by=TODAY)
    body = b"".join(report(editor, export="csv").streaming_content).decode()
    rows = list(csv.reader(io.StringIO(body)))
    assert len(rows) == 1 + len(upkeep.ages(editor, on=TODAY))
    assert [rows[1][0], rows[1][4], rows[1][5]] == ["Lagen gäller sedan 2023.", "2026-03-03", _("overdue")]
    assert "'=1+1" in body


def test_the_report_is_offered_to_those_who_write(editor):
    assert reverse("content_age") in start_page(editor)


def test_the_report_is_closed_to_those_who_do_not(unit):
    assert report(make_head(unit, "head")).status_code == 302


def queries_of(address: str, person) -> int:
    client = signed_in(person)
    client.get(address)
    with CaptureQueriesContext(
        connection,
    ) as seen:
        client.get(address)
    return len(seen)


def test_the_report_costs_the_same_for_many_lessons_as_for_few(editor, course):
    few = queries_of(reverse("content_age"), editor)
    for number in range(5):
        make_draft(course, CARD, slug=f"lektion-{number}-till").get_latest_revision().publish()
    assert queries_of(reverse("content_age"), editor) == few


def test_the_start_page_costs_the_same_for_many_lessons_as_for_few(editor, course):
    def write(number: int) -> None:
        question = Question.objects.get(key=f"l1-{'abc'[number % 3]}")
        cards = [("question", {"question": question}), ("recall", {"question": question})]
        make_draft(course, *cards, slug=f"lektion-{number}-till")

    write(0)
    few = queries_of(reverse("wagtailadmin_home"), editor)
    for number in range(1, 6):
        write(number)
    assert queries_of(reverse("wagtailadmin_home"), editor) == few


def test_what_is_begun_in_english_and_not_whole_is_shown_and_what_is_not_begun_is_not(editor, course):
    fact, lesson = FactSnippet.objects.get(), course.lessons().first()
    for thing in (fact, lesson):
        translate(thing)
        thing.save()
    assert shown(editor, UNTOLD) == []
    FactSnippet.objects.update(source="Ny källa")
    lesson.translations["en"].pop("title")
    lesson.save_revision()
    rows = upkeep.sections(editor, on=TODAY)[UNTOLD].rows
    words = _("%(language)s: %(missing)d missing, %(outdated)d out of date")
    numbers = [{"missing": 1, "outdated": 0}, {"missing": 0, "outdated": 1}]
    assert [row.note for row in rows] == [words % {"language": _("English"), **number} for number in numbers]
    assert str(lesson.pk) in rows[0].url


def test_what_others_have_to_translate_is_not_shown(stranger, course):
    translate(fact := FactSnippet.objects.exclude(municipality=stranger.municipality).get())
    fact.text = "Ändrad"
    fact.save()
    assert shown(stranger, UNTOLD) == []


def meter(html: str) -> dict:
    return dict(re.findall(r'(\w+)="([^"]*)"', re.search(r"<meter[^>]*>", html)[0]))


def test_the_editor_shows_the_meter_of_the_last_saved_draft(editor, course):
    lesson = make_draft(course, CARD, owner=editor)
    client = signed_in(editor)
    client.post(edit_address(lesson), lesson_form(text_card("ord " * 398), slug=lesson.slug, minutes="4"))
    shown = meter(client.get(edit_address(lesson)).content.decode())
    assert (shown["value"], shown["high"], shown["max"]) == ("2.0", "4", "4")


def test_the_bar_is_full_and_past_its_limit_when_a_lesson_is_too_long(editor, course):
    lesson = make_draft(course, ("text", {"heading": "A", "body": "<p>" + "ord " * 800 + "</p>"}), owner=editor)
    shown = meter(signed_in(editor).get(edit_address(lesson)).content.decode())
    assert (shown["value"], shown["high"], shown["max"]) == ("4.0", "3", "4.0")


def test_a_draft_that_is_saved_by_itself_brings_its_meter_along(editor, course):
    lesson = make_draft(course, CARD, owner=editor)
    form = lesson_form(text_card("ord " * 398), slug=lesson.slug)
    saved = signed_in(editor).post(edit_address(lesson), form, headers={"accept": "application/json"}).json()
    assert meter(saved["html"])["value"] == "2.0"
    assert 'data-w-teleport-target-value="#sheet"' in saved["html"]


def test_a_lesson_that_is_new_can_be_written(editor, course):
    html = signed_in(editor).get(add_address(course)).content.decode()
    assert meter(html)["value"] == "0.0"


def test_a_page_without_a_sheet_is_saved_by_itself_as_before(editor, course):
    index = course.get_parent()
    form = {"title": "Kurser", "slug": "kurser", "comments-TOTAL_FORMS": 0, "comments-INITIAL_FORMS": 0}
    saved = signed_in(editor).post(edit_address(index), form, headers={"accept": "application/json"}).json()
    assert saved["success"] is True
    assert "#sheet" not in saved["html"]


def test_a_course_says_what_it_lacks(editor, course):
    found = [finding.text for finding in course.sheet().findings]
    assert len(found) == 2  # the course of the tests has outcomes and a check, but no owner and no day of review
    html = signed_in(editor).get(edit_address(course)).content.decode()
    assert [text for text in found if text not in html] == []


def test_the_preview_opens_as_on_a_phone(editor, course):
    html = signed_in(editor).get(edit_address(LessonPage.objects.first())).content.decode()
    sizes = re.findall(r'data-device-width="(\d+)"\s*(checked)?', html)
    assert sizes == [("360", "checked"), ("768", ""), ("1280", "")]


def test_a_lesson_follows_its_course(course):
    CoursePage.objects.update(review_on=TODAY, steward="VBE-gruppen")
    lesson = LessonPage.objects.first()
    assert (lesson.steward, lesson.review_on) == ("VBE-gruppen", TODAY)
