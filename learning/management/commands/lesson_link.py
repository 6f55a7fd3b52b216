from datetime import timedelta

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from learning.access.lesson_links import lesson_url
from learning.organisation.models import Person
from learning.records.overview import courses_of


class Command(BaseCommand):
    help = "Print the link to the next lesson of a person of the demonstration, as a mail would bring it."

    def add_arguments(self, parser):
        parser.add_argument("email")

    def handle(self, *, email, **options):
        if not settings.DEMO:
            raise CommandError("The demonstration is off. Set DEMO=1; never beside real people.")
        person = Person.objects.filter(email=email, municipality__is_fictional=True).first()
        if person is None:
            raise CommandError(f"There is no {email} in the demonstration.")
        today = timezone.localdate()
        states, _others = courses_of(person, on=today)
        lesson = next((state.next_lesson for state in states if state.next_lesson), None)
        if lesson is None:
            raise CommandError(f"{person} has no lesson left.")
        self.stdout.write(lesson_url(person, lesson, through=today + timedelta(days=14)))
