from importlib import import_module

from django.apps import AppConfig, apps
from django.utils.module_loading import module_has_submodule


class LearningConfig(AppConfig):
    """The composition: makes Celery the default application of every process, and hears what each room keeps."""

    name = "learning"

    def ready(self):
        import_module("learning.celery")
        # From the ground up, which is the order in which it is told.
        for app in reversed(list(apps.get_app_configs())):
            if module_has_submodule(app.module, "personal"):
                import_module(f"{app.name}.personal")
