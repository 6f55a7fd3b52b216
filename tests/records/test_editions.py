"""A change of a course: what it asks of those who have completed it, and how it is told and taken."""

from datetime import date
from urllib.parse import parse_qs, urlparse

import pytest
from django.urls import reverse
from wagtail.test.utils.form_data import nested_form_data, querydict_from_html, streamfield

from courses.editions import Kind, open_edition
from courses.models import CoursePage, Edition, LessonPage
from learning.coverage import figures
from learning.coverage.models import Mark, Status
from learning.coverage.services import settle
from learning.organisation.models import Person
from learning.records.models import Completion, EvidenceLevel, LessonProgress
from learning.records.overview import CourseState
from learning.records.services import finish_lesson, record_completion
from quizzes.services import answer, begin_attempt, hand_in
from tests.factories import (
    make_goal,
    make_head,
    make_municipality,
    make_unit,
    moment,
    take_check,
)
from tests.records.test_player import play_check, take

PASSED, OPENED, LATER = date(2025, 1, 15), date(2025, 3, 3), date(2025, 3, 20)
GRACE_ENDS = date(2025, 4, 2)
VALID_THROUGH = date(2027, 1, 14)


@pytest.fixture(autouse=True)
def _on_the_day(time_machine):
    time_machine.move_to(moment(OPENED), tick=False)


@pytest.fixture
def editor(unit):
    return make_head(unit, "editor")


@pytest.fixture
def passed(person, course):
    """The person has taken the whole course and its check."""
    for lesson in course.lessons():
        finish_lesson(person=person, lesson=lesson, now=moment(PASSED))
    take_check(person, course, PASSED)
    return person


@pytest.fixture
def learner(client, passed):
    client.force_login(passed)
    return client


@pytest.fixture
def publish(course, editor):
    def act(kind, on=OPENED, **about):
        about = {"grace_days": 30} | about if kind == Kind.RETAKE else about
        return open_edition(course=course, kind=kind, note=f"Nytt om {kind}", on=on, by=editor, **about)

    return act


def state(person, course, on=OPENED) -> CourseState:
    return CourseState(person, course, on)


def page_of(client, course) -> str:
    """All that the person's own page and the course's page say."""
    return "".join(client.get(url).content.decode() for url in (reverse("records:my_page"), course.url))


# What an edition asks of the person.


def test_a_delta_asks_those_who_have_completed_for_its_lessons_only(passed, course, publish):
    _first, second = course.lessons()
    edition = publish(Kind.DELTA, lessons=[second])
    now = state(passed, course)
    assert (now.is_valid, now.is_done, now.asks_for_the_check) == (True, False, False)
    assert (now.news, now.left, now.minutes_left) == ([edition], [second], second.minutes)
    assert [row["state"] for row in now.lessons] == ["finished", ""]


def test_a_delta_asks_nothing_more_of_those_who_have_not_completed(person, course, publish):
    first, second = course.lessons()
    finish_lesson(person=person, lesson=first, now=moment(PASSED))
    publish(Kind.DELTA, lessons=[first])
    assert (state(person, course).news, state(person, course).left) == ([], [second])


def test_the_lesson_of_a_delta_is_taken_from_its_first_card_and_what_was_done_stays(learner, course, publish, passed):
    lesson = course.lessons().first()
    before = LessonProgress.objects.get(lesson=lesson)
    publish(Kind.DELTA, lessons=[lesson])
    assert learner.get(f"{lesson.url}?kort=9").context["card"].position == 1
    assert take(learner, lesson) == [card.block_type for card in lesson.cards]
    again = LessonProgress.objects.filter(lesson=lesson).last()
    assert (again.edition_number, again.finished_at) == (2, moment(OPENED))
    assert LessonProgress.objects.get(pk=before.pk).finished_at == moment(PASSED)


def test_whoever_has_taken_the_delta_has_completed_the_new_edition_valid_as_before(learner, course, publish, passed):
    lessons = list(course.lessons())
    edition = publish(Kind.DELTA, lessons=lessons)
    take(learner, lessons[0])
    assert Completion.objects.count() == 1
    take(learner, lessons[1])
    completion = Completion.objects.get(edition=edition)
    assert (completion.person, completion.completed_on, completion.attempt) == (passed, OPENED, None)
    assert (completion.evidence_level, completion.valid_through) == (EvidenceLevel.SUPPLEMENTED, VALID_THROUGH)
    assert (state(passed, course).is_done, state(passed, course).news) == (True, [])


def test_a_second_delta_for_the_same_lesson_asks_for_it_once_more(passed, course, publish):
    lesson = course.lessons().first()
    publish(Kind.DELTA, lessons=[lesson])
    finish_lesson(person=passed, lesson=lesson, now=moment(OPENED))
    publish(Kind.DELTA, lessons=[lesson], on=LATER)
    assert state(passed, course, LATER).left == [lesson]
    finish_lesson(person=passed, lesson=lesson, now=moment(LATER))
    assert list(Completion.objects.values_list("edition__number", flat=True)) == [3, 2, 1]


