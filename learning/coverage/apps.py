from django.apps import AppConfig
from django.db.models.signals import post_save
from django.utils.translation import gettext_lazy as _


class CoverageConfig(AppConfig):
    name = "learning.coverage"
    label = "coverage"
    verbose_name = _("Coverage")

    def ready(self):
        from courses.models import Edition
        from learning.organisation.signals import appointments_changed, register_changed
        from learning.plans.signals import requirement_changed
        from learning.records.signals import courses_asked, records_changed

        from . import assignments, services

        for signal in (register_changed, appointments_changed, records_changed):
            signal.connect(services.mark_people, dispatch_uid="coverage.mark_people")
        requirement_changed.connect(services.mark_requirement, dispatch_uid="coverage.mark_requirement")
        courses_asked.connect(assignments.name_courses, dispatch_uid="coverage.name_courses")
        post_save.connect(services.mark_edition, sender=Edition, dispatch_uid="coverage.mark_edition")
