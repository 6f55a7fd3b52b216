from importlib import import_module

from django.apps import AppConfig


class LearningConfig(AppConfig):
    """The composition: makes Celery the default application of every process."""

    name = "learning"

    def ready(self):
        import_module("learning.celery")
