"""Editors read each other's texts: a colleague approves, the author never, and no other municipality is asked."""

import pytest
from django.urls import reverse
from wagtail.models import TaskState, Workflow

from courses.models import ColleagueTask, CourseIndexPage, LessonPage
from courses.review import let_colleagues_read
from tests.courses.writing import add_address, edit_address, lesson_form, make_draft, signed_in, text_card
from tests.factories import make_course, make_head, make_municipality, make_unit

SEND = {"action-submit": "1"}
APPROVE = {"action-workflow-action": "1", "workflow-action-name": "approve"}
CARD = ("text", {"heading": "Rubrik", "body": "<p>Text.</p>"})


@pytest.fixture
def author(unit):
    return make_head(unit, "editor")


@pytest.fixture
def colleague(unit):
    return make_head(unit, "editor")


@pytest.fixture
def lesson(course, author):
    return make_draft(course, CARD, owner=author)


def form(lesson, **fields) -> dict:
    return lesson_form(text_card(), slug=lesson.slug, **fields)


def send(person, lesson) -> None:
    assert signed_in(person).post(edit_address(lesson), form(lesson, **SEND)).status_code == 302
    assert lesson.workflow_in_progress


def approve(person, lesson) -> bool:
    """Whether the lesson is published when the person approves it, in the editor or by the address of approval."""
    state = TaskState.objects.for_instance(lesson).latest("started_at")
    signed_in(person).post(edit_address(lesson), form(lesson, **APPROVE))
    signed_in(person).post(reverse("wagtailadmin_pages:workflow_action", args=[lesson.pk, "approve", state.pk]))
    return LessonPage.objects.get(pk=lesson.pk).live


def waits_for(person) -> set[str]:
    return set(ColleagueTask.states_for(person).values_list("revision__object_id", flat=True))


def test_a_colleague_reads_and_publishes(lesson, author, colleague):
    send(author, lesson)
    assert waits_for(colleague) == {str(lesson.pk)}
    assert approve(colleague, lesson) is True
    assert waits_for(colleague) == set()


def test_whoever_sent_it_cannot_approve_it(lesson, author):
    send(author, lesson)
    assert waits_for(author) == set()
    assert approve(author, lesson) is False


def test_whoever_wrote_what_is_read_cannot_approve_it_though_another_sent_it(lesson, author, colleague, unit):
    send(author, lesson)
    state = TaskState.objects.for_instance(lesson).get()
    state.revision.user = colleague
    state.revision.save()
    assert approve(colleague, lesson) is False
    assert approve(make_head(unit, "editor"), lesson) is True


def test_not_even_a_superuser_approves_their_own(lesson, author):
    author.is_superuser = True
    author.save()
    send(author, lesson)
    assert approve(author, lesson) is False


def test_a_reader_may_mend_a_word_and_still_approve(lesson, author, colleague):
    send(author, lesson)
    saved = signed_in(colleague).post(edit_address(lesson), form(lesson, title="Rättad"))
    assert saved.status_code == 302
    assert approve(colleague, lesson) is True


def test_a_reader_may_ask_for_changes_and_gets_the_text_back(lesson, author, colleague):
    send(author, lesson)
    state = TaskState.objects.for_instance(lesson).get()
    reject = reverse("wagtailadmin_pages:workflow_action", args=[lesson.pk, "reject", state.pk])
    signed_in(colleague).post(reject, {"comment": "Kortare!"})
    assert waits_for(colleague) == set()
    send(author, lesson)
    assert waits_for(colleague) == {str(lesson.pk)}


def test_an_editor_of_another_municipality_is_not_asked_and_cannot_answer(lesson, author):
    other = make_municipality("Annan")
    make_course(other, slug="annan")
    stranger = make_head(make_unit(other), "editor")
    send(author, lesson)
    assert waits_for(stranger) == set()
    assert approve(stranger, lesson) is False


def test_one_cannot_approve_ones_own_by_the_address_of_anothers(course, lesson, author, colleague):
    send(author, lesson)
    theirs = make_draft(course, CARD, owner=colleague, slug="kollegans")
    send(colleague, theirs)
    own = TaskState.objects.for_instance(lesson).get()
    signed_in(author).post(reverse("wagtailadmin_pages:workflow_action", args=[theirs.pk, "approve", own.pk]))
    assert not LessonPage.objects.filter(pk__in=[lesson.pk, theirs.pk], live=True).exists()
    assert lesson.workflow_in_progress


def test_each_municipality_has_a_workflow_of_its_own_made_once(municipality, course):
    index = CourseIndexPage.objects.get()
    assert let_colleagues_read(index, municipality) == let_colleagues_read(index, municipality)
    make_course(make_municipality("Annan"), slug="annan")
    assert ColleagueTask.objects.count() == 2
    assert course.get_workflow() == let_colleagues_read(index, municipality)


def test_a_workflow_that_was_chosen_for_the_list_stays(municipality, course):
    index = CourseIndexPage.objects.get()
    other = Workflow.objects.create(name="Vår egen")
    index.workflowpage.workflow = other
    index.workflowpage.save()
    make_course(municipality)
    assert CourseIndexPage.objects.get().get_workflow() == other


def test_a_list_of_an_earlier_release_gets_its_workflow_with_the_next_load(municipality, course):
    Workflow.objects.all().delete()
    make_course(municipality)
    assert CourseIndexPage.objects.get().has_workflow


def test_a_list_of_courses_made_in_the_admin_gets_its_workflow(municipality, author):
    home = municipality.site.root_page
    address = reverse("wagtailadmin_pages:add", args=["courses", "courseindexpage", home.pk])
    data = {"title": "Kurser", "slug": "kurser", "comments-TOTAL_FORMS": 0, "comments-INITIAL_FORMS": 0}
    assert signed_in(author).post(address, data).status_code == 302
    assert ColleagueTask.objects.filter(workflow_tasks__workflow=CourseIndexPage.objects.get().get_workflow()).exists()


def buttons(html: str) -> list[str]:
    """The names of the buttons that save, in the order in which they stand."""
    names = ("action-submit", "action-publish", "action-save-draft")
    return sorted((name for name in names if f'name="{name}"' in html), key=lambda name: html.index(f'name="{name}"'))


def test_sending_to_a_colleague_is_the_first_button_and_publishing_is_kept(lesson, course, author):
    for address in (edit_address(lesson), add_address(course)):
        shown = buttons(signed_in(author).get(address).content.decode())
        assert shown[0] == "action-submit"
        assert "action-publish" in shown


def test_a_page_that_no_colleague_reads_keeps_its_buttons(municipality, course, author):
    html = signed_in(author).get(edit_address(municipality.site.root_page)).content.decode()
    assert buttons(html)[0] != "action-submit"
