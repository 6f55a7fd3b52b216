"""Writing a question in the admin: what does not agree is explained, and nothing that was written is lost."""

import pytest
from django.urls import reverse
from wagtail.test.utils.form_data import inline_formset, nested_form_data, rich_text

from learning.access.editors import follow_appointments
from quizzes.models import KnowledgeCheck, Question
from tests.factories import make_course, make_head, make_municipality, make_unit


@pytest.fixture
def editor(db, client):
    municipality = make_municipality()
    make_course(municipality)
    person = make_head(make_unit(municipality), "editor")
    follow_appointments([person.pk])
    client.force_login(person)
    return client


def save(client, *, kind: str, right: int):
    """Save the first question with so many right options."""
    question = Question.objects.first()
    rows = [
        {"id": option.pk, "text": f"Alternativ {n}", "correct": "on" if n < right else "", "feedback": "Därför."}
        for n, option in enumerate(question.options.all())
    ]
    # One more that is wrong, so that there is something to choose between.
    rows.append({"text": "Ett till", "correct": "", "feedback": "Därför inte."})
    options = inline_formset(rows, initial=len(rows) - 1)
    data = nested_form_data(
        {"text": "Ny lydelse", "kind": kind, "topic": "", "options": options, "action-publish": "action-publish"}
    )
    return client.post(reverse("wagtailsnippets_quizzes_question:edit", args=[question.pk]), data), question


@pytest.mark.parametrize(("kind", "right"), [("single", 1), ("multiple", 2), ("multiple", 3)])
def test_a_question_whose_right_options_agree_with_its_kind_is_saved(editor, kind, right):
    response, question = save(editor, kind=kind, right=right)
    assert response.status_code == 302
    question.refresh_from_db()
    assert question.text == "Ny lydelse"
    assert question.on_paper().choose == right


@pytest.mark.parametrize(("kind", "right"), [("single", 0), ("single", 2), ("multiple", 0), ("multiple", 1)])
def test_one_whose_right_options_do_not_is_explained_and_what_was_written_stays_in_the_form(editor, kind, right):
    response, question = save(editor, kind=kind, right=right)
    assert response.status_code == 200
    assert "Ny lydelse" in response.content.decode()
    assert response.context["form"].non_field_errors()
    question.refresh_from_db()
    assert question.text != "Ny lydelse"


def test_a_check_needs_a_question(editor):
    check = KnowledgeCheck.objects.get()
    kept = check.pool.count()
    rows = [{"id": item.pk, "question": item.question_id, "DELETE": "on"} for item in check.pool.all()]
    form = {"title": "Kontroll", "introduction": rich_text(""), "draw": "4", "pass_percent": "80"}
    data = nested_form_data({**form, "pool": inline_formset(rows, initial=len(rows))})
    response = editor.post(reverse("wagtailsnippets_quizzes_knowledgecheck:edit", args=[check.pk]), data)
    assert response.status_code == 200
    assert check.pool.count() == kept


@pytest.mark.parametrize(
    "view", ["wagtailsnippetchoosers_quizzes_question:choose_results", "wagtailsnippets_quizzes_question:list_results"]
)
def test_a_question_is_found_by_its_words_among_ones_own(editor, view):
    other = make_municipality()
    make_course(other, slug="annan")
    words = Question.objects.filter(municipality=other).first().text
    Question.objects.filter(municipality=other).update(topic="Främmande")
    response = editor.get(reverse(view), {"q": words})
    assert words in response.content.decode()
    assert "Främmande" not in response.content.decode()
