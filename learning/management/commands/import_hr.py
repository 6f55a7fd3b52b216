from argparse import BooleanOptionalAction
from datetime import date
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from learning.errors import LearningError
from learning.organisation.hr.services import import_file, refused_lines
from learning.organisation.models import Municipality, Population


class Command(BaseCommand):
    help = (
        "Read an HR export (CSV or Excel) into a municipality's register. "
        "The file holds every employment of its day, in the population that it lists."
    )

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument("--municipality", required=True, help="short name of the municipality")
        parser.add_argument("--on", type=date.fromisoformat, help="the day that the file speaks of (default: today)")
        parser.add_argument(
            "--population", choices=Population.values, default=Population.EMPLOYEE, help="whom it lists"
        )
        parser.add_argument(
            "--own-ids",
            action=BooleanOptionalAction,
            help="the ids are not those of the HR system (default: as last time, else so for all but employees)",
        )
        parser.add_argument("--open-units", action="store_true", help="open units that are named for the first time")
        parser.add_argument("--allow-endings", action="store_true", help="accept that many employments end")

    def handle(self, *, file, municipality, on, population, own_ids, open_units, allow_endings, **options):
        place = Municipality.objects.filter(slug=municipality).first()
        if place is None:
            raise CommandError(f"There is no municipality called {municipality}. Nothing was changed.")
        try:
            hr_import = import_file(
                municipality=place,
                filename=file.name,
                content=file.read_bytes(),
                on=on or timezone.localdate(),
                now=timezone.now(),
                population=population,
                own_ids=own_ids,
                opens_units=open_units,
                allow_endings=allow_endings,
            )
        except (LearningError, OSError) as error:
            raise CommandError(str(error)) from error
        counts = ", ".join(f"{number} {kind.replace('_', ' ')}" for kind, number in hr_import.counts.items())
        self.stdout.write(f"{file.name}: {counts}")
        for line, finding in refused_lines(hr_import):
            self.stdout.write(f"line {line.number} refused: {finding.details['reason']}")
