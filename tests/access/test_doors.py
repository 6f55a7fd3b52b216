"""Doors of Wagtail's admin that would go past what its pages ask, or name what is another municipality's."""

import pytest
from django.test import Client
from django.urls import reverse
from wagtail.models import Page

from tests.factories import make_course, make_head, make_municipality, make_unit


def editor_of(municipality) -> Client:
    client = Client()
    client.force_login(make_head(make_unit(municipality), "editor"))
    return client


@pytest.fixture
def lesson(db):
    return make_course(make_municipality()).lessons().first()


@pytest.fixture
def editor(lesson):
    return editor_of(lesson.course.check_ref.municipality)


@pytest.mark.parametrize("action", ["publish", "unpublish", "copy", "move", "delete", "create_alias"])
def test_the_api_of_the_admin_changes_no_page(editor, lesson, action):
    pages = list(Page.objects.values_list("pk", "live"))
    response = editor.post(reverse("wagtailadmin_api:pages:action", args=[lesson.pk, action]))
    assert response.status_code == 404
    assert list(Page.objects.values_list("pk", "live")) == pages


def test_the_api_of_the_admin_tells_of_a_page(editor, lesson):
    told = editor.get(reverse("wagtailadmin_api:pages:detail", args=[lesson.pk])).json()
    assert told["title"] == lesson.title


def addresses(lesson) -> list[str]:
    """What Wagtail asks of a page in a workflow."""
    state = lesson.workflow_states.get()
    task = state.current_task_state
    of_view = {
        "workflow_action": ["approve", task.pk],
        "collect_workflow_action_data": ["approve", task.pk],
        "confirm_workflow_cancellation": [],
        "workflow_preview": [task.task_id],
    }
    return [reverse(f"wagtailadmin_pages:{name}", args=[lesson.pk, *args]) for name, args in of_view.items()]


@pytest.mark.parametrize("is_over", [False, True])
def test_no_view_of_a_workflow_tells_of_a_page_of_another_municipality(lesson, is_over):
    stranger = editor_of(make_municipality("Annan"))
    state = lesson.get_workflow().start(lesson, None)
    if is_over:
        state.cancel()
    for address in addresses(lesson):
        assert stranger.get(address).status_code == 404
        assert stranger.post(address).status_code == 404
    assert lesson.title not in stranger.get(reverse("wagtailadmin_home")).content.decode()


def test_the_views_of_a_workflow_answer_for_ones_own_pages(editor, lesson):
    lesson.get_workflow().start(lesson, None)
    assert [editor.get(address).status_code for address in addresses(lesson)] == [200, 200, 200, 200]


def test_they_ask_whoever_is_not_signed_in_to_sign_in(lesson):
    lesson.get_workflow().start(lesson, None)
    assert {Client().get(address).status_code for address in addresses(lesson)} == {302}
