from django.apps import AppConfig
from django.db.models.signals import post_save, pre_delete
from django.utils.translation import gettext_lazy as _


class CoverageConfig(AppConfig):
    name = "learning.coverage"
    label = "coverage"
    verbose_name = _("Coverage")

    def ready(self):
        from courses.models import Edition
        from learning.organisation.models import OrgUnit, Person
        from learning.organisation.signals import appointments_changed, register_changed, unit_placing
        from learning.plans.signals import requirement_changed
        from learning.records.signals import courses_asked, records_changed

        from . import assignments, services

        for signal in (register_changed, appointments_changed, records_changed):
            signal.connect(services.mark_people, dispatch_uid="coverage.mark_people")
        unit_placing.connect(services.follow_place, dispatch_uid="coverage.follow_place")
        for model in (Person, OrgUnit):
            pre_delete.connect(services.follow_deletion, sender=model, dispatch_uid=f"coverage.{model.__name__}_goes")
        requirement_changed.connect(services.mark_requirement, dispatch_uid="coverage.mark_requirement")
        courses_asked.connect(assignments.name_courses, dispatch_uid="coverage.name_courses")
        post_save.connect(services.mark_edition, sender=Edition, dispatch_uid="coverage.mark_edition")
