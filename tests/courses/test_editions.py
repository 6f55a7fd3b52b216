"""An edition says what a change asks, follows the one before, and never reaches back in time."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from courses.editions import EditionNotOpened, Kind, open_edition
from courses.models import CoursePage, Edition, LessonPage
from learning.append_only import Unchangeable
from tests.factories import make_person

DAY = date(2025, 3, 3)


@pytest.fixture
def publish(course, municipality):
    editor = make_person(municipality=municipality)

    def act(kind=Kind.RETAKE, on=DAY, **about):
        about = {"grace_days": 30} | about if kind == Kind.RETAKE else about
        return open_edition(course=course, kind=kind, note="Nytt", on=on, by=editor, **about)

    return act


def test_editions_are_numbered_in_the_order_in_which_they_open(course, publish):
    first = course.current_edition()
    second, third = publish(), publish(Kind.DELTA, lessons=course.lessons())
    assert list(Edition.objects.of(course.key)) == [first, second, third]
    assert [edition.number for edition in (first, second, third)] == [1, 2, 3]
    assert course.current_edition() == third
    assert second.grace_until == date(2025, 4, 2)
    assert [third.asks_for(lesson) for lesson in course.lessons()] == [True, True]


def test_the_edition_of_a_day_is_the_newest_that_had_opened_by_then(course, publish):
    first, second = course.current_edition(), publish()
    assert course.edition_on(date(2025, 3, 2)) == first
    assert course.edition_on(DAY) == second


def test_a_translation_of_the_course_has_the_same_editions(course, publish):
    second = publish()
    other = CoursePage(title="The course", slug="the-course", translation_key=course.translation_key)
    assert other.current_edition() == second


@pytest.mark.parametrize(
    "about",
    [
        {"kind": "editorial"},
        {"kind": Kind.FIRST},
        {"kind": Kind.DELTA},
        {"grace_days": None},
        {"grace_days": -1},
        {"on": date(2025, 3, 2)},
        {"after": 1},
    ],
)
def test_what_makes_no_edition_is_refused_and_changes_nothing(course, publish, about):
    publish()
    with pytest.raises(EditionNotOpened):
        publish(**about)
    assert course.current_edition().number == 2


def test_a_lesson_of_another_course_is_not_asked_for(course, publish):
    other = course.get_parent().add_child(instance=CoursePage(title="Annan", slug="annan"))
    foreign = [other.add_child(instance=LessonPage(title="Lektion", slug="lektion", objective="Du kan."))]
    with pytest.raises(EditionNotOpened):
        publish(Kind.DELTA, lessons=foreign)


def test_an_edition_can_be_neither_changed_nor_removed(publish):
    edition = publish()
    for act in (edition.save, edition.delete, Edition.objects.all().delete):
        with pytest.raises(Unchangeable):
            act()


def test_the_database_itself_refuses_a_grace_that_ends_before_the_edition_opens(course):
    with pytest.raises(IntegrityError), transaction.atomic():
        Edition.objects.create(
            course_key=course.key, number=2, kind=Kind.RETAKE, opens_on=DAY, grace_until=date(2025, 3, 2)
        )
