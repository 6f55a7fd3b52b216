"""Item statistics: right against an independent library, counted once a person, and never of anybody."""

import math
import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.core.cache import cache
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format
from django.utils.timezone import localtime
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import pointbiserialr

from learning.organisation.models import Municipality
from quizzes.analysis import (
    MISCONCEPTION,
    SECOND_KEY,
    SHOWN_FROM,
    STABLE_FROM,
    TOO_HARD,
    Choice,
    Statistics,
    _statistics,
    earlier,
    paces,
    point_biserial,
    statistics_of,
    traced,
    verdicts,
    weakness_of,
)
from quizzes.counting import Group, count, kept_counts
from quizzes.grading import PaperOption, PaperQuestion
from quizzes.models import Answer, KnowledgeCheck, Question
from quizzes.plots import scatter
from quizzes.services import answer, begin_attempt, hand_in
from tests.factories import make_course, make_head, make_municipality, make_person, make_question, make_unit, moment

DAY = date(2026, 3, 2)
ITEMS = st.lists(st.tuples(st.booleans(), st.integers(0, 11)), min_size=2, max_size=60)


@given(ITEMS)
def test_the_correlation_is_that_of_an_independent_library(items):
    right, rest = [x for x, _ in items], [y / 11 for _, y in items]
    found = point_biserial(
        number=len(items),
        right=sum(right),
        rest=sum(rest),
        rest_squares=sum(y * y for y in rest),
        rest_of_right=sum(y for x, y in zip(right, rest, strict=True) if x),
    )
    if len(set(right)) == 1 or len(set(rest)) == 1:
        assert found is None
    else:
        assert math.isclose(found, pointbiserialr(right, rest).statistic, abs_tol=1e-6)


@pytest.fixture
def course(db):
    return make_course(make_municipality(), draw=3)


@pytest.fixture
def unit(course):
    return make_unit(Municipality.objects.get())


def sit(person, course, chooses, *, on=DAY, pace=7):
    """Take the check with seven seconds a question; `chooses(question)` gives the options."""
    start = moment(on)
    attempt = begin_attempt(person=person, check=course.check_ref, subject_key=course.key, now=start, seed=1)
    for number, question in enumerate(attempt.as_paper.questions, start=1):
        answer(attempt=attempt, choices={question: chooses(question)}, now=start + timedelta(seconds=pace * number))
    return hand_in(attempt=attempt, now=start + timedelta(minutes=5))


def rightly(question):
    return question.key


def wrongly(question):
    return [option.id for option in question.options if option.id not in question.key][: question.choose]


def asked(attempt):
    return Question.objects.get(pk=attempt.as_paper.questions[0].id)


def test_only_what_a_person_hands_in_first_is_counted(course, unit):
    person = make_person(unit)
    question = asked(sit(person, course, wrongly))
    sit(person, course, rightly)
    sit(make_person(unit), course, rightly)
    found = statistics_of([question])[question]
    assert (found.number, found.difficulty) == (2, 0.5)
    assert [(choice.correct, choice.number, choice.rest) for choice in found.choices if choice.number] == [
        (True, 1, 1.0),
        (False, 1, 0.0),
    ]
    assert found.discrimination == pytest.approx(1)
    assert paces(question) == [2, 0, 0, 0, 0]


def test_what_is_left_open_is_not_counted(course, unit):
    person = make_person(unit)
    attempt = begin_attempt(person=person, check=course.check_ref, subject_key=course.key, now=moment(DAY), seed=1)
    first = attempt.as_paper.questions[0]
    answer(attempt=attempt, choices={first: first.key}, now=moment(DAY))
    question = Question.objects.get(pk=first.id)
    assert statistics_of([question])[question].number == 0


def test_a_question_that_is_worded_anew_is_counted_anew_and_its_past_is_kept(course, unit):
    question = asked(sit(make_person(unit), course, rightly))
    question.text = "Nytt?"
    question.save()
    assert statistics_of([question])[question].number == 0
    sit(make_person(unit), course, wrongly)
    found = statistics_of([question])[question]
    assert (found.number, found.difficulty) == (1, 0.0)
    [before] = earlier(question, count([question.pk]))
    assert (before.found.number, before.found.difficulty, before.last) == (1, 1.0, DAY)


def test_a_check_of_one_question_has_no_rest_to_compare_with(course, unit):
    KnowledgeCheck.objects.update(draw=1)
    course.refresh_from_db()
    question = asked(sit(make_person(unit), course, rightly))
    found = statistics_of([question])[question]
    assert (found.number, found.discrimination) == (1, None)


