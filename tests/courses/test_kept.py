import pytest
from wagtail.models import BaseViewRestriction, Page, PageViewRestriction

from courses import kept
from courses.models import FactSnippet, LessonPage
from tests.factories import make_course, make_municipality, translate

pytestmark = pytest.mark.django_db


def lesson_at(url_path, language="sv"):
    return kept.lesson_at(url_path, language)


@pytest.fixture
def lesson():
    return make_course(make_municipality()).lessons().first()


def fact_of(lesson):
    return lesson_at(lesson.url_path).cards.first_block_by_name("fact").value["fact"]


def test_a_lesson_is_read_once_for_each_time_that_it_is_published(lesson, django_assert_num_queries):
    assert lesson_at(lesson.url_path) == lesson
    with django_assert_num_queries(1):
        again = lesson_at(lesson.url_path)
    assert (again.title, list(again.cards.raw_data)) == (lesson.title, list(lesson.cards.raw_data))
    lesson.title = "Utkast"
    revision = lesson.save_revision()
    assert lesson_at(lesson.url_path).title == again.title
    revision.publish()
    with django_assert_num_queries(2):
        assert lesson_at(lesson.url_path).title == "Utkast"


def test_what_a_reader_does_with_the_lesson_reaches_no_other_reader(lesson):
    mine = lesson_at(lesson.url_path)
    mine.title = "Mitt"
    mine.cards[0].value["heading"] = "Mitt"
    del mine.cards[1]
    others = lesson_at(lesson.url_path)
    assert others.title == lesson.title
    assert others.cards.get_prep_value() == lesson.cards.get_prep_value()


def test_a_fact_is_told_as_it_is_now(lesson):
    assert fact_of(lesson).text
    FactSnippet.objects.update(text="Nytt")
    assert fact_of(lesson).text == "Nytt"


def test_a_lesson_that_moves_is_found_where_it_is(lesson):
    old = lesson_at(lesson.url_path).url_path
    lesson.course.move(Page.get_first_root_node(), pos="last-child")
    lesson = LessonPage.objects.get(pk=lesson.pk)
    assert lesson_at(old) is None
    assert lesson_at(lesson.url_path).path == lesson.path


def test_what_is_not_public_is_left_to_wagtail(lesson):
    lesson_at(lesson.url_path)
    restriction = PageViewRestriction.objects.create(page=lesson, restriction_type=BaseViewRestriction.LOGIN)
    assert lesson_at(lesson.url_path) is None
    restriction.delete()
    assert lesson_at(lesson.url_path) == lesson
    assert lesson_at(lesson.get_parent().url_path) is None
    lesson.unpublish()
    assert lesson_at(lesson.url_path) is None


def test_each_language_is_kept_by_itself(lesson, django_assert_num_queries):
    translate(lesson)
    lesson.save_revision().publish()
    for language, title in [("sv", lesson.title), ("en", f"en: {lesson.title}")] * 2:
        assert lesson_at(lesson.url_path, language).title == title
    with django_assert_num_queries(1):
        english = lesson_at(lesson.url_path, "en")
    assert english.cards[0].value["heading"].startswith("en: ")
    assert english.course == lesson.course
