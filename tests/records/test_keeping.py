"""What somebody has taken is deleted by no door; it is archived instead."""

from datetime import date

import pytest
from django.db import transaction
from django.urls import reverse
from wagtail.models import Page

from courses.models import CourseIndexPage, CoursePage, LessonPage
from learning.organisation.models import Person
from learning.records.keeping import PageIsTaken
from learning.records.models import Completion, LessonProgress
from learning.records.services import finish_lesson
from tests.factories import moment, take_check

DAY = date(2025, 3, 3)


@pytest.fixture
def begun(person, lesson):
    """Somebody has taken the first lesson; nobody the second."""
    return finish_lesson(person=person, lesson=lesson, now=moment(DAY))


@pytest.fixture
def admin(client, db):
    client.force_login(Person.objects.create_superuser("admin@example.org", "lösenord"))
    return client


def delete_address(page) -> str:
    return reverse("wagtailadmin_pages:delete", args=[page.pk])


def is_there(page) -> bool:
    return Page.objects.filter(pk=page.pk).exists()


def is_refused(response) -> bool:
    return response.status_code == 409 and response.context["reason"] == str(PageIsTaken())


@pytest.mark.parametrize("method", ["get", "post"])
def test_the_page_of_deletion_says_why_not_and_offers_to_archive(admin, begun, lesson, course, method):
    for page in (lesson, course, course.get_parent(), course.get_parent().get_parent()):
        response = getattr(admin, method)(delete_address(page))
        assert is_refused(response)
        assert reverse("wagtailadmin_pages:unpublish", args=[page.pk]) in response.content.decode()
        assert is_there(page)


def test_to_archive_withdraws_the_course_with_its_lessons_and_keeps_what_was_learned(admin, begun, course, person):
    take_check(person, course, DAY)
    archive = reverse("wagtailadmin_pages:unpublish", args=[course.pk])
    admin.post(archive, {"include_descendants": "on"})
    assert not Page.objects.descendant_of(course, inclusive=True).live().exists()
    assert (Completion.objects.count(), LessonProgress.objects.count()) == (1, 1)
    response = admin.get(delete_address(CoursePage.objects.get(pk=course.pk)))
    assert is_refused(response)
    assert archive not in response.content.decode()


def test_what_nobody_has_taken_is_deleted(admin, begun, course):
    untouched = course.lessons().last()
    admin.post(delete_address(untouched))
    assert not is_there(untouched)


def test_many_at_once_are_refused_in_the_same_words(admin, begun, lesson, course):
    untouched = course.lessons().last()
    address = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "delete"])
    together, alone = f"{address}?id={lesson.pk}&id={untouched.pk}", f"{address}?id={untouched.pk}"
    response = admin.post(together)
    assert is_refused(response)
    assert [page.pk for page in response.context["pages"]] == [lesson.pk]
    assert (is_there(lesson), is_there(untouched)) == (True, True)
    admin.post(alone)
    assert not is_there(untouched)


@pytest.mark.parametrize("wrong", [0, 1])
def test_a_course_whose_check_somebody_has_tried_is_kept(admin, course, person, wrong):
    take_check(person, course, DAY, wrong=wrong)
    assert is_refused(admin.post(delete_address(course)))
    assert is_there(course)


def doors(page):
    """Every way to delete a page without the admin."""
    return {
        "the page": page.delete,
        "the page as any page": Page.objects.get(pk=page.pk).delete,
        "its rows": type(page).objects.filter(pk=page.pk).delete,
        "the page above": page.get_parent().delete,
        "all courses": CoursePage.objects.all().delete,
        "all lessons": LessonPage.objects.all().delete,
        "the list of courses": CourseIndexPage.objects.all().delete,
    }


def test_no_other_door_deletes_it_either(begun, lesson, course):
    for page in (lesson, course):
        for name, delete in doors(page).items():
            with pytest.raises(PageIsTaken) as refusal, transaction.atomic():
                delete()
            assert (str(refusal.value), name) == (str(PageIsTaken()), name)
            assert is_there(page)


def test_a_completion_keeps_its_page(person, course):
    take_check(person, course, DAY)
    with pytest.raises(PageIsTaken), transaction.atomic():
        course.delete()
    assert Completion.objects.get().course == course