def figures(number=100, difficulty=0.6, discrimination=0.4, shares=(0.6, 0.25, 0.15)):
    choices = [Choice(str(n), n == 0, round(share * number), share, 0.5) for n, share in enumerate(shares)]
    return Statistics(number, difficulty, discrimination, tuple(choices))


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (figures(number=SHOWN_FROM - 1, difficulty=1.0), []),
        (figures(), ["Works well."]),
        (figures(difficulty=0.97, discrimination=0.1, shares=(0.97, 0.02, 0.01)), ["Nearly everybody is right."]),
        (figures(discrimination=-0.1), ["Those who know the rest are wrong here more often."]),
        (figures(discrimination=0.1), ["Tells poorly"]),
        (figures(difficulty=0.2, shares=(0.2, 0.6, 0.2)), ["More choose “1”", "Few are right."]),
        (figures(shares=(0.6, 0.39, 0.01)), ["Hardly anybody chooses “2”."]),
    ],
)
def test_the_figures_are_told_in_words(found, words):
    with translation.override("en"):
        told = [one.text for one in verdicts(Question(), found)]
    assert len(told) == len(words)
    assert all(text.startswith(start) for text, start in zip(told, words, strict=True))


def test_that_everybody_is_right_is_no_fault_where_one_must_be():
    found = figures(difficulty=1.0, discrimination=None, shares=(1.0, 0.0, 0.0))
    assert [one.is_fine for one in verdicts(Question(must_pass=True), found)] == [True]


@pytest.fixture
def editor(client, unit):
    client.force_login(make_head(unit.get_root(), "editor"))
    return client


def test_figures_are_hidden_until_they_point_at_nobody(editor, course, unit):
    for number in range(SHOWN_FROM - 1):
        question = asked(sit(make_person(unit), course, wrongly if number % 3 else rightly))
    address = reverse("question_statistics:question", args=[question.pk])
    assert not editor.get(address).context["found"].is_shown
    assert b'<svg class="register__bar"' not in editor.get(address).content
    sit(make_person(unit), course, rightly)
    page = editor.get(address)
    assert page.context["found"].number == SHOWN_FROM
    assert b'<svg class="register__bar"' in page.content
    assert question.text in editor.get(reverse("wagtailadmin_home")).content.decode()
    assert editor.get(reverse("question_statistics:index")).context["rows"][0]["verdicts"]


def test_the_list_costs_the_same_for_one_question_as_for_many(editor, course, unit, django_assert_max_num_queries):
    sit(make_person(unit), course, rightly)
    address = reverse("question_statistics:index")
    editor.get(address)
    with django_assert_max_num_queries(20):
        assert len(editor.get(address).context["rows"]) > 5


def test_another_municipality_sees_nothing_of_it(client, course, unit):
    other = make_municipality("Annan kommun")
    client.force_login(make_head(other.root, "editor"))
    question = asked(sit(make_person(unit), course, rightly))
    assert client.get(reverse("question_statistics:question", args=[question.pk])).status_code == 404
    assert client.get(reverse("question_statistics:index")).context["rows"] == []


def test_whoever_may_not_see_questions_sees_no_figures(client, course, unit):
    client.force_login(make_head(unit))
    assert client.get(reverse("question_statistics:index")).status_code in {302, 403}


def test_answers_that_are_handed_over_at_once_tell_no_pace(course, unit):
    question = asked(sit(make_person(unit), course, rightly, pace=0))
    assert statistics_of([question])[question].number == 1
    assert sum(paces(question)) == 0


ANSWERS = st.lists(
    st.tuples(st.frozensets(st.sampled_from([1, 2, 3]), min_size=1, max_size=1), st.integers(0, 5), st.integers(0, 4)),
    min_size=1,
    max_size=60,
)
PAPER = PaperQuestion(1, "?", "single", "", False, tuple(PaperOption(n, str(n), n == 1, "") for n in (1, 2, 3)))


@given(ANSWERS)
def test_the_figures_are_those_of_every_answer_by_itself(answers):
    """Sums over groups tell the same as scipy and as counting one by one; confidence 0 is not told."""
    groups = [
        Group(chosen, chosen == {1}, 1, 1, rest / 5, (rest / 5) ** 2, int(sure > 0), int(sure >= 3))
        for chosen, rest, sure in answers
    ]
    found = _statistics(groups, PAPER)
    right = [chosen == {1} for chosen, _rest, _sure in answers]
    assert math.isclose(found.difficulty, sum(right) / len(answers))
    sure_but_wrong = sum(sure >= 3 and not is_right for (_c, _r, sure), is_right in zip(answers, right, strict=True))
    told = sum(sure > 0 for _chosen, _rest, sure in answers)
    assert (found.told, found.sure_but_wrong) == (told, sure_but_wrong)
    assert found.misled == (sure_but_wrong / told if told >= SHOWN_FROM else None)
    assert [choice.number for choice in found.choices] == [sum(c == {n} for c, _r, _s in answers) for n in (1, 2, 3)]
    rest = [rest for _chosen, rest, _sure in answers]
    if len(set(right)) == 2 and len(set(rest)) > 1:
        assert math.isclose(found.discrimination, pointbiserialr(right, rest).statistic, abs_tol=1e-6)


