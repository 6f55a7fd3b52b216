"""Writing what a text says in another language, beside the text: in the admin, as a draft, published, copied."""

import pytest
from django.urls import reverse
from wagtail.test.utils.form_data import inline_formset, nested_form_data, rich_text

from courses.models import FactSnippet, LessonPage
from learning.translations import in_language, rows, state
from quizzes.models import Question
from tests.courses.writing import edit_address, lesson_form, make_draft, signed_in
from tests.factories import make_course, make_head, make_municipality, make_unit, translate

CARD = ("text", {"heading": "Rubrik", "body": "<p>Text.</p>"})


@pytest.fixture
def editor(municipality, course):
    return signed_in(make_head(make_unit(municipality), "editor"))


@pytest.fixture
def lesson(course):
    return make_draft(course, CARD, slug="utkast")


def posted(thing, **said) -> dict:
    """What the tab sends of the thing: what each text says, by the last name of its path; `right` confirms all."""
    form = {}
    for row in rows(thing, "en"):
        text = row.text
        told = said.get(text.path.rsplit(".", 1)[-1], row.told)
        name = f"translations:en:{text.path}"
        form[f"{name}:of"] = text.source
        form[f"{name}:{text.key}"] = rich_text(told) if text.is_rich else told
        if said.get("right"):
            form[f"{name}:right"] = "1"
    return form


def card_form(lesson, heading: str = "Rubrik") -> dict:
    (card,) = lesson.cards
    form = lesson_form(slug=lesson.slug, title=lesson.title)
    cards = {"count": "1", "0": {"deleted": "", "order": "0", "type": "text", "id": card.id}}
    cards["0"]["value"] = {"heading": heading, "body": rich_text("<p>Text.</p>"), "image": {"image": ""}}
    return form | nested_form_data({"cards": cards})


def latest(lesson) -> LessonPage:
    return LessonPage.objects.get(pk=lesson.pk).get_latest_revision_as_object()


WHOLE = {
    "title": "Title",
    "search_description": "Short.",
    "objective": "You can.",
    "heading": "Heading",
    "body": "<p>Some <b>text</b>.</p>",
}


def test_what_is_written_beside_a_text_goes_with_the_draft_and_is_read_when_it_is_published(editor, lesson):
    page = editor.get(edit_address(lesson)).content.decode()
    assert "Rubrik" in page
    saved = editor.post(edit_address(lesson), card_form(lesson) | posted(lesson, **WHOLE))
    assert saved.status_code == 302
    draft = latest(lesson)
    assert state(draft, "en").is_whole
    draft.get_latest_revision().publish()
    shown = in_language(LessonPage.objects.get(pk=lesson.pk), "en")
    assert (shown.title, shown.cards[0].value["heading"]) == ("Title", "Heading")
    assert shown.cards[0].value["body"].source == "<p>Some <b>text</b>.</p>"
    assert shown.cards[0].id == lesson.cards[0].id


def test_a_changed_text_is_out_of_date_until_it_is_rewritten_or_said_to_be_right(editor, lesson):
    editor.post(edit_address(lesson), card_form(lesson) | posted(lesson, **WHOLE))
    editor.post(edit_address(lesson), card_form(lesson, "Ny rubrik") | posted(latest(lesson)))
    (row,) = [row for row in rows(latest(lesson), "en") if row.is_outdated]
    assert (row.text.source, row.of, row.told) == ("Ny rubrik", "Rubrik", "Heading")
    assert in_language(latest(lesson), "en").cards[0].value["heading"] == "Heading"
    page = editor.get(edit_address(lesson)).content.decode()
    assert f'name="translations:en:{row.text.path}:right"' in page
    # To save again, as the editor does by itself, confirms nothing.
    editor.post(edit_address(lesson), card_form(lesson, "Ny rubrik") | posted(latest(lesson)))
    assert state(latest(lesson), "en").outdated == 1
    editor.post(edit_address(lesson), card_form(lesson, "Ny rubrik") | posted(latest(lesson), right=True))
    assert state(latest(lesson), "en").is_whole
    editor.post(edit_address(lesson), card_form(lesson, "Tredje") | posted(latest(lesson)))
    editor.post(edit_address(lesson), card_form(lesson, "Tredje") | posted(latest(lesson), heading="Third"))
    assert state(latest(lesson), "en").is_whole


def test_what_is_emptied_is_missing_and_a_form_without_the_tab_changes_nothing(editor, lesson):
    editor.post(edit_address(lesson), card_form(lesson) | posted(lesson, **WHOLE))
    editor.post(edit_address(lesson), card_form(lesson))
    assert state(latest(lesson), "en").is_whole
    editor.post(edit_address(lesson), card_form(lesson) | posted(latest(lesson), objective=" ", body="<p> </p>"))
    assert state(latest(lesson), "en").missing == 2


def test_a_form_that_is_refused_keeps_what_was_written_in_english(editor, lesson):
    form = card_form(lesson) | posted(lesson, **{**WHOLE, "body": "<p>Kept as well.</p>"}) | {"title": ""}
    page = editor.post(edit_address(lesson), form)
    assert page.status_code == 200
    assert "You can." in page.content.decode()
    assert "Kept as well." in page.content.decode()


