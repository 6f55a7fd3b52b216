"""A lesson with a stop is published by no door, each refusal says why, and a draft is always saved."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from wagtail.test.utils.form_data import rich_text, streamfield

from courses.errors import LessonStopped
from courses.models import CoursePage, LessonPage
from courses.tasks import tick_publish_scheduled
from learning.organisation.models import Municipality
from quizzes.models import Question
from tests.courses.writing import (
    add_address,
    edit_address,
    lesson_form,
    make_draft,
    question_card,
    signed_in,
    take_feedback_from,
    text_card,
)
from tests.factories import make_course, make_head, make_municipality, make_unit

PUBLISH = {"action-publish": "1"}


@dataclass
class Desk:
    """An editor with a draft whose question has lost the feedback of an option."""

    municipality: Municipality = field(default_factory=make_municipality)

    def __post_init__(self):
        self.course = make_course(self.municipality)
        unit = make_unit(self.municipality)
        self.editor, self.colleague = make_head(unit, "editor"), make_head(unit, "editor")
        self.question = Question.objects.filter(key="l1-b").get()
        self.option = take_feedback_from(self.question)
        self.lesson = make_draft(self.course, ("question", {"question": self.question}), owner=self.editor)
        self.client = signed_in(self.editor)

    def refusal(self, response) -> bool:
        """Whether the page that came names what is to be done."""
        return self.option in response.content.decode()

    @property
    def is_live(self) -> bool:
        return LessonPage.objects.get(pk=self.lesson.pk).live

    def mend(self) -> None:
        self.question.options.filter(feedback="").update(feedback="Därför.")

    def send(self) -> None:
        """The editor sends the draft to a colleague."""
        form = lesson_form(question_card(self.question), slug=self.lesson.slug, **{"action-submit": "1"})
        assert self.client.post(edit_address(self.lesson), form).status_code == 302


@pytest.fixture
def desk(db):
    return Desk()


def test_the_button_refuses_and_what_was_written_stays_in_the_form(desk):
    form = lesson_form(question_card(desk.question), title="Ny rubrik", slug=desk.lesson.slug, **PUBLISH)
    response = desk.client.post(edit_address(desk.lesson), form)
    assert response.status_code == 200
    assert desk.refusal(response)
    assert "Ny rubrik" in response.content.decode()
    assert not desk.is_live


def test_the_button_publishes_what_has_no_stops(desk):
    desk.mend()
    form = lesson_form(question_card(desk.question), slug=desk.lesson.slug, **PUBLISH)
    assert desk.client.post(edit_address(desk.lesson), form).status_code == 302
    assert desk.is_live


def test_advice_keeps_nothing_from_being_published(desk):
    form = lesson_form(text_card(), objective="Att veta", slug=desk.lesson.slug, **PUBLISH)
    assert desk.client.post(edit_address(desk.lesson), form).status_code == 302
    assert desk.is_live
    assert LessonPage.objects.get(pk=desk.lesson.pk).sheet().advice


@pytest.mark.parametrize("fields", [{}, {"objective": ""}])
def test_a_draft_is_saved_whatever_it_lacks(desk, fields):
    form = lesson_form(question_card(desk.question), title="Halv", slug=desk.lesson.slug, **fields)
    response = desk.client.post(edit_address(desk.lesson), form)
    assert (response.status_code, response.url) == (302, edit_address(desk.lesson))
    assert LessonPage.objects.get(pk=desk.lesson.pk).get_latest_revision_as_object().title == "Halv"
    assert not desk.is_live


def test_a_draft_without_cards_is_saved_too(desk):
    response = desk.client.post(add_address(desk.course), lesson_form(objective=""))
    assert response.status_code == 302
    assert LessonPage.objects.filter(title="Ny lektion", live=False).exists()


def half_a_conversation() -> tuple:
    """One whose first reply leads nowhere yet, as Wagtail saves it while it is written."""
    reply = {"text": "”Hej”", "reaction": "Hen ser upp.", "to": "tillit"}
    turns = [{"id": "start", "says": "”Jaha.”", "replies": streamfield([("item", reply)]), "ending": ""}]
    situation = {"heading": "Samtal", "situation": rich_text("")}
    return ("dialogue", {**situation, "turns": streamfield([("item", turn) for turn in turns])})


def test_a_half_written_card_is_saved_and_published_by_no_door(desk):
    form = lesson_form(half_a_conversation(), slug=desk.lesson.slug)
    assert desk.client.post(edit_address(desk.lesson), form).status_code == 302
    [stop] = LessonPage.objects.get(pk=desk.lesson.pk).get_latest_revision_as_object().stops()
    assert "tillit" in str(stop)
    refused = desk.client.post(edit_address(desk.lesson), {**form, **PUBLISH})
    assert list(refused.context["form"].errors) == ["cards"]
    with pytest.raises(LessonStopped, match="tillit"):
        LessonPage.objects.get(pk=desk.lesson.pk).latest_revision.publish()
    assert not desk.is_live


def test_a_new_lesson_is_refused_before_it_is_made(desk):
    response = desk.client.post(add_address(desk.course), lesson_form(question_card(desk.question), **PUBLISH))
    assert response.status_code == 200
    assert desk.refusal(response)
    assert not LessonPage.objects.filter(title="Ny lektion").exists()


def test_a_schedule_is_refused(desk):
    later = {"go_live_at": (timezone.localtime() + timedelta(days=2)).strftime("%Y-%m-%d %H:%M")}
    form = lesson_form(question_card(desk.question), slug=desk.lesson.slug, **later, **PUBLISH)
    assert desk.refusal(desk.client.post(edit_address(desk.lesson), form))
    assert not desk.lesson.revisions.exclude(approved_go_live_at=None).exists()


def test_a_schedule_that_meets_a_stop_is_called_off_and_the_others_are_kept(desk):
    whole = make_draft(desk.course, ("text", {"heading": "A", "body": "<p>B</p>"}), slug="hel")
    for lesson in (desk.lesson, whole):
        lesson.revisions.update(approved_go_live_at=timezone.now() - timedelta(minutes=1))
    tick_publish_scheduled()
    assert not desk.is_live
    assert LessonPage.objects.get(pk=whole.pk).live
    assert not desk.lesson.revisions.exclude(approved_go_live_at=None).exists()


def test_many_at_once_are_refused_together(desk):
    whole = make_draft(desk.course, ("text", {"heading": "A", "body": "<p>B</p>"}), slug="hel")
    address = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "publish"])
    response = desk.client.post(f"{address}?id={whole.pk}&id={desk.lesson.pk}", follow=True)
    assert response.redirect_chain == [(edit_address(desk.lesson), 302)]
    assert desk.refusal(response)
    assert not desk.is_live
    assert not LessonPage.objects.get(pk=whole.pk).live


def test_a_course_is_not_published_with_a_stopped_lesson_below_it(desk):
    desk.course.unpublish()
    address = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "publish"])
    response = desk.client.post(f"{address}?id={desk.course.pk}", {"include_descendants": "on"}, follow=True)
    assert desk.refusal(response)
    assert not CoursePage.objects.get(pk=desk.course.pk).live


@pytest.mark.parametrize("door", ["publish_copies", "alias"])
def test_a_copy_is_not_published(desk, door):
    LessonPage.objects.filter(pk=desk.lesson.pk).update(live=True)
    form = {"new_title": "Kopia", "new_slug": "kopia", "new_parent_page": desk.course.pk, door: "on"}
    response = desk.client.post(reverse("wagtailadmin_pages:copy", args=[desk.lesson.pk]), form, follow=True)
    assert desk.refusal(response)
    assert not LessonPage.objects.filter(slug="kopia").exists()


def test_a_copy_may_be_made_as_a_draft(desk):
    form = {"new_title": "Kopia", "new_slug": "kopia", "new_parent_page": desk.course.pk}
    desk.client.post(reverse("wagtailadmin_pages:copy", args=[desk.lesson.pk]), form)
    assert LessonPage.objects.get(slug="kopia").live is False


def test_a_colleagues_approval_in_the_editor_is_refused(desk):
    desk.send()
    approve = {"action-workflow-action": "1", "workflow-action-name": "approve"}
    form = lesson_form(question_card(desk.question), slug=desk.lesson.slug, **approve)
    response = signed_in(desk.colleague).post(edit_address(desk.lesson), form)
    assert response.status_code == 200
    assert desk.refusal(response)
    assert not desk.is_live


def approval_address(desk) -> str:
    state = desk.lesson.current_workflow_task_state
    return reverse("wagtailadmin_pages:workflow_action", args=[desk.lesson.pk, "approve", state.pk])


def test_a_colleagues_approval_elsewhere_is_refused_with_the_reason_in_the_editor(desk):
    desk.send()
    response = signed_in(desk.colleague).post(approval_address(desk), follow=True)
    assert response.redirect_chain == [(edit_address(desk.lesson), 302)]
    assert desk.refusal(response)
    assert not desk.is_live
    assert desk.lesson.workflow_in_progress


def test_a_dialogue_is_sent_to_the_editor_with_the_reason(desk):
    desk.send()
    colleague = signed_in(desk.colleague)
    response = colleague.post(approval_address(desk), headers={"x-requested-with": "XMLHttpRequest"})
    assert response.json() == {"step": "success", "redirect": edit_address(desk.lesson)}
    assert desk.refusal(colleague.get(edit_address(desk.lesson)))
    assert not desk.is_live


def test_a_colleagues_approval_publishes_what_has_no_stops(desk):
    desk.send()
    desk.mend()
    signed_in(desk.colleague).post(approval_address(desk))
    assert desk.is_live


def test_a_workflow_without_readers_publishes_nothing_stopped(desk):
    desk.lesson.get_workflow().workflow_tasks.all().delete()
    form = lesson_form(question_card(desk.question), slug=desk.lesson.slug, **{"action-submit": "1"})
    assert desk.refusal(desk.client.post(edit_address(desk.lesson), form, follow=True))
    assert not desk.is_live


def test_code_is_told_why(desk):
    with pytest.raises(LessonStopped, match=desk.option):
        desk.lesson.get_latest_revision().publish()
