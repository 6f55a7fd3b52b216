from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CoverageConfig(AppConfig):
    name = "learning.coverage"
    label = "coverage"
    verbose_name = _("Coverage")

    def ready(self):
        from learning.organisation.signals import register_changed
        from learning.plans.signals import requirement_changed
        from learning.records.signals import records_changed

        from . import services

        for signal in (register_changed, records_changed):
            signal.connect(services.mark_people, dispatch_uid="coverage.mark_people")
        requirement_changed.connect(services.mark_requirement, dispatch_uid="coverage.mark_requirement")
