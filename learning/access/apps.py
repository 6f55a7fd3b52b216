from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccessConfig(AppConfig):
    name = "learning.access"
    label = "access"
    verbose_name = _("Access")

    def ready(self):
        from learning.organisation.signals import appointments_changed

        from .editors import follow_appointments

        appointments_changed.connect(follow_appointments, dispatch_uid="access.follow_appointments")
