"""Writing a survey in the admin: half written as a draft, whole when it is published, and kept once it is answered."""

import pytest
from django.urls import reverse
from wagtail.test.utils.form_data import inline_formset, nested_form_data

from learning.surveys.models import Survey
from tests.factories import make_course, make_head, make_municipality, make_person, make_unit
from tests.surveys.conftest import ON, answer_all, stage_of

ADD = "wagtailsnippets_surveys_survey:add"


@pytest.fixture
def editor(municipality, client):
    editor = make_head(make_unit(municipality, "Redaktionen"), "editor")
    client.force_login(editor)
    return editor


def form(items: list[dict], *, initial: int = 0, **fields) -> dict:
    base = {
        "kind": "course",
        "title": "Ny enkät",
        "introduction": "",
        "course": "",
        "every_months": 12,
        "open_weeks": 3,
    }
    rows = [{"kind": "statement", "options": "", "most": 1, **item} for item in items]
    return nested_form_data({**base, "items": inline_formset(rows, initial=initial), **fields})


def edit_address(survey: Survey) -> str:
    return reverse("wagtailsnippets_surveys_survey:edit", args=[survey.pk])


def rows_of(survey: Survey) -> list[dict]:
    names = ("id", "kind", "text", "options", "most")
    return [{name: getattr(item, name) or "" for name in names} for item in survey.items.all()]


def test_a_draft_may_be_half_written_and_only_a_whole_survey_is_published(client, editor, course, municipality):
    client.post(reverse(ADD), form([{"text": "Jag vet."}]))
    survey = Survey.objects.get()
    assert (survey.live, survey.municipality, survey.waves.count()) == (False, municipality, 0)
    rows = rows_of(survey)
    refused = client.post(edit_address(survey), form(rows, initial=1, **{"action-publish": "1"}))
    assert refused.status_code == 200
    client.post(edit_address(survey), form(rows, initial=1, course=course.pk, **{"action-publish": "1"}))
    survey.refresh_from_db()
    assert (survey.live, survey.course) == (True, course)
    assert [wave.stage for wave in survey.waves.all()] == ["before", "after", "later"]


@pytest.mark.parametrize("change", ["text", "removal"])
def test_what_has_been_answered_keeps_its_wording(client, editor, survey, department, change):
    answer_all(stage_of(survey, "before"), [make_person(department)], on=ON)
    rows = rows_of(survey)
    rows[0] |= {"text": "Jag vet allt."} if change == "text" else {"DELETE": "on"}
    words = {"title": survey.title, "course": survey.course_id, "action-publish": "1"}
    assert client.post(edit_address(survey), form(rows, initial=len(rows), **words)).status_code == 200
    survey.refresh_from_db()
    assert survey.items.first().text == "Jag kan märka när det finns skäl att vara orolig för någon."
    rows = [*rows_of(survey), {"text": "Jag hinner."}]
    client.post(edit_address(survey), form(rows, initial=len(rows) - 1, **words))
    assert survey.items.count() == 7


def test_another_municipality_s_course_is_refused(client, editor, survey):
    foreign = make_course(make_municipality("Annan"), slug="deras")
    assert client.post(reverse(ADD), form([{"text": "Jag vet."}], course=foreign.pk)).status_code in (302, 403)
    assert not Survey.objects.filter(course=foreign).exists()
