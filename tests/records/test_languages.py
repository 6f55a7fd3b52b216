"""A lesson and a check in another language: the same lesson, the same place, the same record."""

import re
from urllib.parse import urlsplit

import pytest
from django.urls import reverse

from courses.blocks import CardStream
from courses.models import FactSnippet, LessonPage, Route
from learning.records.models import Completion, LessonProgress
from quizzes.models import Attempt, Question
from tests.factories import make_lesson, translate
from tests.records.test_player import right_answer, send, take


def choose_language(client, language: str, back: str = "/"):
    """Press the button of the language in the foot of the page."""
    here = urlsplit(back)._replace(scheme="", netloc="").geturl()
    return client.post(reverse("set_language"), {"language": language, "next": here}, follow=True)


def publish(page) -> None:
    translate(page)
    page.save_revision().publish()


@pytest.fixture
def course(course):
    """The course, with everything in it in English."""
    for page in (course, *course.lessons()):
        publish(page)
    for thing in (*Question.objects.all(), *FactSnippet.objects.all(), *Route.objects.all(), course.check_ref):
        translate(thing)
        thing.save()
    course.refresh_from_db()
    return course


def answer(client, lesson):
    """Answer the card at hand and go on to the next; returns the page."""
    page = client.get(lesson.url)
    while page.context["act"] == "answer":
        page = send(client, lesson, page.context["position"], "answer", **right_answer(page.context["card"]))
    return send(client, lesson, page.context["position"])


def test_a_learner_changes_language_in_mid_lesson_and_keeps_the_place_and_the_choices(learner, lesson, course, person):
    lesson = course.lessons().first()
    send(learner, lesson, 1)
    page = send(learner, lesson, 2, "answer", choice="1")
    assert "Då syns inte mönstret." in page.content.decode()
    page = choose_language(learner, "en", f"{lesson.url}?kort=2")
    html = page.content.decode()
    assert (page.context["position"], page.context["card"].chosen) == (2, "1")
    assert page.context["card"].id == lesson.cards[1].id
    assert "en: Då syns inte mönstret." in html
    assert '<div class="lesson__told">' in html
    take(learner, lesson)
    choose_language(learner, "sv")
    take(learner, course.lessons().last())
    progress = LessonProgress.objects.get(person=person, lesson=lesson)
    assert progress.finished_at
    assert progress.answers[lesson.cards[1].id] == "1"
    for language in ("en", "sv", "en"):
        choose_language(learner, language)
        assert learner.get(f"{lesson.url}?kort=klar").status_code == 200
    assert LessonProgress.objects.count() == 2


@pytest.mark.parametrize("kind", sorted({"sort", "match", "order", "choose", "dialogue", "scenario", "plan"}))
def test_what_is_chosen_in_one_language_is_chosen_in_the_other(learner, course, kind):
    lesson = make_lesson(course, [kind, "key_point"])
    publish(lesson)
    lesson = LessonPage.objects.get(pk=lesson.pk)
    told = {}
    for language, other in (("sv", "en"), ("en", "sv")):
        choose_language(learner, language)
        page = learner.get(lesson.url)
        form = right_answer(page.context["card"])
        page = send(learner, lesson, 1, "answer", **form)
        assert page.context["card"].is_right
        told[language] = page.content.decode()
        page = choose_language(learner, other, f"{lesson.url}?kort=1")
        assert page.context["card"].is_right
        if page.context["card"].is_answered:
            told[f"{other} too"] = page.content.decode()
        LessonProgress.objects.all().delete()
    first = CardStream.base_blocks[kind].get_preview_value()["heading"]
    assert all((f"en: {first}" in html) == name.startswith("en") for name, html in told.items())


