from django.core.management.base import BaseCommand, CommandError

from learning.errors import LearningError
from learning.organisation.models import Municipality
from learning.plans.services import load_plan, read_plan


class Command(BaseCommand):
    help = "Load an action plan from learning/plans/catalogue/ into a municipality. One that is there is kept."

    def add_arguments(self, parser):
        parser.add_argument("plan", help="name of the file, such as stromsund")
        parser.add_argument("--municipality", required=True, help="short name of the municipality")

    def handle(self, *, plan, municipality, **options):
        place = Municipality.objects.filter(slug=municipality).first()
        if place is None:
            raise CommandError(f"There is no municipality called {municipality}. Nothing was changed.")
        try:
            loaded = load_plan(municipality=place, source=read_plan(plan))
        except (LearningError, FileNotFoundError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{place}: {loaded}")
