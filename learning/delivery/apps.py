from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DeliveryConfig(AppConfig):
    name = "learning.delivery"
    label = "delivery"
    verbose_name = _("Mailings")

    def ready(self):
        from celery.signals import task_postrun
        from django.db.models.signals import post_save

        from learning.coverage.signals import last_mails_asked, reminding_asked
        from learning.records.models import Completion

        from . import completed, runs
        from .schedule import chasing, composing

        task_postrun.connect(runs.note, dispatch_uid="delivery.note_run")
        post_save.connect(completed.queue_proof, sender=Completion, dispatch_uid="delivery.queue_proof")
        composing.register()
        last_mails_asked.connect(chasing.last_mails, dispatch_uid="delivery.last_mails")
        reminding_asked.connect(chasing.address, dispatch_uid="delivery.address")