def test_two_deltas_that_wait_are_completed_together(passed, course, publish):
    first, second = course.lessons()
    publish(Kind.DELTA, lessons=[first])
    publish(Kind.DELTA, lessons=[second])
    finish_lesson(person=passed, lesson=second, now=moment(OPENED))
    assert state(passed, course).left == [first]
    finish_lesson(person=passed, lesson=first, now=moment(OPENED))
    assert list(Completion.objects.values_list("edition__number", flat=True)) == [3, 1]


def test_a_delta_whose_lessons_are_withdrawn_asks_nothing(passed, course, publish):
    lesson = course.lessons().first()
    publish(Kind.DELTA, lessons=[lesson])
    lesson.unpublish()
    assert (state(passed, course).is_done, state(passed, course).news) == (True, [])


def test_lessons_alone_do_not_stand_in_for_a_retake(passed, course, publish):
    lesson = course.lessons().first()
    publish(Kind.RETAKE)
    publish(Kind.DELTA, lessons=[lesson])
    finish_lesson(person=passed, lesson=lesson, now=moment(OPENED))
    assert Completion.objects.count() == 1
    assert state(passed, course).asks_for_the_check is True


def test_a_delta_does_not_lengthen_what_has_expired(passed, course, publish):
    expired = date(2027, 2, 1)
    lesson = course.lessons().first()
    publish(Kind.DELTA, lessons=[lesson])
    finish_lesson(person=passed, lesson=lesson, now=moment(expired))
    assert Completion.objects.count() == 1
    assert state(passed, course, expired).is_valid is False


@pytest.mark.parametrize(("day", "counts"), [(OPENED, True), (GRACE_ENDS, True), (date(2025, 4, 3), False)])
def test_at_a_retake_an_older_completion_counts_through_the_grace(passed, course, publish, day, counts):
    publish(Kind.RETAKE)
    now = state(passed, course, day)
    assert (now.is_valid, now.is_done, now.asks_for_the_check) == (counts, False, True)
    assert now.completion.lasts_through == GRACE_ENDS
    assert now.completion.valid_through == VALID_THROUGH


def test_a_retake_is_taken_by_the_check_and_counts_at_once(learner, passed, course, publish):
    publish(Kind.RETAKE, lessons=[course.lessons().first()])
    assert state(passed, course).left == [course.lessons().first()]
    play_check(learner, course)
    newest = Completion.objects.first()
    assert (newest.edition.number, newest.evidence_level) == (2, EvidenceLevel.CHECKED)
    assert state(passed, course, date(2026, 1, 1)).is_done is True


def test_a_check_that_was_begun_before_tells_of_the_edition_of_that_day(passed, course, publish):
    attempt = begin_attempt(person=passed, check=course.check_ref, subject_key=course.key, now=moment(date(2025, 3, 2)))
    publish(Kind.RETAKE)
    answer(attempt=attempt, choices={q: q.key for q in attempt.as_paper.questions}, now=moment(LATER))
    hand_in(attempt=attempt, now=moment(LATER))
    assert Completion.objects.first().edition.number == 1
    assert state(passed, course, date(2025, 4, 3)).is_valid is False


def test_a_shorter_validity_is_not_lengthened_by_a_grace(person, course, publish):
    record_completion(person=person, course=course, on=date(2023, 3, 10), evidence_level=EvidenceLevel.ATTESTED)
    publish(Kind.RETAKE)
    assert state(person, course).completion.lasts_through == date(2025, 3, 9)


def test_the_check_and_the_new_lessons_on_one_day_are_both_recorded(passed, course, publish):
    lesson = course.lessons().first()
    edition = publish(Kind.DELTA, lessons=[lesson])
    finish_lesson(person=passed, lesson=lesson, now=moment(OPENED))
    take_check(passed, course, OPENED)
    done = Completion.objects.filter(edition=edition)
    assert set(done.values_list("evidence_level", "valid_through")) == {
        (EvidenceLevel.SUPPLEMENTED, VALID_THROUGH),
        (EvidenceLevel.CHECKED, date(2027, 3, 2)),
    }


def test_an_edition_of_another_course_asks_nothing(passed, course, editor):
    other = course.get_parent().add_child(instance=CoursePage(title="Annan", slug="annan"))
    open_edition(course=other, kind=Kind.RETAKE, note="Nytt", on=OPENED, by=editor, grace_days=1)
    assert state(passed, course, LATER).is_done is True


# What is said on the pages.


