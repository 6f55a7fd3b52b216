from django.apps import AppConfig
from django.db.models.signals import post_save
from django.utils.translation import gettext_lazy as _


class CoverageConfig(AppConfig):
    name = "learning.coverage"
    label = "coverage"
    verbose_name = _("Coverage")

    def ready(self):
        from courses.models import Edition
        from learning.organisation.signals import register_changed
        from learning.plans.models import Requirement
        from learning.records.signals import records_changed

        from . import services

        for signal in (register_changed, records_changed):
            signal.connect(services.mark_people, dispatch_uid="coverage.mark_people")
        post_save.connect(services.mark_requirement, sender=Requirement, dispatch_uid="coverage.mark_requirement")
        post_save.connect(services.mark_edition, sender=Edition, dispatch_uid="coverage.mark_edition")
