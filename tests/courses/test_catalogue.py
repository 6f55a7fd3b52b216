"""The courses that come with the product hold to what is asked of authors (docs/catalogue.md)."""

from collections import Counter

import pytest

from courses.loading import course_names, load_course, read_course
from courses.models import CoursePage, FactSnippet, LessonPage, Route
from learning.translations import in_language, state
from quizzes.models import Question
from tests.factories import make_municipality

COURSES = sorted(course_names())


@pytest.fixture(params=COURSES)
def source(request):
    return read_course(request.param)


def test_all_courses_load_beside_each_other_and_again(db):
    municipality = make_municipality()
    for course in COURSES:
        load_course(municipality=municipality, source=read_course(course))
    assert CoursePage.objects.live().count() == len(COURSES) >= 6
    lessons = LessonPage.objects.live().count()
    for course in COURSES:
        assert set(load_course(municipality=municipality, source=read_course(course)).counts) == {"unchanged"}
    assert LessonPage.objects.count() == lessons


def test_a_lesson_asks_something_and_says_where_its_facts_come_from(source):
    for lesson in source.lessons:
        kinds = {card["type"] for card in lesson["cards"]}
        assert kinds & {"question", "scenario", "dialogue"}, lesson["title"]
        assert lesson["sources"], lesson["title"]
        assert lesson["objective"].startswith("Du kan"), lesson["title"]
        assert len(lesson["summary"]) <= 150, lesson["title"]


def test_a_lesson_brings_back_a_question_of_an_earlier_one(source):
    number = {question["id"]: source.questions.index(question) for question in source.questions}
    titles = [lesson["title"] for lesson in source.lessons]
    assert len(number) == len(source.questions)
    topics = {question["id"]: titles.index(question["topic"]) for question in source.questions}
    for place, lesson in enumerate(source.lessons):
        recalled = [card["question"] for card in lesson["cards"] if card["type"] == "recall"]
        assert all(topics[question] < place for question in recalled), lesson["title"]
        assert recalled or place == 0, lesson["title"]


def test_every_option_says_why(source):
    for question in source.questions:
        assert all(option["feedback"].strip() for option in question["options"]), question["id"]
        assert len({option.get("text") for option in question["options"]}) == len(question["options"]) > 1


def test_the_right_answer_is_not_given_away_by_place_or_length(source):
    """Of the questions with one right answer: no place holds half of them, and the longest is seldom the right one."""
    places, longest = Counter(), 0
    single = [question for question in source.questions if question["kind"] == "single"]
    for question in single:
        lengths = [len(option["text"]) for option in question["options"]]
        right = next(at for at, option in enumerate(question["options"]) if option.get("correct"))
        places[right] += 1
        longest += lengths[right] == max(lengths)
    assert max(places.values()) <= len(single) / 2
    assert longest <= 0.5 * len(single)


def test_a_check_has_enough_to_draw_from(source):
    check, pool = source.course["check"], [question for question in source.questions if question.get("check")]
    assert len(pool) >= 3 * check["draw"]
    assert sum(bool(question.get("must_pass")) for question in pool) <= check["draw"]


def test_what_is_translated_is_translated_whole(db):
    """Reading refuses a mirror of another shape; loaded, each part has every text in the language."""
    municipality = make_municipality()
    load_course(municipality=municipality, source=read_course("grundlaggande-kunskap"))
    course = CoursePage.objects.get()
    bank = [*Question.objects.all(), *FactSnippet.objects.all(), *Route.objects.all()]
    for thing in [course, course.check_ref, *course.lessons(), *bank]:
        assert state(thing, "en").is_whole, thing
        assert in_language(thing, "en") is not thing
