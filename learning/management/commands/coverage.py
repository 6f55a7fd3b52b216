from datetime import date

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from learning.coverage import figures
from learning.coverage.models import Balance, Posting, Standing
from learning.coverage.verify import altered, differences, mend
from learning.organisation.models import Municipality
from learning.plans.models import Obligation, Requirement


class Command(BaseCommand):
    help = (
        "Verify that standings are what the records ask for, and that the ledger of the figures is what the standings "
        "come to, and that what was fixed still has its hash; or rebuild the first two. Neither changes what has been "
        "recorded or fixed. The site may run meanwhile. “country” tells how far all municipalities have come together "
        "with each course that is asked: no municipality sees that of another."
    )

    def add_arguments(self, parser):
        parser.add_argument("act", choices=["verify", "rebuild", "country"])
        parser.add_argument("--municipality", help="short name of the municipality (default: all; not for country)")
        parser.add_argument("--on", type=date.fromisoformat, help="the day of country, as 2026-12-31 (default: today)")

    def handle(self, *, act, municipality, on, **options):
        if act == "country":
            self._tell_country(on or timezone.localdate())
            return
        places = Municipality.objects.order_by("pk")
        if municipality:
            places = places.filter(slug=municipality)
            if not places:
                raise CommandError(f"There is no municipality called {municipality}. Nothing was looked at.")
        for place in places:
            found = next(differences(place), None)
            if act == "rebuild":
                self.stdout.write(f"{place}: {found or 'nothing differed'}")
                mend(place, timezone.localdate())
                found = next(differences(place), None)
            if found:
                raise CommandError(f"{found}\nThis is the first difference. “manage.py coverage rebuild” counts anew.")
            if changed := next(altered(place), None):
                what = f"{place}: {type(changed).__name__} {changed.pk} of {changed.on} is not what its hash says."
                raise CommandError(f"{what} Nothing in the product writes there: compare it with a backup.")
            self.stdout.write(f"{place}: {self._told(place)}; nothing differs.")

    def _tell_country(self, on: date) -> None:
        """Each course that is asked anywhere on the day, with those asked and those who have it."""
        asked = Requirement.objects.on(on).exclude(obligation=Obligation.OFFER).order_by("course__title", "pk")
        for is_fictional in (False, True):
            here = asked.filter(municipality__is_fictional=is_fictional).select_related("course")
            for key, course in {one.course_key: one.course for one in here}.items():
                own = here.filter(course_key=key)
                places, figure = own.values("municipality").distinct().count(), figures.together(own, on)
                invented = " (fictional)" if is_fictional else ""
                number = (
                    f"{figure.competent} of {figure.counted}, {'–' if figure.percent is None else figure.percent} %"
                )
                self.stdout.write(f"{on} {course.title}{invented}: {number} (municipalities: {places})")

    def _told(self, place: Municipality) -> str:
        """How much there is."""
        parts = [
            f"{model.objects.filter(requirement__municipality=place).count()} {words}"
            for model, words in ((Standing, "standings"), (Posting, "postings"), (Balance, "balances"))
        ]
        return ", ".join(parts)