def test_the_pages_say_what_is_new_and_lead_to_the_lessons(learner, course, publish):
    first, second = course.lessons()
    assert "Nytt om" not in page_of(learner, course)
    publish(Kind.DELTA, lessons=[second])
    for url in (reverse("records:my_page"), course.url):
        html = learner.get(url).content.decode()
        news = html[html.index("card--accent") : html.index("</section>", html.index("card--accent"))]
        assert "Nytt om delta" in news
        assert f"/{second.slug}/" in news
        assert f"/{first.slug}/" not in news
    assert reverse("records:check", args=[course.pk]) not in page_of(learner, course)
    take(learner, second)
    assert "Nytt om" not in page_of(learner, course)


def test_the_pages_say_how_long_a_completion_counts_and_lead_to_the_check(learner, course, publish):
    publish(Kind.RETAKE)
    assert [state.is_done for state in learner.get(reverse("records:my_page")).context["states"]] == [False]
    html = page_of(learner, course)
    assert "Nytt om retake" in html
    assert "2 april 2025" in html
    assert "14 januari 2027" not in html
    assert reverse("records:check", args=[course.pk]) in html


def test_the_end_of_the_last_new_lesson_says_that_nothing_is_left(learner, course, publish):
    lesson = course.lessons().first()
    publish(Kind.DELTA, lessons=[lesson])
    take(learner, lesson)
    html = learner.get(f"{lesson.url}?kort=klar").content.decode()
    assert "14 januari 2027" in html
    assert reverse("records:check", args=[course.pk]) not in html


def test_the_proof_tells_the_edition_and_how_long_it_counts(learner, course, publish):
    publish(Kind.RETAKE)
    html = learner.get(reverse("records:proof", args=[Completion.objects.get().uuid])).content.decode()
    assert "2 april 2025" in html


def test_reading_the_pages_changes_no_record(learner, course, publish):
    lesson = course.lessons().first()
    publish(Kind.DELTA, lessons=[lesson])
    before = (LessonProgress.objects.count(), Completion.objects.count())
    for url in (lesson.url, course.url, reverse("records:my_page")):
        learner.get(url)
    assert (LessonProgress.objects.count(), Completion.objects.count()) == before


# The figures follow.


def test_the_figures_fall_the_day_after_the_grace_and_not_before(
    passed, course, municipality, unit, publish, django_capture_on_commit_callbacks
):
    requirement = make_goal(course, municipality).requirement
    settle()
    with django_capture_on_commit_callbacks(execute=True):
        publish(Kind.RETAKE)
    assert not Mark.objects.exists()
    days = [OPENED, GRACE_ENDS, date(2025, 4, 3)]
    found = [figures.at(requirement, unit, day).counts for day in days]
    assert [counts[Status.COMPETENT] for counts in found] == [1, 1, 0]
    assert found[-1][Status.EXPIRED] == 1


def test_a_delta_moves_no_figure(passed, course, municipality, unit, publish):
    requirement = make_goal(course, municipality).requirement
    settle()
    before = figures.series(requirement, unit, [OPENED, LATER, VALID_THROUGH])
    publish(Kind.DELTA, lessons=course.lessons())
    assert not Mark.objects.exists()
    assert figures.series(requirement, unit, [OPENED, LATER, VALID_THROUGH]) == before


# What the editor is asked.


@pytest.fixture
def writer(client, editor):
    client.force_login(editor)
    return client


def publish_page(client, page, **changes):
    """Press a button of the page's editor ("publish" where none is named), with what the form holds."""
    url = reverse("wagtailadmin_pages:edit", args=[page.pk])
    form = querydict_from_html(client.get(url).content.decode(), form_id="page-edit-form")
    # The editor's script writes the cards into the form.
    cards = {"cards": streamfield([("key_point", {"text": "Kom ihåg."})])} if isinstance(page, LessonPage) else {}
    for name, value in ({"action-publish": "1"} | nested_form_data(cards) | changes).items():
        form[name] = value
    return client.post(url, form)


def question_of(course) -> str:
    return reverse("change_meaning", args=[course.pk])


def say(client, course, **given):
    form = {"kind": "editorial", "note": "", "grace_days": "", "after": course.current_edition().number}
    return client.post(question_of(course), form | given)


def test_whoever_publishes_a_completed_course_is_asked_what_it_means(writer, passed, course):
    assert publish_page(writer, course).url == question_of(course)
    form = writer.get(question_of(course)).context["form"]
    assert form.initial["kind"] == "editorial"


def test_whoever_publishes_a_lesson_is_asked_about_that_lesson(writer, passed, course):
    lesson = course.lessons().last()
    response = publish_page(writer, lesson, title="Ny rubrik")
    assert (urlparse(response.url).path, parse_qs(urlparse(response.url).query)) == (
        question_of(course),
        {"lesson": [str(lesson.pk)]},
    )
    form = writer.get(response.url).context["form"]
    marked = [choice.data["value"] for choice in form["lessons"] if choice.data["selected"]]
    assert [str(value) for value in marked] == [str(lesson.pk)]
    assert course.lessons().last().title == "Ny rubrik"


