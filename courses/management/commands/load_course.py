from django.core.management.base import BaseCommand, CommandError

from courses.loading import load_course, read_course
from learning.errors import LearningError
from learning.organisation.models import Municipality


class Command(BaseCommand):
    help = "Load a course from courses/catalogue/ into a municipality's site. Editors' changes are kept."

    def add_arguments(self, parser):
        parser.add_argument("course", help="name of the folder, such as grundlaggande-kunskap")
        parser.add_argument("--municipality", required=True, help="short name of the municipality")

    def handle(self, *, course, municipality, **options):
        place = Municipality.objects.filter(slug=municipality).first()
        if place is None:
            raise CommandError(f"There is no municipality called {municipality}. Nothing was changed.")
        try:
            outcome = load_course(municipality=place, source=read_course(course))
        except LearningError as error:
            raise CommandError(str(error)) from error
        counts = ", ".join(f"{number} {what}" for what, number in outcome.counts.items())
        self.stdout.write(f"{course}: {counts}")
        for key in outcome.kept:
            self.stdout.write(f"kept, changed here since: {key}")