@pytest.mark.parametrize(
    "hostile", ["<script>alert(1)</script>", '<p onclick="alert(1)">x</p>', '<p><a href="javascript:x">y</a></p>']
)
def test_html_that_no_author_could_have_written_is_not_kept(editor, lesson, hostile):
    form = card_form(lesson) | posted(lesson, **{**WHOLE, "heading": hostile, "body": hostile})
    (body,) = [row.text for row in rows(lesson, "en") if row.text.is_rich]
    for said in ({}, {f"translations:en:{body.path}:html": hostile}):
        editor.post(edit_address(lesson), form | said)
        kept = latest(lesson).translations["en"]
        html = kept[body.path].get("html", "") if body.path in kept else ""
        assert not any(sign in html for sign in ("<script", "onclick", "javascript"))
    # As a plain text it is shown as text, and stands in for no rich one.
    editor.post(edit_address(lesson), form | {f"translations:en:{body.path}:text": hostile})
    draft = latest(lesson)
    assert all(row.told != hostile for row in rows(draft, "en") if row.text.is_rich)


def test_a_question_and_its_options_are_translated_and_follow_their_options(editor):
    question = Question.objects.get(key="l1-a")
    address = reverse("wagtailsnippets_quizzes_question:edit", args=[question.pk])
    first, *others = question.options.all()
    options = [
        {"id": one.pk, "text": one.text, "correct": "on" if one.correct else "", "feedback": one.feedback}
        for one in [*others, first]
    ]
    form = nested_form_data(
        {"text": question.text, "kind": "single", "topic": "l1", "options": inline_formset(options, initial=3)}
    )
    translate(question)
    said = posted(question)
    question.refresh_from_db()
    assert editor.post(address, form | said | {"action-publish": "action-publish"}).status_code == 302
    question = Question.objects.get(key="l1-a")
    assert [option.text for option in question.options.all()] == ["l1-a 1", "l1-a 2", "l1-a 0"]
    shown = in_language(question, "en")
    assert [option.text for option in shown.options.all()] == ["en: l1-a 1", "en: l1-a 2", "en: l1-a 0"]
    assert [option.pk for option in shown.options.all()] == [option.pk for option in question.options.all()]
    assert shown.on_paper().key == question.on_paper().key


def test_a_copied_course_keeps_its_english(course):
    for page in (course, *course.lessons()):
        translate(page)
        page.save_revision().publish()
    course.refresh_from_db()
    copied = course.copy(recursive=True, update_attrs={"slug": "kopia"})
    assert copied.outcomes.get().pk != course.outcomes.get().pk
    for page in (copied, *copied.get_children().specific()):
        assert state(page, "en").is_whole
        assert in_language(page, "en").title.startswith("en: ")


def test_versions_of_a_card_without_a_picture_are_compared(editor, lesson):
    before = lesson.get_latest_revision()
    lesson.cards[0].value["heading"] = "Ny rubrik"
    after = lesson.save_revision()
    address = reverse("wagtailadmin_pages:revisions_compare", args=[lesson.pk, before.pk, after.pk])
    assert "Ny" in editor.get(address).content.decode()


def test_two_versions_are_compared_in_english_too(editor, lesson):
    before = lesson.get_latest_revision()
    editor.post(edit_address(lesson), card_form(lesson) | posted(lesson, **WHOLE))
    after = latest(lesson).get_latest_revision()
    address = reverse("wagtailadmin_pages:revisions_compare", args=[lesson.pk, before.pk, after.pk])
    assert "You can." in editor.get(address).content.decode()


@pytest.mark.parametrize(("mode", "words"), [("", "Rubrik"), ("en", "Heading")])
def test_a_draft_is_looked_at_in_each_language(editor, lesson, mode, words):
    address = reverse("wagtailadmin_pages:preview_on_edit", args=[lesson.pk])
    form = card_form(lesson) | posted(lesson, **WHOLE)
    assert editor.post(address, form).json()["is_valid"]
    html = editor.get(address, {"mode": mode}).content.decode()
    assert f"<h2>{words}</h2>" in html
    assert f'<html lang="{mode or "sv"}">' in html


def test_a_foreign_fact_has_no_english_tab_for_others(editor):
    other = make_municipality("Annan")
    make_course(other, slug="annan")
    fact = FactSnippet.objects.get(municipality=other)
    address = reverse(fact.snippet_viewset.get_url_name("edit"), args=[fact.pk])
    form = {"text": fact.text, "source": fact.source, "as_of": "2023-07-01", "check_by": "2027-01-01"}
    for response in (editor.get(address), editor.post(address, form | posted(fact, text="Mine", source="Mine"))):
        assert response.status_code == 404
    fact.refresh_from_db()
    assert fact.translations == {}


def test_a_new_page_says_that_it_is_to_be_saved_first(editor, course):
    for address in (
        reverse("wagtailadmin_pages:add", args=["courses", "lessonpage", course.pk]),
        reverse("wagtailsnippets_quizzes_question:add"),
        reverse("wagtailsnippets_courses_route:add"),
    ):
        response = editor.get(address)
        assert response.status_code == 200
        assert 'class="told__rows"' not in response.content.decode()
