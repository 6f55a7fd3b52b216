from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DeliveryConfig(AppConfig):
    name = "learning.delivery"
    label = "delivery"
    verbose_name = _("Mailings")

    def ready(self):
        from celery.signals import task_postrun
        from django.db.models.signals import post_save

        from learning.records.models import Completion

        from . import completed, runs
        from .schedule import composing

        task_postrun.connect(runs.note, dispatch_uid="delivery.note_run")
        post_save.connect(completed.queue_proof, sender=Completion, dispatch_uid="delivery.queue_proof")
        composing.register()
