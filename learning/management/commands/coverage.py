from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from learning.coverage.models import Balance, Posting, Standing
from learning.coverage.verify import altered, differences, mend
from learning.organisation.models import Municipality


class Command(BaseCommand):
    help = (
        "Verify that standings are what the records ask for, and that the ledger of the figures is what the standings "
        "come to, and that what was fixed still has its hash; or rebuild the first two. Neither changes what has been "
        "recorded or fixed. The site may run meanwhile."
    )

    def add_arguments(self, parser):
        parser.add_argument("act", choices=["verify", "rebuild"])
        parser.add_argument("--municipality", help="short name of the municipality (default: all)")

    def handle(self, *, act, municipality, **options):
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

    def _told(self, place: Municipality) -> str:
        """How much there is."""
        parts = [
            f"{model.objects.filter(requirement__municipality=place).count()} {words}"
            for model, words in ((Standing, "standings"), (Posting, "postings"), (Balance, "balances"))
        ]
        return ", ".join(parts)
