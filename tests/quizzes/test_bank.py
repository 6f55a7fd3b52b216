"""The bank of questions in the admin: drafts, a colleague who reads, where a question is used, and one's own only."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from wagtail.models import TaskState
from wagtail.test.utils.form_data import inline_formset, nested_form_data

from courses.models import ColleagueTask, CoursePage
from learning.access.editors import follow_appointments
from quizzes.models import KnowledgeCheck, PoolItem, Question, QuestionNotWhole
from quizzes.services import begin_attempt
from tests.courses.writing import edit_address, make_draft, signed_in
from tests.factories import (
    OPTIONS,
    make_course,
    make_head,
    make_municipality,
    make_person,
    make_question,
    make_unit,
)

PUBLISH = {"action-publish": "1"}
SEND = {"action-submit": "1"}
APPROVE = {"action-workflow-action": "1", "workflow-action-name": "approve"}


class Desk:
    """A municipality with a course, an editor with a client, and a colleague."""

    def __init__(self, name: str = "Egenby"):
        self.municipality = make_municipality(name)
        self.course = make_course(self.municipality, slug=f"kurs-{name.lower()}")
        self.unit = make_unit(self.municipality)
        self.editor, self.colleague = make_head(self.unit, "editor"), make_head(self.unit, "editor")
        follow_appointments([self.editor.pk, self.colleague.pk])
        self.client = signed_in(self.editor)


@pytest.fixture
def desk(db):
    return Desk()


def at(view: str, *args) -> str:
    return reverse(f"wagtailsnippets_quizzes_question:{view}", args=args)


def form(kind: str = "single", rows=None, question=None, **fields) -> dict:
    """The form of a question as its author sends it; of an earlier one, with the rows that it has."""
    rows = OPTIONS[kind] if rows is None else rows
    kept = [] if question is None else list(question.options.all())
    written = [
        {"text": text, "place": place, "correct": "on" if right else "", "feedback": "Därför är det så."}
        | ({"id": kept[number].pk} if number < len(kept) else {})
        for number, (text, place, right) in enumerate(rows)
    ]
    told = {"text": "Vad gör du först?", "kind": kind, "topic": "", "level": "", "image": "", "image_alt": ""}
    told |= {"feedback": "", "objective": ""} | fields
    return nested_form_data({**told, "options": inline_formset(written, initial=len(kept))})


def newest() -> Question:
    return Question.objects.latest("pk")


@pytest.mark.parametrize("kind", OPTIONS)
def test_each_kind_is_written_and_published(desk, kind):
    assert desk.client.post(at("add"), form(kind, **PUBLISH)).status_code == 302
    assert newest().live
    assert newest().municipality == desk.municipality
    assert len(newest().on_paper().options) == sum(bool(text) for text, _place, _right in OPTIONS[kind])


def test_a_half_written_draft_is_saved_whole_and_neither_sent_nor_published(desk):
    half = [("Ring 112", "", False), ("", "Chefen", True)]
    assert desk.client.post(at("add"), form("order", half, text="")).status_code == 302
    question = newest()
    assert [(o.text, o.place, o.correct) for o in question.options.all()] == half
    assert not question.live
    for button in (PUBLISH, SEND):
        response = desk.client.post(at("edit", question.pk), form("order", half, question, text="Ny", **button))
        assert response.status_code == 200
        assert response.context["form"].errors
        assert "Ring 112" in response.content.decode()
    with pytest.raises(QuestionNotWhole):
        question.get_latest_revision().publish()
    assert not Question.objects.get(pk=question.pk).live


def test_a_published_question_is_asked_as_it_was_until_its_draft_is_published(desk):
    question = make_question(desk.municipality, text="Förut?")
    desk.client.post(at("edit", question.pk), form(question=question, text="Nu?"))
    assert Question.objects.get(pk=question.pk).on_paper().text == "Förut?"
    desk.client.post(at("edit", question.pk), form(question=question, text="Nu?", **PUBLISH))
    assert Question.objects.get(pk=question.pk).on_paper().text == "Nu?"


def test_what_is_not_published_is_not_drawn_and_the_check_and_the_course_say_so(desk):
    check = desk.course.check_ref
    desk.client.post(at("add"), form(text="Ett utkast?"))
    PoolItem.objects.create(check_ref=check, question=newest())
    check = KnowledgeCheck.objects.get(pk=check.pk)
    attempt = begin_attempt(person=make_person(desk.unit), check=check, subject_key=desk.course.key, now=timezone.now())
    assert newest().pk not in {question.id for question in attempt.as_paper.questions}
    page = desk.client.get(reverse("wagtailsnippets_quizzes_knowledgecheck:edit", args=[check.pk]))
    assert page.content.decode().count("Ett utkast?") >= 2  # in the pool, and among what nobody is asked
    sheet = CoursePage.objects.get(pk=desk.course.pk).sheet()
    assert any("Ett utkast?" in str(finding) for finding in sheet.advice)


def test_a_lesson_with_an_unpublished_question_is_not_published(desk):
    question = make_question(desk.municipality, text="Opublicerad?")
    lesson = make_draft(desk.course, ("question", {"question": question}))
    assert lesson.stops() == []
    question.unpublish()
    lesson = type(lesson).objects.get(pk=lesson.pk)
    assert any("Opublicerad?" in str(stop) for stop in lesson.stops())


# A colleague reads


def send(desk) -> Question:
    assert desk.client.post(at("add"), form(**SEND)).status_code == 302
    assert newest().workflow_in_progress
    return newest()


def approve(person, question) -> bool:
    """Whether it is published when the person approves it, in the editor or by the address of approval."""
    state = TaskState.objects.for_instance(question).latest("started_at")
    client = signed_in(person)
    client.post(at("edit", question.pk), form(question=question, **APPROVE))
    client.post(at("workflow_action", question.pk, "approve", state.pk))
    return Question.objects.get(pk=question.pk).live


def test_sending_to_a_colleague_is_the_first_button_and_approving_theirs(desk):
    html = desk.client.get(at("add")).content.decode()
    assert html.index('name="action-submit"') < html.index('name="action-publish"')
    question = send(desk)
    html = signed_in(desk.colleague).get(at("edit", question.pk)).content.decode()
    assert html.index('data-workflow-action-name="approve"') < html.index('name="action-publish"')


def test_a_colleague_finds_it_on_the_start_page_reads_and_publishes(desk):
    question = send(desk)
    assert at("edit", question.pk) in signed_in(desk.colleague).get(reverse("wagtailadmin_home")).content.decode()
    assert approve(desk.colleague, question) is True


def test_neither_its_author_nor_another_municipality_approves_it(desk):
    question, stranger = send(desk), Desk("Fjärranby").editor
    assert not ColleagueTask.states_for(stranger).exists()
    assert approve(desk.editor, question) is False
    assert approve(stranger, question) is False


def test_what_a_colleague_left_half_written_is_not_published_by_approval_and_leads_to_its_form(desk):
    question = send(desk)
    half = [("Ring 112", "", False), ("Vänta", "", False), ("Utred själv", "", False)]
    signed_in(desk.colleague).post(at("edit", question.pk), form(rows=half, question=question))
    state = TaskState.objects.for_instance(question).get()
    response = signed_in(desk.colleague).post(at("workflow_action", question.pk, "approve", state.pk))
    assert (response.status_code, response.url) == (302, at("edit", question.pk))
    assert not Question.objects.get(pk=question.pk).live
    assert question.workflow_in_progress


# One's own only


def addresses_of(question) -> list[str]:
    """Every address of the bank that leads to one question."""
    question.save_revision()
    revision, state = question.latest_revision, 1
    states = TaskState.objects.for_instance(question).first()
    state = states.pk if states else 1
    keep = {"revision_id": revision.pk, "revision_id_a": "earliest", "revision_id_b": "latest"}
    keep |= {"action_name": "approve", "task_state_id": state, "task_id": 1, "workflow_state_id": 1}
    found = []
    for pattern in Question.snippet_viewset.get_urlpatterns():
        names = set(pattern.pattern.regex.groupindex)
        if "pk" in names:
            kwargs = {"pk": question.pk, **{name: keep[name] for name in names - {"pk"}}}
            found.append(reverse(f"wagtailsnippets_quizzes_question:{pattern.name}", kwargs=kwargs))
    return found


def test_every_address_of_anothers_question_answers_as_for_what_does_not_exist(desk):
    foreign = Desk("Fjärranby")
    addresses = addresses_of(send(foreign))
    assert len(addresses) > 15
    for address in addresses:
        assert desk.client.get(address).status_code == 404, address
        assert desk.client.post(address).status_code == 404, address


def test_anothers_revisions_and_readings_are_not_reached_by_ones_own_question(desk):
    own, theirs = make_question(desk.municipality), send(Desk("Fjärranby"))
    theirs.text = "Hemlig fråga"
    revision = theirs.save_revision()
    state = TaskState.objects.for_instance(theirs).get()
    for address in (
        at("revisions_view", own.pk, revision.pk),
        at("revisions_revert", own.pk, revision.pk),
        at("revisions_compare", own.pk, revision.pk, "live"),
        at("workflow_history_detail", own.pk, state.workflow_state_id),
        at("collect_workflow_action_data", own.pk, "approve", state.pk),
        at("workflow_action", own.pk, "approve", state.pk),
        at("workflow_preview", own.pk, state.task_id),
    ):
        response = desk.client.get(address)
        assert response.status_code in (302, 403, 404), address
        assert "Hemlig" not in response.content.decode()
    desk.client.post(at("workflow_action", own.pk, "approve", state.pk))
    assert not Question.objects.get(pk=theirs.pk).live


# Where it is used


def test_where_a_question_is_used_is_told_by_name_and_it_is_not_removed(desk):
    question = make_question(desk.municipality, text="Används?")
    lesson = make_draft(desk.course, ("question", {"question": question}), title="En lektion")
    PoolItem.objects.create(check_ref=desk.course.check_ref, question=question)
    desk.course.check_ref.save()
    for address in (at("edit", question.pk), at("usage", question.pk)):
        html = desk.client.get(address).content.decode()
        assert edit_address(lesson) in html
        assert str(desk.course.check_ref) in html
    bulk = reverse("wagtail_bulk_action", args=["quizzes", "question", "delete"])
    for address in (at("delete", question.pk), f"{bulk}?id={question.pk}"):
        response = desk.client.post(address)
        assert (response.status_code, response.url) == (302, at("usage", question.pk))
    assert Question.objects.filter(pk=question.pk).exists()


def test_a_question_that_nothing_uses_is_removed(desk):
    question = make_question(desk.municipality)
    assert desk.client.post(at("delete", question.pk)).status_code == 302
    assert not Question.objects.filter(pk=question.pk).exists()


def found(desk, **query) -> set[str]:
    html = desk.client.get(at("list"), query).content.decode()
    return {text for text in ("Alfa?", "Beta?", "Gamma?") if text in html}


def test_the_list_is_narrowed_by_every_filter_and_searched_at_once(desk):
    make_question(desk.municipality, text="Alfa?", topic="Ett", level="apply", is_shared=True, must_pass=True)
    make_draft(desk.course, ("question", {"question": make_question(desk.municipality, "order", text="Beta?")}))
    desk.client.post(at("add"), form(text="Gamma?"))
    desk.client.get(at("list"))  # which tells first that it was saved
    expected = {
        ("topic", "Ett"): {"Alfa?"},
        ("kind", "order"): {"Beta?"},
        ("level", "apply"): {"Alfa?"},
        ("is_shared", "true"): {"Alfa?"},
        ("must_pass", "true"): {"Alfa?"},
        ("status", "draft"): {"Gamma?"},
        ("use", "used"): {"Beta?"},
    }
    for (name, value), questions in expected.items():
        assert found(desk, **{name: value}) == questions, name
        for text in questions:
            assert found(desk, **{name: value, "q": text.rstrip("?")}) == {text}, name
    assert found(desk, use="unused") == {"Alfa?", "Gamma?"}
    assert found(desk, status="live", q="Alfa") == {"Alfa?"}
    assert found(desk, status="changed") == found(desk, status="read") == set()


def test_the_filters_name_no_topic_of_another_municipality(desk):
    make_question(make_municipality("Fjärranby"), topic="Främmande ämne")
    assert "Främmande" not in desk.client.get(at("list")).content.decode()


def test_the_list_asks_the_database_as_often_for_one_question_as_for_ten(desk):
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert desk.client.get(at("list"), {"q": "Alfa"}).status_code == 200
        return len(asked)

    make_question(desk.municipality, text="Alfa?")
    queries()
    one = queries()
    for _number in range(9):
        make_question(desk.municipality, text="Alfa?")
    assert queries() == one


def test_a_question_is_varied_from_one_of_ones_own(desk):
    question = make_question(desk.municipality, text="Alfa?")
    html = desk.client.get(at("copy", question.pk)).content.decode()
    assert "Alfa?" in html
    assert f'action="{at("add")}"' in html
    assert desk.client.post(at("add"), form(question=question, text="Beta?", **PUBLISH)).status_code == 302
    assert newest().key != question.key
    assert [option.text for option in newest().options.all()] == [option.text for option in question.options.all()]
    assert question.options.count() == len(OPTIONS["single"])


# Preview


@pytest.mark.parametrize("kind", OPTIONS)
def test_what_is_written_is_previewed_open_and_answered_before_it_is_kept(desk, kind):
    asked = form(kind, text="Syns det?", feedback="En förklaring.")
    told = desk.client.post(at("preview_on_add"), asked).json()
    assert told == {"is_valid": True, "is_available": True}
    first = OPTIONS[kind][0][0]
    shown = desk.client.get(at("preview_on_add")).content.decode()
    assert "Syns det?" in shown
    assert first in shown
    assert "En förklaring." not in shown
    answered = desk.client.get(at("preview_on_add"), {"mode": "answered"}).content.decode()
    assert "En förklaring." in answered
    assert "Därför är det så." in answered
    assert "choice--wrong" not in answered


def test_an_empty_form_has_a_preview_too(desk):
    assert desk.client.post(at("preview_on_add"), form(rows=[], text="")).json()["is_valid"] is True
    assert desk.client.get(at("preview_on_add")).status_code == 200
