from datetime import date
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from learning.errors import LearningError
from learning.organisation.hr_import import import_file
from learning.organisation.models import Municipality


class Command(BaseCommand):
    help = "Read an HR export (CSV) into a municipality's register. The file holds every employment of its day."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument("--municipality", required=True, help="short name of the municipality")
        parser.add_argument("--on", type=date.fromisoformat, help="the day that the file speaks of (default: today)")
        parser.add_argument("--open-units", action="store_true", help="open units that are named for the first time")
        parser.add_argument("--allow-endings", action="store_true", help="accept that many employments end")

    def handle(self, *, file, municipality, on, open_units, allow_endings, **options):
        place = Municipality.objects.filter(slug=municipality).first()
        if place is None:
            raise CommandError(f"There is no municipality called {municipality}. Nothing was changed.")
        try:
            outcome = import_file(
                municipality=place,
                filename=file.name,
                content=file.read_bytes(),
                on=on or timezone.localdate(),
                opens_units=open_units,
                allow_endings=allow_endings,
            )
        except (LearningError, OSError) as error:
            raise CommandError(str(error)) from error
        counts = ", ".join(f"{number} {what.replace('_', ' ')}" for what, number in outcome.counts.items() if number)
        self.stdout.write(f"{file.name}: {counts or 'nothing changed'}")
        for refusal in outcome.refused:
            self.stdout.write(f"line {refusal.number} refused: {refusal.reason}")
