"""Every kind of question through the pages: in a lesson, in a check, in a group, on paper and in one's own data."""

import json
import re

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from learning.records.models import LessonProgress
from learning.records.together import start_session
from learning.translations import in_language
from quizzes.grading import Kind
from quizzes.models import Answer, Attempt, Option, PoolItem, Question
from quizzes.telling import told
from tests.factories import make_head, make_lesson, make_question, translate, wrong_answer

KINDS = list(Kind.values)


@pytest.fixture
def questions(municipality) -> dict[str, Question]:
    return {kind: make_question(municipality, kind, feedback=f"Förklaring: {kind}") for kind in KINDS}


@pytest.fixture
def lesson(course, questions):
    """A lesson of one card for each kind."""
    return make_lesson(course, [("question", {"question": question}) for question in questions.values()])


@pytest.fixture
def check(course, questions):
    """The course's check, which asks each kind once."""
    course.check_ref.pool.all().delete()
    for question in questions.values():
        PoolItem.objects.create(check_ref=course.check_ref, question=question)
    course.check_ref.draw = len(questions)
    course.check_ref.save()
    return course.check_ref


def form_of(question, chosen) -> dict:
    """What the page sends when this is chosen."""
    if question.places_things:
        return {f"choice-{thing}": str(place) for thing, place in chosen}
    return {"choice": [str(pk) for pk in chosen]}


def forms(question) -> dict[str, dict]:
    """What may be sent for the question, by what is to be said of it."""
    right = form_of(question, question.key)
    if not question.places_things:
        every = [str(option.id) for option in question.options]
        some = {"choice": right["choice"][1:]}
        return {
            "right": right,
            "wrong": form_of(question, wrong_answer(question)),
            "missing": some,
            "foreign": {"choice": ["999999"] * question.choose},
            "doubled": {"choice": every},
            "forged": {"choice": ["1:1", "x"]},
        }
    first, *rest = right
    return {
        "right": right,
        "wrong": form_of(question, wrong_answer(question)),
        "missing": {name: right[name] for name in rest},
        "foreign": right | {"choice-999999": right[first]},
        "doubled": right | {first: [place.id for place in question.places]},
        "forged": right | {"choice-x": "1", "choice": ["1"]},
    }


def kept(page) -> set[str]:
    """What the page shows as chosen: ids of options, or names of things with their places."""
    asked = page.context["card"].told if "card" in page.context else page.context["told"]
    shown = {str(one["value"]) for one in asked.get("choices", []) if one["checked"]}
    return shown | {f"{item['name']}={item['value']}" for item in asked.get("items", []) if item["value"]}


def sent(form: dict) -> set[str]:
    return set(form.get("choice", [])) | {f"{name}={place}" for name, place in form.items() if name != "choice"}


def assert_refused(page, form, kind, what):
    assert page.status_code == 400, (kind, what)
    assert page.context["problem"], (kind, what)
    html = page.content.decode()
    assert re.search(r'aria-describedby="[^"]*problem', html), (kind, what)
    assert 'id="problem"' in html, (kind, what)
    if what == "missing":
        assert kept(page) == sent(form), kind


def test_in_a_lesson_only_a_whole_answer_is_kept(learner, lesson):
    for position, card in enumerate(lesson.cards, start=1):
        LessonProgress.objects.update(seen=position - 1)
        kind = card.value["question"].kind
        answers = forms(card.value["question"].on_paper())
        about = {"card": card.id, "act": "answer"}
        before = LessonProgress.objects.get().answers if position > 1 else {}
        for what in ("missing", "foreign", "doubled", "forged"):
            assert_refused(learner.post(lesson.url, about | answers[what]), answers[what], kind, what)
            assert (LessonProgress.objects.get().answers if position > 1 else {}) == before, (kind, what)
        what = "wrong" if position % 2 else "right"
        page = learner.post(lesson.url, about | answers[what], follow=True)
        assert page.context["card"].is_right is (what == "right"), (kind, what)
        html = page.content.decode()
        assert f"Förklaring: {kind}" in html
        assert "Därför: " in html
        learner.post(lesson.url, {"card": card.id, "act": "next"})
    assert LessonProgress.objects.get().finished_at
    assert len(LessonProgress.objects.get().answers) == len(KINDS)


def test_in_a_check_only_a_whole_answer_is_kept_and_what_is_wrong_is_told_in_words(learner, course, check):
    learner.post(reverse("records:check", args=[course.pk]))
    attempt = Attempt.objects.get()
    asked = attempt.as_paper.questions
    for position, question in enumerate(asked, start=1):
        url, answers = reverse("records:check_question", args=[attempt.pk, position]), forms(question)
        for what in ("missing", "foreign", "doubled", "forged"):
            assert_refused(learner.post(url, answers[what]), answers[what], question.kind, what)
            assert Answer.objects.count() == position - 1, (question.kind, what)
        assert learner.post(url, answers["wrong"]).status_code == 302
        assert kept(learner.get(url)) == sent(answers["wrong"]) if position < len(asked) else True
        refused = learner.post(url, answers["missing"]) if position < len(asked) else None
        if refused:  # what is stored stays, what was sent is shown
            assert kept(refused) == sent(answers["missing"])
            assert attempt.choices().keys() >= {question.id}
    result = learner.get(reverse("records:check_result", args=[attempt.pk]))
    assert {one["question"].kind for one in result.context["wrong"]} == set(KINDS)
    html = result.content.decode()
    for kind in KINDS:
        assert f"Förklaring: {kind}" in html
    own = json.loads(learner.get(reverse("access:own_data_json")).content)
    words = json.dumps(own, ensure_ascii=False)
    assert "Klotter → 112" in words or "Någon är i fara → Chefen" in words
    assert re.search(r"1\. (Berätta|Skriv ner)", words)


def test_on_paper_everything_is_told_with_what_is_right(learner, lesson, person):
    LessonProgress.objects.create(
        person=person,
        lesson=lesson,
        lesson_key=lesson.translation_key,
        course_key=lesson.course.key,
        started_at="2026-01-01T08:00Z",
        finished_at="2026-01-01T09:00Z",
    )
    html = learner.get(f"{lesson.url}?kort=alla").content.decode()
    for option in Option.objects.filter(question__text__startswith="En fråga"):
        assert option.text in html
        assert option.place in html
    assert "→ \n" not in html


def test_in_a_group_each_kind_is_asked_with_all_that_can_be_chosen_and_told_when_asked(client, unit, lesson):
    head = make_head(unit)
    client.force_login(head)
    session = start_session(leader=head, lesson=lesson, unit=unit, now=timezone.now())
    url = reverse("records:together_card", args=[session.code])
    for position, card in enumerate(lesson.cards, start=1):
        options = card.value["question"].options.all()
        asks = client.get(url, {"kort": position}).content.decode()
        assert "Därför" not in asks
        assert all(option.place in asks and option.text in asks for option in options)
        tells = client.get(f"{url}?kort={position}&svar").content.decode()
        assert all(f"Därför: {option.text}" in tells for option in options)


def test_what_an_order_calls_its_places_is_in_the_language_of_the_question(questions):
    asked = questions[Kind.ORDER].on_paper()
    translate(questions[Kind.ORDER])
    in_english = in_language(questions[Kind.ORDER], "en").on_paper()
    for shown_in in ("sv", "en"):
        with override(shown_in):
            names = [told(one, None, done=False)["places"][0]["name"] for one in (asked, in_english)]
        assert names == ["plats 1", "place 1"]