@given(ANSWERS.map(lambda answers: answers * 10))
def test_the_quarters_hold_everybody_once_and_the_equal_together(answers):
    rows = [(rest / 5, chosen, 1) for chosen, rest, _sure in answers]
    found = traced(rows, PAPER)
    if len(rows) < STABLE_FROM:
        assert found is None
        return
    assert 1 <= len(found.groups) <= 4
    for shares in zip(*(trace.shares for trace in found.traces), strict=True):
        assert all(share is None for share in shares) or math.isclose(sum(shares), 1)
    order = sorted(rest for rest, _chosen, _number in rows)
    if len(order) % 4 == 0 and all(order[n * len(order) // 4 - 1] < order[n * len(order) // 4] for n in (1, 2, 3)):
        quarter = order[: len(order) // 4]
        weakest = [chosen for rest, chosen, _number in rows if rest in quarter]
        assert [trace.shares[0] for trace in found.traces] == [
            pytest.approx(sum(chosen == {n} for chosen in weakest) / len(weakest)) for n in (1, 2, 3)
        ]


def test_sums_in_the_database_are_those_of_the_answers(course, unit):
    for number in range(6):
        question = asked(sit(make_person(unit), course, wrongly if number % 3 else rightly))
    answers = Answer.objects.filter(question_id=question.pk).order_by("pk")
    for number, one in enumerate(answers):
        Answer.objects.filter(pk=one.pk).update(confidence=number or None)
    told = [one for one in answers.all() if one.confidence]
    found = statistics_of([question])[question]
    assert (found.number, found.told) == (6, len(told))
    assert found.sure_but_wrong == sum(one.confidence >= 3 and not one.right for one in told)
    assert found.difficulty == sum(one.right for one in answers) / 6


@pytest.mark.parametrize(("told", "wrong", "is_said"), [(29, 29, False), (30, 6, True), (30, 5, False)])
def test_many_who_are_sure_and_wrong_are_a_misconception_to_take_up(told, wrong, is_said):
    found = replace(figures(), told=told, sure_but_wrong=wrong)
    ranks = [one.rank for one in verdicts(Question(), found)]
    assert (MISCONCEPTION in ranks) is is_said


def test_of_things_to_place_it_is_said_which_goes_wrong_and_where(db):
    paper = make_question(make_municipality(), "sort").on_paper()
    thing, other = paper.options[0], next(place for place in paper.places if place.id != paper.options[0].place)
    swapped = frozenset((one.id, other.id if one == thing else one.place) for one in paper.options)
    groups = [Group(paper.key, True, 20, 0, 0, 0, 0, 0), Group(swapped, False, 80, 0, 0, 0, 0, 0)]
    found = _statistics(groups, paper)
    worst = found.most_misplaced
    assert worst.text.startswith(thing.text)
    assert (worst.number, worst.elsewhere, worst.elsewhere_number) == (20, other.text, 80)
    assert [one.rank for one in verdicts(Question(kind="sort"), found)] == [SECOND_KEY, TOO_HARD]
    everybody = verdicts(Question(kind="sort", must_pass=True), _statistics(groups[:1] * 4, paper))
    assert [one.is_fine for one in everybody] == [True]


def test_the_start_page_counts_nothing_while_what_is_kept_is_fresh(editor, course, unit, django_assert_num_queries):
    sit(make_person(unit), course, rightly)
    municipality = Municipality.objects.get()
    counts, at = kept_counts([municipality.pk])
    sit(make_person(unit), course, rightly)
    with django_assert_num_queries(0):
        assert kept_counts([municipality.pk]) == (counts, at)
    assert date_format(localtime(at), "H:i") in editor.get(reverse("wagtailadmin_home")).content.decode()
    cache.delete(f"quizzes-counts-{municipality.pk}-fresh")  # an hour later
    assert kept_counts([municipality.pk]) == (counts, at)  # whoever asks waits for nothing
    assert kept_counts([municipality.pk])[1] > at


def test_every_question_is_a_point_with_a_name_that_leads_to_it():
    rows = [
        {"question": Question(pk=n, text=f"Fråga {n}"), "found": found, "verdicts": verdicts(Question(), found)}
        for n, found in enumerate(
            [figures(), figures(difficulty=0.2), figures(number=29), figures(discrimination=None)]
        )
    ]
    plot = scatter(rows)
    assert [point["question"].pk for point in plot["points"]] == [0, 1]
    html = render_to_string("quizzes/admin/scatter.html", {"plot": plot})
    assert html.count("<a ") == html.count("aria-label=") == 2
    assert not re.search(r'(cx|cy|x1|y1|x|y)="[^"]*,', html)
    assert scatter(rows[2:]) is None


def test_a_refresher_asks_most_for_what_few_know(course, unit, monkeypatch):
    monkeypatch.setattr("quizzes.analysis.SHOWN_FROM", 2)
    check = course.check_ref
    papers = {q.id: q for _n in range(2) for q in sit(make_person(unit), course, wrongly).as_paper.questions}
    weak = {pk for pk, question in papers.items() if not question.must_pass}
    pool = Question.objects.filter(pk__in=check.pool.values("question"))
    known = weakness_of(pool)
    assert {pk for pk, share in known.items() if share == 1.0} == {*papers}
    assert {share for pk, share in known.items() if pk not in papers} == {0.5}
    check.prefers_weak = True
    for seed in range(5):
        person = make_person(unit)
        begun = begin_attempt(person=person, check=check, subject_key=course.key, now=moment(DAY), seed=seed)
        assert weak <= {question.id for question in begun.as_paper.questions}
