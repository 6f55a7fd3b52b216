"""Grading anew: only for the better, once, told to whoever it concerns and of nobody; old papers stay as they were."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from django.db import close_old_connections, connection
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from learning.organisation.models import Municipality
from learning.records.models import Completion
from quizzes.analysis import statistics_of
from quizzes.grading import Paper, PaperOption, PaperQuestion
from quizzes.models import Attempt, KnowledgeCheck, Question, Regrade, Stage
from quizzes.regrading import GradedSoAlready, KeyUnfit, regrade
from quizzes.services import answer, begin_attempt, hand_in
from tests.factories import make_head, make_municipality, make_person, make_unit, moment
from tests.quizzes.asking import course_of_every_kind, wrongly

DAY, LATER = date(2025, 3, 3), date(2025, 4, 4)
KINDS = ["single", "multiple", "order", "match", "sort"]


@pytest.fixture
def course(db):
    return course_of_every_kind(make_municipality())


@pytest.fixture
def unit(course):
    return make_unit(Municipality.objects.get())


@pytest.fixture
def person(unit):
    return make_person(unit)


@pytest.fixture
def editor(unit):
    return make_head(unit, "editor")


def begun(person, course, wrong=()):
    """An open attempt in which the questions of these kinds are answered wrongly."""
    attempt = begin_attempt(person=person, check=course.check_ref, subject_key=course.key, now=moment(DAY), seed=1)
    choices = {one: wrongly(one) if one.kind in wrong else one.key for one in attempt.as_paper.questions}
    answer(attempt=attempt, choices=choices, now=moment(DAY))
    return attempt


def taken(person, course, wrong=()):
    return hand_in(attempt=begun(person, course, wrong), now=moment(DAY))


def test_what_measures_gets_its_right_answer_and_is_neither_passed_nor_failed(person, course, editor):
    KnowledgeCheck.objects.update(measures=True)
    course.refresh_from_db()
    about = {"person": person, "check": course.check_ref, "subject_key": course.key, "now": moment(DAY)}
    attempt = begin_attempt(**about, stage=Stage.BEFORE)
    wording = of_kind(attempt, "single")
    choices = {one: wrongly(one) if one == wording else one.key for one in attempt.as_paper.questions}
    answer(attempt=attempt, choices=choices, now=moment(DAY))
    measured = hand_in(attempt=attempt, now=moment(DAY))
    grade_anew(wording, [], editor)
    after = Attempt.objects.get()
    assert (after.right, after.passed) == (measured.right + 1, None)
    assert not Completion.objects.exists()


def of_kind(attempt, kind):
    return next(one for one in attempt.as_paper.questions if one.kind == kind)


def grade_anew(wording, accepted, editor):
    question = Question.objects.get(pk=wording.id)
    given = {"accepted": accepted, "reason": "Två svar stämmer.", "by": editor, "now": moment(LATER)}
    return regrade(question=question, wording=wording, **given)


@given(
    key=st.frozensets(st.integers(1, 5), min_size=1, max_size=3),
    chosen=st.frozensets(st.integers(1, 5), max_size=5),
    keys=st.lists(st.frozensets(st.integers(1, 5), max_size=4), max_size=3),
    further=st.frozensets(st.integers(1, 5), max_size=4),
)
def test_no_key_that_is_added_makes_wrong_what_was_right(key, chosen, keys, further):
    options = tuple(PaperOption(n, str(n), n in key, "") for n in range(1, 6))
    question = PaperQuestion(1, "?", "multiple", "", True, options)
    before, after = ({(1, question.edition): tuple(some)} for some in (keys, [*keys, further]))
    scores = [Paper((question,), 100).regraded(some).grade({1: chosen}) for some in (before, after)]
    assert scores[0].right <= scores[1].right
    assert scores[0].passed <= scores[1].passed
    if chosen and further and chosen <= further:
        assert scores[1].passed


def test_whoever_chose_what_counts_as_right_now_passes_and_completes_on_the_day_it_is_known(course, person, editor):
    attempt = taken(person, course, wrong={"single", "order", "sort"})
    paper = attempt.paper
    wording = of_kind(attempt, "single")
    made = grade_anew(wording, set(wrongly(wording)), editor)
    attempt = Attempt.objects.get(pk=attempt.pk)
    assert (attempt.right, attempt.passed, attempt.paper) == (3, True, paper)
    [before] = made.attempts.all()
    assert (before.right_before, before.passed_before, before.lets_pass) == (2, False, True)
    completion = Completion.objects.get()
    assert (completion.completed_on, completion.attempt, completion.edition.number) == (LATER, attempt, 1)
    assert completion.valid_through == date(2027, 3, 2)  # 24 months from the day of the answers
    others = attempt.answers.exclude(question_id=wording.id)
    assert {one.rest for one in others if one.right} == {0.5}


def test_whoever_was_right_stays_right_and_a_completion_stays(course, person, editor):
    attempt = taken(person, course)
    wording = of_kind(attempt, "single")
    made = grade_anew(wording, set(wrongly(wording)), editor)
    attempt = Attempt.objects.get(pk=attempt.pk)
    assert (attempt.right, attempt.passed, made.attempts.count()) == (5, True, 0)
    assert Completion.objects.get().completed_on == DAY
    question = Question.objects.get(pk=wording.id)
    assert statistics_of([question])[question].difficulty == 0  # by the new key nobody has been right yet


@pytest.mark.parametrize("kind", KINDS)
def test_any_kind_can_count_as_right_for_all(course, person, editor, kind):
    attempt = taken(person, course, wrong=set(KINDS))
    grade_anew(of_kind(attempt, kind), set(), editor)
    attempt = Attempt.objects.get(pk=attempt.pk)
    assert (attempt.right, attempt.passed) == (1, False)
    assert not Completion.objects.exists()
    question = Question.objects.get(kind=kind, text=f"En fråga: {kind}?")
    assert statistics_of([question])[question].difficulty == 0  # there is no other key to count by


def test_several_may_count_and_the_same_twice_is_refused(course, person, unit, editor):
    attempt = taken(person, course, wrong={"multiple"})
    wording = of_kind(attempt, "multiple")
    every = {option.id for option in wording.options}
    grade_anew(wording, every, editor)
    with pytest.raises(GradedSoAlready):
        grade_anew(wording, every, editor)
    assert Regrade.objects.count() == 1
    assert Attempt.objects.get(pk=attempt.pk).right == 5


def test_what_is_no_key_of_the_wording_is_refused(course, person, editor):
    attempt = taken(person, course)
    order, multiple = of_kind(attempt, "order"), of_kind(attempt, "multiple")
    unfit = [(order, {order.options[0].id}), (multiple, set(multiple.key)), (multiple, {-1}), (multiple, {-1, -2})]
    unfit.append((multiple, set(list(multiple.key)[:1])))
    for wording, accepted in unfit:
        with pytest.raises(KeyUnfit):
            grade_anew(wording, accepted, editor)
    assert not Regrade.objects.exists()


def test_an_open_attempt_is_graded_by_it_at_hand_in_and_another_wording_is_not(course, person, unit, editor):
    attempt = begun(person, course, wrong={"single", "order", "sort"})
    wording = of_kind(attempt, "single")
    grade_anew(wording, set(wrongly(wording)), editor)
    handed_in = hand_in(attempt=attempt, now=moment(LATER))
    assert (handed_in.right, handed_in.passed) == (3, True)
    Question.objects.filter(pk=wording.id).update(text="En annan lydelse?")
    other = taken(make_person(unit), course, wrong={"single", "order", "sort"})
    assert (other.right, other.passed) == (2, False)


def test_what_would_have_run_out_completes_nothing(course, person, editor):
    attempt = taken(person, course, wrong={"single", "order", "sort"})
    wording = of_kind(attempt, "single")
    question = Question.objects.get(pk=wording.id)
    late = moment(DAY + timedelta(days=800))
    regrade(question=question, wording=wording, accepted=set(), reason="Fel.", by=editor, now=late)
    assert Attempt.objects.get(pk=attempt.pk).passed is True
    assert not Completion.objects.exists()


@pytest.fixture
def address(course, person):
    wording = of_kind(taken(person, course, wrong={"single", "order", "sort"}), "single")
    return reverse("question_statistics:grade_anew", args=[wording.id, wording.edition])


def test_the_page_tells_first_what_would_change_and_then_does_just_that(client, course, person, editor, address):
    client.force_login(editor)
    wording = client.get(address).context["wording"]
    form = {"way": "options", "accepted": wrongly(wording), "reason": "Svaret B stämmer också."}
    shown = client.post(address, form)
    assert shown.context["effect"]
    assert not Regrade.objects.exists()
    assert Attempt.objects.get().right == 2
    # Another reason than the one that was looked at is looked at first.
    assert client.post(address, {**form, "reason": "Annat.", "seen": shown.context["seen"]}).status_code == 200
    assert not Regrade.objects.exists()
    done = client.post(address, {**form, "seen": shown.context["seen"]}, follow=True)
    regraded = Regrade.objects.counted().get()
    assert (regraded.changed, regraded.passing, regraded.decided_by) == (1, 1, editor)
    html = done.content.decode()
    assert "Svaret B stämmer också." in html
    assert person.last_name not in html
    client.force_login(person)
    result = client.get(reverse("records:check_result", args=[Attempt.objects.get().pk]))
    assert "Svaret B stämmer också." in result.content.decode()
    assert [one.before.right_before for one in result.context["regrades"]] == [2]
    assert len(result.context["wrong"]) == 2
    own = client.get(reverse("access:own_data")).content.decode()
    assert "Svaret B stämmer också." in own


def test_the_form_keeps_what_is_typed_and_says_what_is_missing(client, editor, address):
    client.force_login(editor)
    page = client.post(address, {"way": "options", "reason": "En tanke."})
    assert (page.status_code, list(page.context["form"].errors)) == (400, ["accepted"])
    assert "En tanke." in page.content.decode()


def test_only_those_who_publish_in_the_municipality_reach_it(client, unit, address):
    client.force_login(make_head(make_municipality("Annan").root, "editor"))
    assert client.get(address).status_code == 404
    assert client.post(address, {"way": "all", "reason": "x"}).status_code == 404
    client.force_login(make_head(unit))
    assert client.get(address).status_code in {302, 403}


def test_a_wording_that_never_was_is_not_there(client, editor, address):
    client.force_login(editor)
    assert client.get(address.replace(address.split("/")[-2], "finns-inte")).status_code == 404


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_graded_anew_from_many_places_at_once_is_done_once():
    municipality = make_municipality()
    course, unit = course_of_every_kind(municipality), make_unit(municipality)
    editor = make_head(unit, "editor")
    attempt = taken(make_person(unit), course, wrong={"single", "order", "sort"})
    wording = of_kind(attempt, "single")

    def press(_):
        close_old_connections()
        try:
            grade_anew(wording, set(), editor)
        except GradedSoAlready:
            return 0
        finally:
            connection.close()
        return 1

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(press, range(6))) == 1
    assert Regrade.objects.counted().get().changed == 1
    assert (Attempt.objects.get().right, Completion.objects.count()) == (3, 1)
