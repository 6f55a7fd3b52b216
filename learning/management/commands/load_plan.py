from datetime import date
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.urls import reverse
from django.utils.timezone import localdate
from wagtail.models import Page, Site

from courses.loading import load_course, read_course
from home.models import HomePage
from learning.errors import LearningError
from learning.organisation.models import Municipality
from learning.organisation.services import found_municipality
from learning.plans.services import courses_named, load_plan, plan_names, read_plan


class Command(BaseCommand):
    help = "Load an action plan from learning/plans/catalogue/ into a municipality. One that is there is kept."

    def add_arguments(self, parser):
        parser.add_argument("plan", nargs="?", help="name of the file, such as stromsund")
        parser.add_argument("--municipality", help="short name of the municipality")
        parser.add_argument(
            "--all",
            action="store_true",
            help="load every plan, each into its own municipality on a site of its own, founded where it is not there, "
            "with the courses that the plan asks for and without people",
        )

    def handle(self, *, plan, municipality, **options):
        if options["all"] == bool(plan or municipality) or bool(plan) != bool(municipality):
            raise CommandError("Write either --all, or the name of a plan and --municipality. Nothing was changed.")
        try:
            if options["all"]:
                for name in plan_names():
                    self._load_own(name)
            else:
                self._load(plan, municipality)
        except (LearningError, FileNotFoundError) as error:
            raise CommandError(str(error)) from error

    def _load(self, plan: str, slug: str) -> None:
        place = Municipality.objects.filter(slug=slug).first()
        if place is None:
            raise CommandError(f"There is no municipality called {slug}. Nothing was changed.")
        self.stdout.write(f"{place}: {load_plan(municipality=place, source=read_plan(plan))}")

    @transaction.atomic
    def _load_own(self, name: str) -> None:
        source = read_plan(name)
        place = Municipality.objects.filter(slug=name).first()
        place = place or _found(name, source["municipality"], source.get("valid_from", localdate()))
        if not place.action_plans.filter(key=source["key"]).exists():
            for course in courses_named(source):
                load_course(municipality=place, source=read_course(course))
        loaded = load_plan(municipality=place, source=source)
        self.stdout.write(f"{place}: {loaded}. {place.address}{reverse('home:plan')}")


def _found(slug: str, words: dict, on: date) -> Municipality:
    """A municipality with the plan's own words, on a site below the product's own, and nobody in it yet."""
    page = HomePage(title=words["name"], slug=slug)
    Page.get_first_root_node().add_child(instance=page)
    base = urlsplit(settings.WAGTAILADMIN_BASE_URL)
    port = base.port or {"https": 443}.get(base.scheme, 80)
    site = Site.objects.create(hostname=f"{slug}.{base.hostname}", port=port, root_page=page, site_name=words["name"])
    return found_municipality(slug=slug, site=site, on=on, **words)
