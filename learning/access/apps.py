from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccessConfig(AppConfig):
    name = "learning.access"
    label = "access"
    verbose_name = _("Access")

    def ready(self):
        from learning.organisation.signals import appointments_changed, register_changed

        from .editors import follow_appointments

        for signal in (appointments_changed, register_changed):
            signal.connect(follow_appointments, dispatch_uid="access.follow_appointments")
