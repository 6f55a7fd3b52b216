"""Bringing back what has been learned: in lessons, and by oneself."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from courses.models import CoursePage, LessonPage
from learning import personal
from learning.records.models import Completion, LessonProgress, PractisedQuestion
from learning.records.player import Run
from learning.records.practice import AFTER_RIGHT, RESTS_AFTER, Trace, to_practise
from learning.records.services import finish_lesson, note_card
from quizzes.models import Answer, Attempt, Question
from tests.factories import (
    OPTIONS,
    make_course,
    make_municipality,
    make_person,
    make_question,
    make_unit,
    moment,
    take_check,
)
from tests.records.test_player import path_of, send

DAY = date(2025, 3, 3)
LATER = DAY + AFTER_RIGHT
URL = "/ova/"


def ask(course, slug: str, cards: list) -> LessonPage:
    """A published lesson with these cards, the last of the course."""
    lesson = LessonPage(title=slug, slug=slug, objective="Du kan.", cards=cards)
    course.refresh_from_db()
    course.add_child(instance=lesson)
    lesson.save_revision().publish()
    return LessonPage.objects.get(pk=lesson.pk)


@pytest.fixture
def course(municipality):
    """A course with a knowledge check and, so far, no lesson."""
    course = make_course(municipality, lessons=2)
    for page in course.lessons():
        page.delete()
    return course


@pytest.fixture
def questions(municipality):
    return [make_question(municipality, text=f"Fråga {letter}?") for letter in "abc"]


@pytest.fixture
def first(course, questions):
    """A lesson that asks two questions."""
    return ask(course, "forst", [("question", {"question": one}) for one in questions[:2]])


@pytest.fixture
def second(course, first):
    """A lesson that begins with what it leaves open."""
    return ask(course, "sedan", [("recall", {"question": None}), ("key_point", {"text": "Märk."})])


def answer_to(question: Question, *, right: bool = True) -> list:
    """Option ids, as they are kept of a question with one right answer."""
    return [option.pk for option in question.options.all() if option.correct is right][:1]


def learn(person, lesson, on: date = DAY, *, missed=()) -> None:
    """Take the lesson on the day, with what is missed answered wrong."""
    for number, card in enumerate(lesson.cards, start=1):
        chosen = {}
        if card.block_type == "question":
            question = card.value["question"]
            chosen = {"card_id": card.id, "chosen": answer_to(question, right=question not in missed)}
        note_card(person=person, lesson=lesson, position=number, now=moment(on), **chosen)
    finish_lesson(person=person, lesson=lesson, now=moment(on))


def recalled(response):
    """The question that the page asks back, or None."""
    card = response.context["card"]
    return card.value["question"] if card.kind == "recall" else None


# The rule


@given(days=st.lists(st.tuples(st.integers(1, 20), st.booleans()), max_size=12))
def test_questions_come_back_evenly_and_rest_after_four_that_were_spaced(days):
    trace, spaced = Trace(DAY, 1), 1
    for gap, right in days:
        on, was_due = trace.on + timedelta(days=gap), trace.due_on
        trace = trace.after(on, right)
        spaced = spaced + bool(was_due and was_due <= on) if right else 0
        assert trace.in_a_row == spaced <= RESTS_AFTER
        waits = {True: timedelta(days=7), False: timedelta(days=1)}[right]
        assert trace.due_on == (None if spaced == RESTS_AFTER else on + (waits if spaced else timedelta(days=1)))


@given(on=st.dates(), rights=st.lists(st.booleans(), min_size=1), start=st.integers(0, RESTS_AFTER))
def test_many_answers_on_one_day_are_worth_no_more_than_the_first(on, rights, start):
    trace = Trace(on - timedelta(days=30), start).after(on, rights[0])
    again = trace
    for right in rights[1:]:
        again = again.after(on, right)
    assert again.in_a_row == (trace.in_a_row if all(rights) else 0)


# In a lesson


def test_what_was_missed_is_asked_back_and_then_what_was_met_longest_ago(
    learner, person, first, second, course, questions, time_machine
):
    time_machine.move_to(moment(LATER))
    learn(person, first, missed=[questions[1]])
    assert recalled(learner.get(second.url)) == questions[1]
    LessonProgress.objects.all().delete()
    third = ask(course, "tredje", [("question", {"question": questions[2]})])
    fourth = ask(course, "fjarde", [("recall", {"question": None})])
    learn(person, first, DAY + timedelta(days=1))
    learn(person, third)
    assert recalled(learner.get(fourth.url)) == questions[2]


def test_the_question_stays_the_same_from_get_to_post_and_when_one_comes_back(
    learner, person, first, second, questions, time_machine
):
    time_machine.move_to(moment(LATER))
    learn(person, first)
    assert not LessonProgress.objects.filter(lesson=second).exists()
    shown = [recalled(learner.get(second.url)) for _time in range(2)]
    assert shown == [questions[0]] * 2
    assert not LessonProgress.objects.filter(lesson=second).exists()
    # What is answered elsewhere meanwhile does not put another question under the answer.
    PractisedQuestion.objects.create(person=person, question=questions[0], answered_on=LATER, in_a_row=2)
    choice = answer_to(questions[0])
    page = send(learner, second, 1, "answer", question=questions[0].pk, choice=choice)
    assert (recalled(page), page.context["card"].is_right) == (questions[0], True)
    stored = LessonProgress.objects.get(lesson=second).answers
    assert stored == {second.cards[0].id: {"question": questions[0].pk, "chosen": choice}}
    send(learner, second, 1)
    time_machine.move_to(moment(LATER + timedelta(days=40)))
    assert recalled(learner.get(f"{second.url}?kort=1")) == questions[0]


def test_where_nothing_is_to_be_asked_the_card_is_passed_over(learner, person, first, second, time_machine):
    time_machine.move_to(moment(DAY, 18))
    learn(person, first)  # today
    page = learner.get(second.url)
    assert (page.context["card"].kind, page.context["previous"]) == ("key_point", "")
    send(learner, second, 2)
    assert LessonProgress.objects.get(lesson=second).finished_at
    assert learner.get(f"{second.url}?kort=1").context["card"].kind == "key_point"


def test_only_earlier_lessons_that_were_taken_are_asked_of(
    learner, person, course, first, second, questions, time_machine
):
    time_machine.move_to(moment(LATER))
    after = ask(course, "efter", [("question", {"question": questions[2]})])
    learn(person, after)
    assert recalled(learner.get(second.url)) is None
    foreign = make_question(make_municipality("Annan kommun"))
    page = send(learner, second, 1, "answer", question=foreign.pk, choice=answer_to(foreign))
    assert page.context["card"].kind == "key_point"
    assert not LessonProgress.objects.filter(lesson=second).exists()


def test_a_completed_course_is_asked_of_in_another(learner, person, course, first, questions, time_machine):
    time_machine.move_to(moment(LATER))
    learn(person, first, missed=questions[:1])
    elsewhere = course.get_parent().add_child(instance=CoursePage(title="Annan", slug="annan"))
    other = ask(elsewhere, "oppen", [("recall", {"question": None})])
    assert recalled(learner.get(other.url)) is None
    take_check(person, course, DAY)
    assert recalled(learner.get(other.url)) == questions[0]


def test_a_question_that_an_author_chose_is_asked_as_before(learner, person, course, first, questions):
    lesson = ask(course, "vald", [("recall", {"question": questions[2]})])
    assert recalled(learner.get(lesson.url)) == questions[2]
    choice = answer_to(questions[2])
    page = send(learner, lesson, 1, "answer", choice=choice)
    assert page.context["card"].is_right
    LessonProgress.objects.filter(lesson=lesson).update(answers={lesson.cards[0].id: choice})  # as it was kept once
    assert learner.get(f"{lesson.url}?kort=1").context["card"].is_right


def test_a_card_that_recalls_nothing_costs_no_question_of_what_to_recall(learner, person, course, first, time_machine):
    time_machine.move_to(moment(LATER))
    learn(person, first)
    cards = [("key_point", {"text": "Märk."}), ("recall", {"question": None})]
    plain, opened = ask(course, "utan", cards[:1]), ask(course, "med", cards)
    costs = []
    for lesson in (plain, opened):
        learner.get(lesson.url)
        with CaptureQueriesContext(connection) as met:
            assert learner.get(lesson.url).context["card"].kind == "key_point"
        costs.append(len(met))
    assert costs[0] == costs[1]


def test_on_paper_and_before_a_room_a_general_question_is_asked(learner, person, first, second, questions):
    learn(person, first)
    learn(person, second)
    assert questions[0].text in learner.get(f"{second.url}?kort=alla").content.decode()
    assert [card.value.get("question") for card in Run(second).cards] == [questions[0], None]
    first.unpublish()
    assert [card.kind for card in Run(LessonPage.objects.get(pk=second.pk)).cards] == ["key_point"]


# By oneself


def practise(client, question, *, right: bool = True, **more):
    """Answer the question on the page for practice."""
    return client.post(URL, {"question": question.pk, "choice": answer_to(question, right=right), **more})


def test_practice_asks_what_is_due_the_missed_first_and_ends_kindly(learner, person, first, questions, time_machine):
    learn(person, first, missed=[questions[1]])
    time_machine.move_to(moment(DAY, 18))
    assert "told" not in learner.get(URL).context
    time_machine.move_to(moment(LATER))
    page = learner.get(URL)
    assert (page.context["told"]["question"].id, page.context["total"]) == (questions[1].pk, 2)
    page = practise(learner, questions[1])
    assert (page.context["right"], page.context["next_url"]) == (True, URL)
    assert "Därför: Ring 112" in page.content.decode()
    assert learner.get(URL).context["told"]["question"].id == questions[0].pk
    assert practise(learner, questions[0], right=False).context["right"] is False
    done = learner.get(URL)
    assert done.context["next_on"] == LATER + timedelta(days=1)


def test_practice_is_counted_nowhere(learner, person, first, questions, time_machine):
    learn(person, first)
    before = list(LessonProgress.objects.values())
    time_machine.move_to(moment(LATER))
    for url in (URL, URL):
        learner.get(url)
        learner.head(url)
    assert not PractisedQuestion.objects.exists()
    for right in (True, False, True):
        practise(learner, questions[0], right=right)
    assert list(PractisedQuestion.objects.values_list("question", "answered_on", "in_a_row")) == [
        (questions[0].pk, LATER, 2)
    ]
    assert list(LessonProgress.objects.values()) == before
    assert not any(model.objects.exists() for model in (Attempt, Answer, Completion))


@pytest.mark.parametrize("kind", OPTIONS)
def test_every_kind_of_question_can_be_practised(learner, person, municipality, course, kind, time_machine):
    question = make_question(municipality, kind)
    lesson = ask(course, "slag", [("question", {"question": question})])
    learn(person, lesson)
    time_machine.move_to(moment(LATER))
    asked = learner.get(URL).context["told"]["question"]
    form = {"question": asked.id}
    if asked.places_things:
        form |= {f"choice-{thing}": place for thing, place in asked.key}
    else:
        form |= {"choice": list(asked.key)}
    assert learner.post(URL, {"question": asked.id}).status_code == 400
    assert learner.post(URL, {"question": asked.id, "choice": "x"}).status_code == 400
    assert not PractisedQuestion.objects.exists()
    assert learner.post(URL, form).context["right"] is True


def test_a_check_is_practised_only_once_its_course_is_completed(learner, person, course, time_machine):
    pool = {item.question_id for item in course.check_ref.pool.all()}
    failed = take_check(person, course, DAY, wrong=4)
    assert to_practise(person, on=LATER) == []
    take_check(person, course, DAY)
    known = to_practise(person, on=LATER)
    assert {one.question.pk for one in known} == pool
    missed = {question.id for question in failed.as_paper.questions}
    # It was missed on the day of the check, and is missed until it is right on another.
    assert {one.question.pk for one in known if one.trace.in_a_row == 0} == missed
    lapsed = Completion.objects.get().valid_through + timedelta(days=1)
    assert to_practise(person, on=lapsed) == []


def test_nothing_foreign_withdrawn_or_not_taken_is_practised(learner, person, first, questions, time_machine):
    time_machine.move_to(moment(LATER))
    assert practise(learner, questions[0]).context["knows"] is False
    assert not PractisedQuestion.objects.exists()
    learn(person, first)
    Question.objects.filter(pk=questions[0].pk).update(live=False)
    assert [one.question for one in to_practise(person, on=LATER)] == [questions[1]]
    first.unpublish()
    assert to_practise(person, on=LATER) == []
    elsewhere = make_person(make_unit(make_municipality("Annan kommun")))
    LessonProgress.objects.update(person=elsewhere)
    Question.objects.filter(pk=questions[0].pk).update(live=True)
    first.save_revision().publish()
    assert to_practise(elsewhere, on=LATER) == []


def test_what_was_practised_can_be_forgotten_and_goes_with_the_person(learner, person, first, questions, time_machine):
    time_machine.move_to(moment(LATER))
    learn(person, first)
    for forget in (
        lambda: learner.post(URL, {"act": "forget", "sure": "on"}),
        lambda: [table.dispose([person.pk]) for table in personal.tables() if table.model is PractisedQuestion],
    ):
        practise(learner, questions[0])
        assert questions[0].text in learner.get(reverse("access:own_data_json")).content.decode()
        forget()
        assert not PractisedQuestion.objects.exists()
    assert LessonProgress.objects.get().answers


def test_nobody_else_is_told_of_practice(learner, client, person, first, questions, time_machine):
    time_machine.move_to(moment(LATER))
    learn(person, first)
    practise(learner, questions[0])
    other = make_person(person.employments.get().unit)
    assert to_practise(other, on=LATER) == []
    client.force_login(other)
    assert client.get(URL).context["knows"] is False


def test_one_comes_to_practice_from_ones_own_page_and_a_completed_course(learner, person, course, first, time_machine):
    time_machine.move_to(moment(DAY))
    pages = [reverse("records:my_page"), path_of(course)]
    assert [f'href="{URL}"' in learner.get(page).content.decode() for page in pages] == [False, False]
    take_check(person, course, DAY)
    assert [f'href="{URL}"' in learner.get(page).content.decode() for page in pages] == [True, True]


def test_a_day_has_so_many_questions_and_no_more(learner, person, first, questions, time_machine, monkeypatch):
    monkeypatch.setattr("learning.records.practice_views.A_DAY", 1)
    learn(person, first)
    time_machine.move_to(moment(LATER))
    shown = learner.get(URL).context
    assert (shown["position"], shown["total"]) == (1, 1)
    practise(learner, Question.objects.get(pk=shown["told"]["question"].id))
    assert learner.get(URL).context["next_on"] == LATER + timedelta(days=1)


def test_practice_is_forgotten_only_by_whoever_is_sure(learner, person, first, questions, time_machine):
    learn(person, first)
    time_machine.move_to(moment(LATER))
    practise(learner, questions[0])
    learner.post(URL, {"act": "forget"})
    assert PractisedQuestion.objects.filter(person=person).exists()
