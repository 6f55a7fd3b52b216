"""What is published in one's own municipality is found by its words, and nothing that gives an answer away."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail.models import PageViewRestriction

from courses.models import CoursePage, LessonPage
from courses.search import LONGEST
from learning.records.models import LessonProgress
from learning.records.services import finish_lesson, note_card
from quizzes.models import Question
from tests.courses.writing import make_draft
from tests.factories import make_course, make_municipality, make_person, moment, take_check, translate
from tests.records.test_languages import choose_language

TODAY = date(2025, 3, 3)


@pytest.fixture(autouse=True)
def _on_a_day(time_machine):
    time_machine.move_to(moment(TODAY), tick=False)


@pytest.fixture
def search(learner):
    def ask(query: str):
        response = learner.get(reverse("records:search"), {"q": query})
        assert response.status_code == 200
        return response

    return ask


def titles(response) -> list[str]:
    return [hit.page.title for hit, _state in response.context["hits"]]


def write(course, title: str, *cards, **fields) -> LessonPage:
    """A published lesson with these cards."""
    lesson = make_draft(
        course, *(cards or [("text", {"heading": "Kort", "body": "<p>Text.</p>"})]), title=title, **fields
    )
    lesson.save_revision().publish()
    return lesson


def talk(body: str) -> tuple:
    return ("text", {"heading": "Rubrik", "body": f"<p>{body}</p>"})


def test_a_lesson_is_found_by_its_words_and_their_beginnings(search, course):
    write(course, "Öva på att åka", talk("Ensamhet är svår att se."))
    queries = ["ensamhet", "ENSAMHET", "ensam", "ensam åka", "åk ensamhet", "ensamhet!", "”ensamhet”", "svår", "ÖVA"]
    assert [query for query in queries if titles(search(query)) != ["Öva på att åka"]] == []
    assert titles(search("ensamhet finns")) == []


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite knows no forms of Swedish words")
def test_a_lesson_is_found_by_another_form_of_a_word(search, course):
    write(course, "Möte", talk("Ett barn och en tjänsteman."))
    assert [titles(search(query)) for query in ("barnen", "tjänstemannen", "barnbarnet")] == [["Möte"], ["Möte"], []]


def test_what_is_marked_is_what_was_asked_for(search, course):
    write(course, "Om ensamhet", talk("En " * 90 + "ensamhet som <b>ingen</b> ser " + "och " * 90))
    [(hit, _state)] = search("ensam").context["hits"]
    assert hit.title == [("Om ", False), ("ensamhet", True)]
    assert [text for text, is_asked in hit.excerpt if is_asked] == ["ensamhet"]
    assert len("".join(text for text, _ in hit.excerpt)) < 200
    assert "<mark>ensamhet</mark> som ingen ser" in search("ensam").content.decode()


def test_a_title_comes_before_a_text(search, course):
    write(course, "A", talk("ensamhet"))
    write(course, "Ensamhet", talk("B"))
    assert titles(search("ensamhet")) == ["Ensamhet", "A"]


def test_a_course_is_found_by_what_introduces_it(search, course):
    assert "Provkurs" in titles(search("korta"))


def test_the_words_of_the_municipality_stand_in_what_is_shown(search, course, municipality):
    write(course, "Slot", talk("Ensamhet berättas för {vbe_group}."))
    assert municipality.vbe_group_name in search("ensamhet").content.decode()


def test_what_is_told_in_english_is_found_in_both_languages(search, learner, course):
    lesson = write(course, "Se oro", talk("Ett samtal om kaffe."))
    translate(lesson)
    lesson.translations["en"] = {
        path: entry | ({"text": "See concern"} if entry["of"] == "Se oro" else {})
        for path, entry in lesson.translations["en"].items()
    }
    lesson.save_revision().publish()
    found = [(language, word) for language in ("sv", "en") for word in ("oro", "concern")]
    shown = []
    for language, word in found:
        choose_language(learner, language)
        shown += titles(search(word))
    # As one reads it, unless it was found by what it says in the other language.
    assert shown == ["Se oro", "Se oro", "Se oro", "See concern"]


def test_no_answer_is_given_away(search, course):
    """Of the cards that ask, only what is read before answering is searched and shown; see the course of the tests."""
    assert [word for word in ("bra", "mönstret", "river", "akut", "prata", "därför") if titles(search(word))] == []
    assert titles(search("klistermärken")) == ["Lektion 1"]


def test_what_is_not_published_or_private_or_anothers_is_not_found(search, course):
    make_draft(course, talk("ensamhet"), slug="a")
    live = write(course, "Ute", talk("annat"), slug="b")
    live.cards = live.cards.stream_block.normalize([talk("ensamhet")])
    live.save_revision()
    closed = write(course, "Privat", talk("ensamhet"), slug="c")
    PageViewRestriction.objects.create(page=closed, restriction_type=PageViewRestriction.LOGIN)
    write(make_course(make_municipality("Annan"), slug="annan"), "Annans", talk("ensamhet"), slug="d")
    assert titles(search("ensamhet")) == []


def test_a_lesson_of_a_course_that_is_not_published_is_not_found(search, course):
    write(course, "Ensamhet")
    course.refresh_from_db()
    course.live = False
    course.save()
    assert titles(search("ensamhet")) == []


def test_how_far_one_is_oneself_is_told_and_nothing_is_written(search, course, person):
    taken, begun, new = [write(course, f"Ensamhet {n}", slug=f"e{n}") for n in range(3)]
    finish_lesson(person=person, lesson=taken, now=moment(TODAY))
    note_card(person=person, lesson=begun, position=1, now=moment(TODAY))
    finish_lesson(person=make_person(person.employments.get().unit), lesson=new, now=moment(TODAY))
    before = list(LessonProgress.objects.values())
    assert [state for _hit, state in search("ensamhet").context["hits"]] == ["finished", "started", ""]
    assert list(LessonProgress.objects.values()) == before


def test_a_course_that_is_completed_is_told(search, course, person):
    assert [state for _hit, state in search("provkurs").context["hits"]] == [""]
    take_check(person, course, TODAY)
    assert [state for _hit, state in search("provkurs").context["hits"]] == ["finished"]


def test_many_hits_cost_what_one_of_each_costs(search, course):
    """Whatever the cards point at."""
    cards = [("question", {"question": Question.objects.first()}), talk("Den långa ensamheten.")]
    course.introduction = "<p>Om ensamheten.</p>"
    course.save_revision().publish()
    write(course, "Ensamhet 0", *cards, slug="e0")
    search("ensamheten")
    with CaptureQueriesContext(connection) as one:
        assert len(titles(search("ensamheten"))) == 2
    other = CoursePage(title="Annan kurs", slug="annan", introduction="<p>Om ensamheten.</p>")
    course.get_parent().add_child(instance=other)
    for number in range(1, 20):
        write(other, f"Ensamhet {number}", *cards, slug=f"e{number}")
    with CaptureQueriesContext(connection) as many:
        assert len(titles(search("ensamheten"))) == 22
    assert len(many) == len(one)
    assert [query["sql"] for query in many if not query["sql"].startswith("SELECT")] == []


def test_many_hits_are_cut_with_a_word(search, course, monkeypatch):
    monkeypatch.setattr("learning.records.views.MOST", 2)
    for number in range(3):
        write(course, f"Ensamhet {number}", slug=f"e{number}")
    response = search("ensamhet")
    assert (len(titles(response)), response.context["number"]) == (2, 3)


ODD = ["", " ", "\x00", "%", "'", '"', "a'b\"c", "\\", ":*", "! & | ( ) <->", "²", "x" * 5000, "\ud7ff"]


def test_whatever_is_asked_is_answered(search, course):
    assert [query for query in ODD if titles(search(query))] == []
    assert len(search("a " * 500).context["query"]) == LONGEST
