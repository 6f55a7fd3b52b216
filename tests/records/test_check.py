"""Taking a check through its pages: nothing that was answered is lost, and nothing is counted twice."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import close_old_connections, connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from learning.records.models import Completion
from quizzes.models import Answer, Attempt, KnowledgeCheck, PoolItem, Question, Stage
from quizzes.services import Time, begin_attempt
from tests.factories import make_course, make_municipality, make_person, make_question, make_unit

KINDS = ["single", "multiple", "order", "match", "sort"]


def form(question, *, rightly: bool = True, **fields) -> dict:
    """What the browser sends for a right answer, or for one that is whole and wrong."""
    if not question.places_things:
        wrong = [option.id for option in question.options if option.id not in question.key]
        return {"choice": list(question.key) if rightly else [*wrong, *question.key][: question.choose], **fields}
    places = [option.place for option in question.options]
    given = places if rightly else places[1:] + places[:1]
    return {f"choice-{o.id}": place for o, place in zip(question.options, given, strict=True)} | fields


def begin(client, course, **fields) -> Attempt:
    client.post(reverse("records:check", args=[course.pk]), fields)
    return Attempt.objects.get(handed_in_at=None)


def address(attempt: Attempt, position: int) -> str:
    return reverse("records:check_question", args=[attempt.pk, position])


def result_of(attempt: Attempt) -> str:
    return reverse("records:check_result", args=[attempt.pk])


def take(client, course, *, wrong: int = 0, **fields) -> Attempt:
    """Take the check with so many wrong answers, what must be right first."""
    attempt = begin(client, course)
    questions = attempt.as_paper.questions
    asked = list(enumerate(questions, start=1))
    asked.sort(key=lambda one: (one[0] == len(questions), not one[1].must_pass))  # the last hands in
    for number, (position, question) in enumerate(asked):
        client.post(address(attempt, position), form(question, rightly=number >= wrong, **fields))
    return Attempt.objects.get(pk=attempt.pk)


def test_forms_that_come_twice_or_from_two_tabs_count_once(learner, course):
    attempt = begin(learner, course)
    first, *others = attempt.as_paper.questions
    for rightly in (False, True, True):  # another tab, then the same form twice
        response = learner.post(address(attempt, 1), form(first, rightly=rightly))
        assert response.url == address(attempt, 2)
    assert attempt.choices() == {first.id: first.key}
    # The last is answered while others are left: one comes to the first of those.
    assert learner.post(address(attempt, 4), form(others[-1])).url == address(attempt, 2)
    for position, question in enumerate(others[:-1], start=2):
        learner.post(address(attempt, position), form(question))
    for _twice in range(2):
        assert learner.post(address(attempt, 4), form(others[-1])).url == result_of(attempt)
        assert learner.post(result_of(attempt)).url == result_of(attempt)
    kept = Attempt.objects.get()
    # Back, and answered anew: the page leads to the result, which stands.
    assert learner.get(address(attempt, 1)).url == result_of(attempt)
    assert learner.post(address(attempt, 1), form(first, rightly=False)).url == result_of(attempt)
    assert (kept.right, Attempt.objects.get().right, kept.choices()) == (4, 4, Attempt.objects.get().choices())
    assert Completion.objects.count() == 1


def test_a_lost_session_loses_no_answer(learner, course, person):
    attempt = begin(learner, course)
    first, second, *_others = attempt.as_paper.questions
    learner.post(address(attempt, 1), form(first))
    learner.logout()
    assert "/logga-in/" in learner.post(address(attempt, 2), form(second)).url
    learner.force_login(person)
    assert begin(learner, course) == attempt
    assert learner.get(address(attempt, 1)).context["told"]["choices"]
    assert attempt.choices() == {first.id: first.key}


def test_the_script_is_told_where_to_go_next(learner, course):
    attempt = begin(learner, course)
    sent = form(attempt.as_paper.questions[0])
    response = learner.post(address(attempt, 1), sent, headers={"X-Requested-With": "fetch"})
    assert response.json() == {"next": address(attempt, 2)}


@pytest.mark.parametrize("kind", KINDS)
def test_forged_foreign_doubled_and_missing_choices_are_refused_whole(learner, course, municipality, kind):
    asked, foreign = make_question(municipality, kind), make_question(municipality, kind)
    check = course.check_ref
    check.pool.all().delete()
    PoolItem.objects.create(check_ref=check, question=asked)
    attempt = begin(learner, course)
    (question,) = attempt.as_paper.questions
    right = form(question)
    name = next(iter(right))
    forged = [
        {},
        form(foreign.on_paper()),
        right | {name: ["x"]},
        right | {name: [str(2**70)]},
        right | {name: ["-1"]},
        right | {"confidence": "5"},
        right | {"confidence": "sure"},
    ]
    if question.places_things:
        forged += [right | {"choice-x": "1"}, right | {"choice": "7"}, dict(list(right.items())[1:])]
        forged += [right | {name: [right[name], next(p.id for p in question.places if p.id != right[name])]}]
    else:
        forged += [{"choice": [option.id for option in question.options]}, right | {"choice-1": "1"}]
    KnowledgeCheck.objects.update(asks_confidence=True)
    for fields in forged:
        response = learner.post(address(attempt, 1), fields)
        assert (response.status_code, bool(response.context["problem"])) == (400, True), fields
    assert not Answer.objects.exists()


def test_an_answer_costs_the_same_few_queries_however_long_the_paper_is(learner, course, django_assert_num_queries):
    attempt = begin(learner, course)
    sent = form(attempt.as_paper.questions[0])
    # The session, the person, the attempt; and within a transaction, which is two, it is held and the answer kept.
    with django_assert_num_queries(7):
        learner.post(address(attempt, 1), sent)


def test_how_sure_one_is_stays_when_the_page_comes_back_and_leads_the_result(learner, course):
    KnowledgeCheck.objects.update(asks_confidence=True, pass_percent=100)
    attempt = begin(learner, course)
    asked = attempt.as_paper.questions

    def said(response):
        return [one["value"] for one in response.context["confidences"] if one["checked"]]

    assert said(learner.post(address(attempt, 1), {"confidence": "3"})) == [3]  # refused: nothing was chosen
    for position, (sure, rightly) in enumerate([("", True), ("1", False), ("4", False), ("1", True)], start=1):
        learner.post(address(attempt, position), form(asked[position - 1], rightly=rightly, confidence=sure))
        if position < 4:
            assert said(learner.get(address(attempt, position))) == ([int(sure)] if sure else [])
    page = learner.get(result_of(attempt)).context
    assert [one["question"].id for one in page["wrong"]] == [asked[2].id, asked[1].id]
    assert [one["was_sure"] for one in page["wrong"]] == [True, False]
    assert {one["question"].id for one in page["right"] if one["guessed"]} == {asked[3].id}


def test_how_sure_one_is_is_not_kept_where_it_is_not_asked(learner, course):
    attempt = begin(learner, course)
    learner.post(address(attempt, 1), form(attempt.as_paper.questions[0], confidence="4"))
    assert Answer.objects.get().confidence is None


def test_after_a_try_that_was_not_enough_one_waits_and_is_told_what_to_read(learner, course, time_machine):
    KnowledgeCheck.objects.update(wait_hours=24)
    Question.objects.filter(topic="l1").update(topic="Lektion 1")
    begun = timezone.now()
    time_machine.move_to(begun, tick=False)
    take(learner, course, wrong=4)
    page = learner.get(reverse("records:check", args=[course.pk]))
    assert page.context["waits"] == begun + timedelta(hours=24)
    assert course.lessons().first() in page.context["again"]
    assert course.lessons().first().url in page.content.decode()
    refused = learner.post(reverse("records:check", args=[course.pk]))
    assert (refused.status_code, Attempt.objects.count()) == (409, 1)
    time_machine.move_to(begun + timedelta(hours=24, seconds=1), tick=False)
    learner.force_login(Attempt.objects.get().person)
    learner.post(reverse("records:check", args=[course.pk]))
    assert Attempt.objects.count() == 2


def test_a_new_try_begins_with_what_one_did_not_have(learner, course):
    first = take(learner, course, wrong=4)
    had = {question.id for question in first.as_paper.questions if not question.must_pass}
    again = {question.id for question in begin(learner, course).as_paper.questions if not question.must_pass}
    assert not had & again


@pytest.mark.parametrize(("time", "minutes"), [(Time.AS_SET, 10), (Time.TWICE, 20), (Time.NO_LIMIT, None)])
def test_everybody_chooses_how_much_time_they_have(learner, course, time_machine, time, minutes):
    KnowledgeCheck.objects.update(minutes=10)
    now = timezone.now()
    time_machine.move_to(now, tick=False)
    for fields in ({}, {"time": "forever"}):
        response = learner.post(reverse("records:check", args=[course.pk]), fields)
        assert (response.status_code, Attempt.objects.exists()) == (400, False)
    attempt = begin(learner, course, time=time)
    assert attempt.ends_at == (now + timedelta(minutes=minutes) if minutes else None)
    assert (learner.get(address(attempt, 1)).context["clock"] is not None) is bool(minutes)


def test_what_is_answered_when_the_time_is_out_is_handed_in(learner, course, person, time_machine):
    KnowledgeCheck.objects.update(minutes=10)
    now = timezone.now()
    time_machine.move_to(now, tick=False)
    attempt = begin(learner, course, time=Time.AS_SET)
    first, second, *_others = attempt.as_paper.questions
    learner.post(address(attempt, 1), form(first))
    time_machine.move_to(now + timedelta(minutes=10, seconds=30), tick=False)
    learner.post(address(attempt, 2), form(second))  # on its way when the time ran out
    time_machine.move_to(now + timedelta(minutes=12), tick=False)
    assert learner.post(address(attempt, 1), form(first, rightly=False)).status_code == 409
    page = learner.get(address(attempt, 3))
    assert (page.context["answered"], page.context["total"]) == (2, 4)
    assert not Attempt.objects.exclude(handed_in_at=None).exists()  # looking changed nothing
    begun = learner.get(reverse("records:check", args=[course.pk]))
    assert begun.context["is_out_of_time"] is True
    assert learner.post(result_of(attempt)).url == result_of(attempt)
    closed = Attempt.objects.get()
    assert (closed.right, closed.passed) == (2, False)
    assert sum(one["is_missing"] for one in learner.get(result_of(attempt)).context["wrong"]) == 2


def test_a_new_try_hands_in_the_one_whose_time_is_out(course, person):
    KnowledgeCheck.objects.update(minutes=10)
    course.check_ref.refresh_from_db()
    now = timezone.now()
    about = {"person": person, "check": course.check_ref, "subject_key": course.key, "time": Time.AS_SET}
    old = begin_attempt(**about, now=now)
    assert begin_attempt(**about, now=now + timedelta(minutes=9)) == old
    new = begin_attempt(**about, now=now + timedelta(days=40))
    old.refresh_from_db()
    assert (new == old, old.handed_in_at, old.right) == (False, now + timedelta(days=40), 0)


@pytest.fixture
def measured(course, municipality):
    """A course with a check of three forms, each with two questions of its own and one in common."""
    check = KnowledgeCheck.objects.create(municipality=municipality, title="Före och efter", measures=True)
    items = [(make_question(municipality), form) for form in ("A", "A", "B", "B", "C", "C", "")]
    check.pool = [PoolItem(question=question, form=form) for question, form in items]
    check.save()
    course.measure_ref = check
    course.save_revision().publish()
    return course


def answer_all(client, attempt: Attempt, **fields):
    for position, question in enumerate(attempt.as_paper.questions, start=1):
        response = client.post(address(attempt, position), form(question, **fields))
    return response


def test_what_is_measured_tells_no_answers_and_completes_nothing(learner, measured, person):
    door = reverse("records:measure", args=[measured.pk])
    assert door in learner.get(measured.url).content.decode()
    assert learner.get(door).context["stage"] == Stage.BEFORE
    learner.post(door)
    before = Attempt.objects.get()
    assert answer_all(learner, before).url == result_of(before)
    before.refresh_from_db()
    assert (before.right, before.passed, before.is_first) == (3, None, False)
    page = learner.get(result_of(before)).content.decode()
    assert not any(option.feedback in page for question in before.as_paper.questions for option in question.options)
    assert not Completion.objects.exists()
    assert learner.get(door).url == measured.get_url()  # once
    take(learner, measured)
    assert learner.get(door).context["stage"] == Stage.AFTER
    learner.post(door)
    after = Attempt.objects.exclude(form="").latest("pk")
    assert (after.stage, after.form == before.form) == (Stage.AFTER, False)
    assert Completion.objects.count() == 1


def test_forms_are_given_out_evenly(measured, unit):
    forms = []
    for _number in range(6):
        asked = {"check": measured.measure_ref, "subject_key": measured.key, "stage": Stage.BEFORE}
        attempt = begin_attempt(person=make_person(unit), now=timezone.now(), **asked)
        forms.append(attempt.form)
        assert len(attempt.as_paper.questions) == 3
    assert forms == ["A", "B", "C"] * 2


def test_what_measures_is_not_taken_as_a_check(learner, measured, municipality):
    type(measured).objects.update(check_ref=measured.measure_ref)
    assert learner.post(reverse("records:check", args=[measured.pk])).status_code == 409
    assert not Attempt.objects.exists()


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_fifty_submits_of_the_last_answer_at_once_give_one_attempt_and_one_completion():
    municipality = make_municipality()
    course = make_course(municipality)
    person = make_person(make_unit(municipality))
    learner = Client()
    learner.force_login(person)
    attempt = begin(learner, course)
    *others, last = attempt.as_paper.questions
    for position, question in enumerate(others, start=1):
        learner.post(address(attempt, position), form(question))

    def submit(_number):
        close_old_connections()
        try:
            own = Client(raise_request_exception=False)
            own.cookies = learner.cookies
            response = own.post(address(attempt, 4), form(last))
            return response.status_code, response.headers.get("Location")
        finally:
            connection.close()

    with ThreadPoolExecutor(50) as pool:
        assert set(pool.map(submit, range(50))) == {(302, result_of(attempt))}
    assert Attempt.objects.get().passed is True
    assert Completion.objects.count() == 1
    assert Answer.objects.count() == 4


def test_a_check_of_a_course_without_one_does_not_exist(learner, course):
    type(course).objects.update(check_ref=None)
    assert learner.get(reverse("records:check", args=[course.pk])).status_code == 404
