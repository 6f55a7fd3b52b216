"""Nothing that an editor does changes an old result: what was shown is kept with the attempt."""

from datetime import date

import pytest
from django.urls import reverse
from wagtail.test.utils.form_data import inline_formset, nested_form_data

from learning.organisation.models import Municipality, Person
from learning.records.models import Completion
from quizzes.analysis import earlier
from quizzes.counting import count
from quizzes.models import Attempt, KnowledgeCheck, Question
from tests.courses.writing import signed_in
from tests.factories import make_head, make_municipality, make_person, make_unit, moment
from tests.quizzes.asking import as_form, course_of_every_kind, wrongly

DAY = date(2025, 3, 3)
WRONG = {"single", "sort"}


@pytest.fixture
def course(db, time_machine):
    time_machine.move_to(moment(DAY), tick=False)
    return course_of_every_kind(make_municipality())


@pytest.fixture
def learner(client, course):
    """Somebody who has taken the check by its pages, two of five answers wrong."""
    client.force_login(make_person(make_unit(Municipality.objects.get())))
    client.post(reverse("records:check", args=[course.pk]))
    attempt = Attempt.objects.get()
    for position, question in enumerate(attempt.as_paper.questions, start=1):
        chosen = wrongly(question) if question.kind in WRONG else question.key
        client.post(reverse("records:check_question", args=[attempt.pk, position]), as_form(question, chosen))
    return client


def seen(learner) -> dict:
    """All that is told of the attempt, and what is counted of it."""
    attempt = Attempt.objects.get()
    result = learner.get(reverse("records:check_result", args=[attempt.pk]))
    _taken_out, kinds = learner.get(reverse("access:own_data_json")).json().values()
    return {
        "right": (attempt.right, attempt.passed, attempt.score()),
        "questions": result.context["questions"],
        "wrong": [one["question"].text for one in result.context["wrong"]],
        "own data": [told for kind in kinds for told in kind.values() if "En fråga" in str(told)],
        "completion": list(Completion.objects.values()),
        "counts": count([question.id for question in attempt.as_paper.questions]),
    }


def edit(client, question):
    """Publish the question with another text, another key, its last option deleted and one more."""
    rows = [
        {
            "id": one.pk,
            "text": one.text and f"Nytt {one.text}",
            "place": one.place and f"Nytt {one.place}",
            "correct": "",
        }
        for one in question.options.all()
    ]
    if question.kind == "multiple":
        rows[2]["correct"] = "on"
    rows[-1]["DELETE"] = "on"
    rows.append({"text": "Ett till", "place": "Ett annat ställe", "correct": "on"})
    options = inline_formset([{**row, "feedback": "Ny."} for row in rows], initial=len(rows) - 1)
    form = {"text": f"Ny: {question.text}", "kind": question.kind, "options": options, "action-publish": "on"}
    form |= dict.fromkeys(["topic", "level", "objective", "feedback", "image", "image_alt"], "")
    return client.post(reverse("wagtailsnippets_quizzes_question:edit", args=[question.pk]), nested_form_data(form))


def test_editing_unpublishing_and_deleting_leave_an_old_result_as_it_was(course, learner):
    editor = signed_in(make_head(make_unit(Municipality.objects.get()), "editor"))
    owner = signed_in(Person.objects.create_superuser("rot@example.org", "x"))  # may delete too
    before = seen(learner)
    assert before["right"][:2] == (3, True)
    assert len(before["wrong"]) == 2
    assert len(before["own data"]) == 1
    assert len(before["completion"]) == 1
    questions = list(Question.objects.filter(text__startswith="En fråga"))
    assert len(questions) == 5
    editions = {question.pk: question.on_paper().edition for question in questions}

    for question in questions:
        assert edit(editor, question).status_code == 302, question.kind
        question.refresh_from_db()
        assert question.on_paper().edition != editions[question.pk]
        [then] = earlier(question, count([question.pk]))
        assert (then.edition, then.found.number) == (editions[question.pk], 1)
        assert then.found.difficulty == (question.kind not in WRONG)
    assert seen(learner) == before

    for question in questions:
        url = reverse("wagtailsnippets_quizzes_question:unpublish", args=[question.pk])
        assert editor.post(url).status_code == 302
    assert not Question.objects.filter(pk__in=editions, live=True).exists()
    assert seen(learner) == before

    check = course.check_ref_id
    course.check_ref = None  # one that is in use is not deleted
    course.save()
    owner.post(reverse("wagtailsnippets_quizzes_knowledgecheck:delete", args=[check]))
    assert not KnowledgeCheck.objects.exists()
    for question in questions:
        owner.post(reverse("wagtailsnippets_quizzes_question:delete", args=[question.pk]))
    assert not Question.objects.filter(pk__in=editions).exists()
    assert seen(learner) == before