def test_nothing_is_asked_about_a_course_that_nobody_has_completed(writer, course):
    assert publish_page(writer, course).url != question_of(course)
    assert 'name="kind"' not in writer.get(question_of(course)).content.decode()


def test_an_editorial_change_opens_no_edition_however_often(writer, passed, course):
    for _time in range(3):
        publish_page(writer, course)
        assert say(writer, course).status_code == 302
    assert Edition.objects.of(course.key).count() == 1
    assert state(passed, course).is_done is True


def test_a_delta_is_opened_from_the_page(writer, passed, course, editor):
    lesson = course.lessons().last()
    assert say(writer, course, kind="delta", note="Ny lag", lessons=[lesson.pk]).status_code == 302
    edition = course.current_edition()
    assert (edition.kind, edition.note, edition.opens_on, edition.opened_by) == ("delta", "Ny lag", OPENED, editor)
    assert (edition.asks_for(lesson), edition.grace_until) == (True, None)


def test_a_retake_is_opened_from_the_page(writer, passed, course):
    assert say(writer, course, kind="retake", note="Ny lag", grace_days="30").status_code == 302
    assert course.current_edition().grace_until == GRACE_ENDS


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({"kind": ""}, {"kind"}),
        ({"kind": "delta"}, {"note", "lessons"}),
        ({"kind": "retake"}, {"note", "grace_days"}),
        ({"kind": "retake", "note": "Ny", "grace_days": "0"}, {"grace_days"}),
        ({"kind": "delta", "note": "Ny", "lessons": ["999999"]}, {"lessons"}),
    ],
)
def test_what_is_missing_is_asked_for_and_nothing_is_opened(writer, passed, course, given, missing):
    response = say(writer, course, **given)
    assert (response.status_code, set(response.context["form"].errors)) == (200, missing)
    assert Edition.objects.of(course.key).count() == 1


def test_the_same_form_twice_opens_one_edition(writer, passed, course):
    form = {"kind": "retake", "note": "Ny", "grace_days": "30", "after": 1}
    assert say(writer, course, **form).status_code == 302
    second = say(writer, course, **form)
    assert (second.status_code, bool(second.context["form"].non_field_errors())) == (200, True)
    assert course.current_edition().number == 2


def test_a_publication_by_the_clock_is_editorial_and_says_so(writer, passed, course):
    response = publish_page(writer, course, go_live_at="2025-06-01 08:00")
    assert response.url != question_of(course)
    assert question_of(course) in writer.get(response.url).content.decode()


def test_what_is_sent_to_a_workflow_is_editorial_and_says_so(writer, passed, course):
    response = publish_page(writer, course, **{"action-publish": "", "action-submit": "1"})
    page = CoursePage.objects.get(pk=course.pk)
    assert (response.status_code, page.workflow_in_progress) == (302, True)
    assert question_of(course) in writer.get(response.url).content.decode()
    assert Edition.objects.of(course.key).count() == 1


def test_pages_published_together_are_editorial_and_it_is_said(writer, passed, course):
    address = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "publish"])
    ids = "&".join(f"id={lesson.pk}" for lesson in course.lessons())
    # There no button leads to the question, only the message.
    elsewhere = reverse("wagtailadmin_explore", args=[course.get_parent().pk])
    assert question_of(course) not in writer.get(elsewhere).content.decode()
    html = writer.post(f"{address}?{ids}&next={elsewhere}", follow=True).content.decode()
    assert html.count(question_of(course)) == 1
    assert Edition.objects.of(course.key).count() == 1


def test_the_question_is_reached_from_the_course_and_its_lessons(writer, passed, course):
    for page in (course, course.lessons().first()):
        for name in ("wagtailadmin_pages:edit", "wagtailadmin_explore"):
            html = writer.get(reverse(name, args=[page.pk])).content.decode()
            assert question_of(course) in html


def test_only_those_who_may_publish_the_course_are_asked(client, passed, course):
    foreign = make_head(make_unit(make_municipality("Annan")), "editor")
    client.force_login(foreign)
    assert client.get(question_of(course)).status_code == 302
    assert say(client, course, kind="retake", note="Ny", grace_days="30").status_code == 302
    assert Edition.objects.of(course.key).count() == 1


def test_a_superuser_is_asked_too(client, passed, course):
    client.force_login(Person.objects.create_superuser("admin@example.org", "lösenord"))
    assert publish_page(client, course).url == question_of(course)
    assert client.get(question_of(course)).status_code == 200