def test_places_are_chosen_by_the_same_value_and_named_in_the_readers_language(learner, course):
    lesson = make_lesson(course, ["sort"])
    publish(lesson)
    choose_language(learner, "en")
    html = learner.get(lesson.url).content.decode()
    assert 'value="Chefen"' in html
    assert "en: Chefen" in html
    send(learner, lesson, 1, "answer", **{"item-0": "112", "item-1": "112"})
    assert list(LessonProgress.objects.get().answers.values()) == [["112", "112"]]
    take(learner, lesson)
    assert "en: Chefen" in learner.get(f"{lesson.url}?kort=alla").content.decode()


def test_a_lesson_that_is_not_whole_in_english_is_shown_in_swedish_and_says_so(learner, course):
    lesson = course.lessons().first()
    lesson.translations["en"].pop("title")
    lesson.save_revision().publish()
    choose_language(learner, "en")
    html = learner.get(lesson.url).content.decode()
    assert "This lesson has not been translated yet." in html
    assert '<div class="lesson__told" lang="sv">' in html
    assert "en: " not in html.split("<main")[1]
    assert "This lesson has not been translated yet." not in learner.get(course.lessons().last().url).content.decode()


def test_a_question_that_lacks_english_stands_in_swedish_and_is_marked_so(learner, course):
    question = Question.objects.get(key="l1-a")
    question.translations = {}
    question.save()
    lesson = course.lessons().first()
    for _card in range(3):
        answer(learner, lesson)
    choose_language(learner, "en")
    html = learner.get(lesson.url).content.decode()
    assert "Vad gäller l1-a?" in html
    assert re.search('<div[^>]* lang="sv">', html)


def test_the_whole_course_is_told_in_english_around_the_lessons(learner, course):
    lesson = course.lessons().first()
    take(learner, lesson)
    choose_language(learner, "en")
    for address in (course.url, course.get_parent().url, reverse("records:my_page"), f"{lesson.url}?kort=klar"):
        html = learner.get(address).content.decode()
        assert "en: Provkurs" in html, address
        assert ">Provkurs" not in html, address
    assert "en: Lektion 2" in learner.get(f"{lesson.url}?kort=klar").content.decode()
    whole = learner.get(f"{lesson.url}?kort=alla").content.decode()
    for words in ("en: Därför 0.", "en: Då syns inte mönstret.", "en: Lag (2023:196)", "en: Akut"):
        assert words in whole


def test_opening_a_lesson_in_english_asks_no_more(learner, course, django_assert_max_num_queries):
    lesson = course.lessons().first()
    choose_language(learner, "en")
    take(learner, lesson)
    for position, _card in enumerate(lesson.cards, start=1):
        with django_assert_max_num_queries(7):
            learner.get(f"{lesson.url}?kort={position}")


def test_a_check_keeps_the_language_in_which_it_was_begun_and_counts_once(learner, course, person):
    choose_language(learner, "en")
    page = learner.post(reverse("records:check", args=[course.pk]), follow=True)
    attempt = Attempt.objects.get()
    questions = attempt.as_paper.questions
    assert {question.told_in for question in questions} == {"en"}
    for position, question in enumerate(questions, start=1):
        if position == 2:
            choose_language(learner, "sv")
        address = reverse("records:check_question", args=[attempt.pk, position])
        html = learner.get(address).content.decode()
        assert question.text in html
        assert question.text.startswith("en: ")
        assert bool(re.search('<div[^>]* lang="en">', html)) == (position > 1)
        page = learner.post(address, {"choice": list(question.key)}, follow=True)
    assert page.context["attempt"].passed
    assert Completion.objects.get(person=person).course_title == course.title


def test_a_check_that_was_begun_before_there_were_languages_is_in_swedish(learner, course, person):
    learner.post(reverse("records:check", args=[course.pk]))
    attempt = Attempt.objects.get()
    for question in attempt.paper["questions"]:
        del question["told_in"]
    attempt.save()
    choose_language(learner, "en")
    html = learner.get(reverse("records:check_question", args=[attempt.pk, 1])).content.decode()
    assert re.search('<div[^>]* lang="sv">', html)
