from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from learning.coverage.services import settle


class Command(BaseCommand):
    help = "Bring the folders, database, cache table and static files up to date. Safe to run at every start."

    def handle(self, **options):
        for folder in ("mail", "media", "queue/messages", "queue/control", "queue/processed"):
            (settings.DATA_DIR / folder).mkdir(parents=True, exist_ok=True)
        call_command("migrate", verbosity=0)
        call_command("createcachetable", verbosity=0)
        settle()  # where a release derives standings anew, figures are whole from the first request
        call_command("collectstatic", verbosity=0, interactive=False)
        self.stdout.write(f"Ready: {settings.DATABASES['default']['ENGINE'].rsplit('.', 1)[-1]}.")
