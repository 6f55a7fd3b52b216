from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from learning.access.demo import VISITORS
from learning.demo.history import load


class Command(BaseCommand):
    help = "Load the fictional municipality Granforsa with its history. Running it again keeps what was done."

    def handle(self, **options):
        if not settings.DEMO:
            raise CommandError("The demonstration is off. Set DEMO=1; never beside real people.")
        load(timezone.localdate(), report=self.stdout.write)
        self.stdout.write(f"Sign in by one click at {settings.WAGTAILADMIN_BASE_URL}{reverse('access:sign_in')} as:")
        with override("en"):
            for email, label in VISITORS.items():
                self.stdout.write(f"  {email:40} {label}")
