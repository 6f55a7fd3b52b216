from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RecordsConfig(AppConfig):
    name = "learning.records"
    label = "records"
    verbose_name = _("Records")

    def ready(self):
        from learning.organisation.signals import employment_withdrawn
        from quizzes.signals import attempt_handed_in

        from .keeping import guard_pages
        from .person_page import add_sections
        from .services import complete_when_passed, name_completions

        attempt_handed_in.connect(complete_when_passed, dispatch_uid="records.complete_when_passed")
        employment_withdrawn.connect(name_completions, dispatch_uid="records.name_completions")
        guard_pages()
        add_sections()
