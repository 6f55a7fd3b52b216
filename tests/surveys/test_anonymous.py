"""No answer leads to whoever gave it: not by a key, not by an order, not by a time."""

import pytest
from django.apps import apps
from django.db import connection, models

from learning.organisation.models import Person
from learning.surveys.models import Answered, FreeText, SurveyItem, Tally, Wave
from tests.factories import make_person, take_check
from tests.surveys.conftest import ON, answer_all, stage_of

ANSWERS = {Tally, FreeText}
# Who blotted a text out, or opened a round, did not write what stands there.
NOT_WHO_ANSWERED = {(FreeText, "blotted_by"), (Wave, "opened_by")}


def keys(model) -> list[models.Field]:
    return [field for field in model._meta.local_fields if field.is_relation]


def test_no_way_of_keys_leads_from_an_answer_to_who_has_answered():
    """A row of answers meets a person by way of the round only, which is everybody's."""
    for model in ANSWERS:
        people = [field.name for field in keys(model) if field.related_model is Person]
        assert {(model, name) for name in people} <= NOT_WHO_ANSWERED
        pointing = {
            field.related_model for field in model._meta.get_fields() if field.auto_created and field.is_relation
        }
        assert pointing == set()
    assert {field.related_model for field in keys(Answered)} == {Wave, Person}


@pytest.mark.parametrize("model", [Tally, FreeText, Answered])
def test_no_row_tells_when_it_was_written(model):
    moments = [field.name for field in model._meta.local_fields if isinstance(field, models.DateTimeField)]
    assert set(moments) <= {"blotted_at"}


@pytest.fixture
def people(survey, department, course):
    people = [make_person(department) for _ in range(12)]
    for person in people:
        take_check(person, course, ON)
    return people


def test_the_rows_say_the_same_in_whatever_order_people_answer(survey, people):
    after = stage_of(survey, "after")
    answer_all(after, people[:6], "4")
    answer_all(after, people[6:], "1")
    first = list(Tally.objects.values("unit", "month", "number", "counts"))
    Tally.objects.all().delete()
    Answered.objects.all().delete()
    answer_all(after, people[6:], "1")
    answer_all(after, people[:6], "4")
    assert list(Tally.objects.values("unit", "month", "number", "counts")) == first
    assert len(first) == 1


def test_neither_texts_nor_who_has_answered_are_kept_in_the_order_in_which_they_came(survey, people):
    for number, person in enumerate(people):
        answer_all(stage_of(survey, "after"), [person], text=f"{number:02}")
    with connection.cursor() as cursor:
        # As the table lies, which a key by order would not change.
        cursor.execute("SELECT text FROM surveys_freetext")
        texts = [text for (text,) in cursor.fetchall()]
    assert sorted(texts) == [f"{number:02}" for number in range(12)]
    if connection.vendor == "sqlite":
        assert texts != sorted(texts)
    assert list(FreeText.objects.values_list("text", flat=True)) != sorted(texts)
    came = [person.pk for person in people]
    assert list(Answered.objects.order_by("pk").values_list("person", flat=True)) != came


def test_wagtail_notes_nothing_of_who_answered(survey, people):
    answer_all(stage_of(survey, "after"), people, text="Mer tid.")
    index = apps.get_model("wagtailcore", "ReferenceIndex")
    noted = {row.content_type.model for row in index.objects.filter(content_type__app_label="surveys")}
    assert noted <= {"survey"}
    assert SurveyItem.objects.count() == 6
