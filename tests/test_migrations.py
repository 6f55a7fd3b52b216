"""Every migration of ours can be taken back."""

from django.apps import apps
from django.db.migrations.loader import MigrationLoader

ROOMS = ("courses", "home", "learning", "quizzes")
OURS = {config.label for config in apps.get_app_configs() if config.module.__name__.startswith(ROOMS)}


def test_each_can_be_taken_back():
    ours = [migration for (app, _name), migration in MigrationLoader(None).disk_migrations.items() if app in OURS]
    assert len(ours) > 20
    kept = [f"{one}: {step.describe()}" for one in ours for step in one.operations if not step.reversible]
    assert kept == []
