from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SurveysConfig(AppConfig):
    name = "learning.surveys"
    label = "surveys"
    verbose_name = _("Surveys")

    def ready(self):
        from wagtail.signals import published

        from learning.offers import offering

        from . import pulse, services
        from .models import Survey

        published.connect(services.begin_when_published, sender=Survey, dispatch_uid="surveys.begin_when_published")
        offering(services.offers)
        offering(pulse.offers)
