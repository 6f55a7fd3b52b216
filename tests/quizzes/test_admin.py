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
    response = save_check(editor, check, rows)
    assert response.status_code == 200
    assert check.pool.count() == kept


def save_check(client, check, rows, *, quotas=(), **fields):
    form = {"title": "Kontroll", "introduction": rich_text(""), "draw": "4", "pass_percent": "80", "wait_hours": "0"}
    quotas = inline_formset([{"topic": topic, "number": number} for topic, number in quotas])
    data = {**form, **fields, "quotas": quotas, "pool": inline_formset(rows, initial=len(rows))}
    url = reverse("wagtailsnippets_quizzes_knowledgecheck:edit", args=[check.pk])
    return client.post(url, nested_form_data(data))


def in_pool(check) -> list[dict]:
    return [{"id": item.pk, "question": item.question_id, "form": item.form} for item in check.pool.all()]


# Of the topic l1 there are four, one of which must be right, and as many of l2.
@pytest.mark.parametrize(
    ("quotas", "holds"),
    [
        ([("l1", 2), ("l2", 2)], True),
        ([("l2", 3)], True),
        ([("l2", 4)], False),  # and what must be right are five
        ([("l1", 5)], False),
        ([("l3", 1)], False),
    ],
)
def test_a_check_asks_for_no_more_than_its_pool_and_draw_hold(editor, quotas, holds):
    check = KnowledgeCheck.objects.get()
    response = save_check(editor, check, in_pool(check), quotas=quotas)
    assert (response.status_code == 302) is holds
    assert list(check.quotas.values_list("topic", "number")) == (quotas if holds else [])
    if not holds:
        assert quotas[0][0] in str(response.context["form"].non_field_errors()) or quotas == [("l2", 4)]
        assert response.context["form"].formsets["quotas"].forms[0]["topic"].value() == quotas[0][0]


def test_a_question_that_is_not_published_does_not_fill_a_quota(editor):
    check = KnowledgeCheck.objects.get()
    Question.objects.filter(topic="l2").update(live=False)
    assert save_check(editor, check, in_pool(check), quotas=[("l2", 1)]).status_code == 200


@pytest.mark.parametrize(("forms", "holds"), [("AAAABBBB", True), ("AAAA----", False), ("AAAABB--", False)])
def test_what_measures_has_forms_of_one_size(editor, forms, holds):
    check = KnowledgeCheck.objects.get()
    rows = [{**row, "form": form.strip("-")} for row, form in zip(in_pool(check), forms, strict=True)]
    assert (save_check(editor, check, rows, measures="on").status_code == 302) is holds


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
