"""What would make a question better: each rule speaks where it should, and is silent where a question is good."""

import pytest
from django.http import QueryDict
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from quizzes.advice import Draft, Row, advice, of_form
from tests.courses.writing import signed_in
from tests.factories import make_course, make_head, make_municipality, make_person, make_question, make_unit

WHY = "Så blir ingen i fara medan du väntar."
GOOD = [("Ring 112", True), ("Vänta till i morgon", False), ("Fråga en kollega", False)]


def draft(text="Någon hotar med kniv. Vad gör du?", rows=GOOD, kind="single", feedback=WHY, **fields) -> Draft:
    written = [Row(f"options-{n}", n + 1, text, right, feedback) for n, (text, right) in enumerate(rows)]
    return Draft(kind=kind, text=text, rows=written, **fields)


def places(asked: Draft) -> list[str]:
    return [hint.field for hint in advice(asked)]


def test_a_good_question_is_left_alone():
    assert advice(draft()) == []


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        (draft("Vad gör du? Och varför?"), "text"),
        (draft("ord " * 70 + "?"), "text"),
        (draft("Vad ska du inte göra?"), "text"),
        (draft(must_pass=True), "must_pass"),
        (draft(rows=[*GOOD, ("Gå hem", False)]), "options-3-text"),
        (draft(rows=GOOD[:2]), "options-1-text"),
        (draft(rows=[("Ring 112 och berätta lugnt vad som händer", True), *GOOD[1:]]), "options-0-text"),
        (draft(rows=[*GOOD[:2], ("Alla ovanstående", False)]), "options-2-text"),
        (draft(rows=[*GOOD[:2], ("None of the above", False)]), "options-2-text"),
        (draft(rows=[*GOOD[:2], ("Fråga alltid en kollega", False)]), "options-2-text"),
        (draft(rows=[*GOOD[:2], ("Vänta nu till i morgon", False)]), "options-2-text"),
        (draft("Vem tar emot anmälan?", [("Den som tar anmälningar", True), *GOOD[1:]]), "options-0-text"),
        (draft(feedback="Rätt!"), "options-0-feedback"),
        (draft(rows=GOOD, kind="order", feedback=""), "feedback"),
    ],
)
def test_each_rule_speaks_where_it_is_broken(asked, field):
    assert field in places(asked)


@pytest.mark.parametrize(
    "asked",
    [
        draft("Vad ska du INTE göra?"),
        draft("Ska du ringa eller inte?"),
        draft("Vem är det, inte bara i dag?"),
        draft(rows=[("10 år", True), ("12 år", False), ("15 år", False)]),
        draft(rows=[*GOOD, ("Märka", True), ("Spana", False)], kind="multiple"),
        draft(rows=[("Märka", False)] * 3, kind="order"),
        draft("Vem tar emot anmälan?", [("Den som tar anmälan", True), ("Den som gör anmälan", False), GOOD[1]]),
    ],
)
def test_it_is_silent_where_the_rule_holds(asked):
    assert advice(asked) == []


def form(asked: Draft) -> QueryDict:
    """The form that the question is written in."""
    data = QueryDict(mutable=True)
    data.update({"kind": asked.kind, "text": asked.text, "options-TOTAL_FORMS": str(len(asked.rows))})
    for row in asked.rows:
        data.update(
            {f"{row.name}-text": row.text, f"{row.name}-feedback": row.feedback, f"{row.name}-ORDER": str(row.number)}
        )
        if row.correct:
            data[f"{row.name}-correct"] = "on"
    return data


def test_a_form_is_read_as_it_stands_without_what_is_taken_away():
    asked = draft(rows=[*GOOD, ("Gå hem", False)])
    data = form(asked)
    assert of_form(data) == asked
    data["options-3-DELETE"] = "1"
    assert of_form(data) == draft()


@given(data=st.dictionaries(st.sampled_from([*form(draft()), "options-0-ORDER", "options-1-DELETE"]), st.text()))
def test_whatever_is_typed_or_forged_is_read(data):
    sent = form(draft()).copy()
    sent.update(data)
    for hint in advice(of_form(sent)):
        assert hint.words


def test_the_form_asks_for_advice_as_it_is_typed_and_nothing_is_kept(db):
    municipality = make_municipality()
    make_course(municipality)
    editor = make_head(make_unit(municipality), "editor")
    address = reverse("wagtailsnippets_quizzes_question:advice")
    html = signed_in(editor).post(address, form(draft(must_pass=False, text="Vad ska du inte göra?"))).content.decode()
    assert 'data-field="text"' in html
    assert 'href="#id_text"' in html
    assert signed_in(editor).get(address).status_code == 405
    assert signed_in(make_person(editor.employments.get().unit)).post(address, {}).status_code in (302, 403)


def test_without_a_script_advice_is_shown_with_the_saved_question(db):
    municipality = make_municipality()
    make_course(municipality)
    editor = make_head(make_unit(municipality), "editor")
    question = make_question(municipality, text="Vad ska du inte göra?")
    html = signed_in(editor).get(reverse("wagtailsnippets_quizzes_question:edit", args=[question.pk])).content.decode()
    assert 'href="#id_text"' in html
