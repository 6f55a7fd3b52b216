"""Every migration of ours can be taken back, and what people have done outlives the way down and up again."""

from datetime import date

import pytest
from django.apps import apps
from django.db import connection
from django.db.migrations import RunPython, RunSQL
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from learning.organisation.models import Employment, Person
from learning.records.models import Completion
from quizzes.models import Attempt
from tests.factories import make_course, make_goal, make_municipality, make_person, make_unit, take_check

OURS = [
    config.label
    for config in apps.get_app_configs()
    if config.module.__name__.startswith(("courses", "home", "learning", "quizzes"))
]
# Taken down to its first: what was there before that is nobody's data.
KEPT = (Person, Employment, Attempt, Completion)


def test_each_can_be_taken_back():
    loader = MigrationLoader(None)
    ours = [migration for (app, _name), migration in loader.disk_migrations.items() if app in OURS]
    assert len(ours) > 20
    for migration in ours:
        for operation in migration.operations:
            assert operation.reversible, f"{migration}: {operation.describe()}"
            assert not isinstance(operation, RunPython | RunSQL) or operation.reversible, migration


@pytest.mark.django_db(transaction=True)
def test_what_people_have_done_outlives_the_way_down_and_up():
    municipality = make_municipality()
    course = make_course(municipality)
    make_goal(course, municipality)
    person = make_person(make_unit(municipality))
    take_check(person, course, date(2025, 3, 3))
    before = [list(model.objects.order_by("pk").values()) for model in KEPT]
    executor = MigrationExecutor(connection)
    newest = executor.loader.graph.leaf_nodes()
    # The upper rooms first, as they stand in INSTALLED_APPS: what they rest on can only go after them.
    firsts = sorted(
        (node for node in executor.loader.graph.root_nodes() if node[0] in OURS), key=lambda node: OURS.index(node[0])
    )
    assert len(firsts) > 5
    try:
        executor.migrate(firsts)
    finally:
        executor = MigrationExecutor(connection)
        executor.migrate(newest)
    assert [list(model.objects.order_by("pk").values()) for model in KEPT] == before
