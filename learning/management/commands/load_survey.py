from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from learning.errors import LearningError
from learning.organisation.models import Municipality
from learning.surveys.services import load_survey, read_survey


class Command(BaseCommand):
    help = "Publish a ready survey from learning/surveys/catalogue/ in a municipality. One that is there is kept."

    def add_arguments(self, parser):
        parser.add_argument("survey", help="name of the file: kurs or behov")
        parser.add_argument("--municipality", required=True, help="short name of the municipality")

    def handle(self, *, survey, municipality, **options):
        place = Municipality.objects.filter(slug=municipality).first()
        if place is None:
            raise CommandError(f"There is no municipality called {municipality}. Nothing was changed.")
        try:
            loaded = load_survey(municipality=place, source=read_survey(survey), on=timezone.localdate())
        except (LearningError, FileNotFoundError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{place}: {loaded}")
