"""What stands in an order stands in it whoever made it, in every database."""

from importlib import import_module
from itertools import groupby

import pytest
from django.apps import apps
from modelcluster.fields import ParentalKey
from wagtail.models import Orderable

from learning.listed import Listed
from learning.plans.models import ActionPlan, Goal, Remark
from learning.plans.services import load_plan, read_plan
from quizzes.models import Option
from tests.factories import make_course, make_municipality, make_question


def parent_of(model) -> str | None:
    return next((field.attname for field in model._meta.fields if isinstance(field, ParentalKey)), None)


LISTS = [
    model
    for model in apps.get_models()
    if model.__module__.startswith(("courses.", "learning.", "quizzes.")) and issubclass(model, Orderable)
    if parent_of(model)
]


@pytest.fixture
def municipality(db):
    return make_municipality()


@pytest.fixture
def plan(municipality):
    source = read_plan("laholm")
    assert "requirements" not in source
    return load_plan(municipality=municipality, source=source)


def places(model) -> list[list[int | None]]:
    """The places of the rows, a list to a parent, in the order in which the rows were made."""
    rows = model.objects.order_by(parent_of(model), "pk").values_list(parent_of(model), "sort_order")
    return [[place for _parent, place in of_one] for _parent, of_one in groupby(rows, key=lambda row: row[0])]


def test_every_list_numbers_its_rows():
    assert len(LISTS) > 12
    assert [model for model in LISTS if not issubclass(model, Listed)] == []


def test_what_is_loaded_stands_as_in_its_file(municipality, plan):
    make_course(municipality)
    filled = [model for model in LISTS if model.objects.exists()]
    assert {"Option", "Outcome", "Remark", "Goal"} <= {model.__name__ for model in filled}
    for model in filled:
        assert all(found == list(range(len(found))) for found in places(model)), model


def test_a_row_that_is_added_stands_last(plan):
    plan.remarks.add(Remark(kind="open", about="Sist", says="Det står inte."))
    plan.save()
    assert ActionPlan.objects.get(pk=plan.pk).remarks.last().about == "Sist"


def test_a_place_that_was_chosen_is_kept(municipality):
    question = make_question(municipality, kind="order")
    last = question.options.last()
    chosen = Option.objects.create(question=question, text="Ett steg till", sort_order=last.sort_order)
    assert chosen.sort_order == last.sort_order


def test_rows_from_before_get_the_places_in_which_they_were_read(plan):
    """Those without a place came first; what a form or a successor had been given came after them."""
    migration = import_module("learning.plans.migrations.0006_rows_have_places")
    area = next(one for one in plan.areas.all() if one.goals.count() > 1)
    carried_on = Goal.objects.create(area=area, text="Senare", sort_order=0)
    Goal.objects.exclude(pk=carried_on.pk).update(sort_order=None)
    Remark.objects.update(sort_order=None)
    migration.place(apps, None)
    assert all(found == list(range(len(found))) for found in [*places(Goal), *places(Remark)])
    assert area.goals.order_by("sort_order").last() == carried_on
