"""The plans of five municipalities, each in its own words, with the warnings that it deserves and no others."""

from collections import Counter
from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import TestCase
from django.urls import reverse

from courses.models import CoursePage
from learning.organisation.models import Employment, Municipality, Person
from learning.plans.models import ActionPlan, Goal, PreventionLevel, Requirement
from learning.plans.services import plan_names
from learning.plans.warnings import public_warnings, warnings_of
from learning.words import fill

ON = date(2026, 11, 20)
# Short name → group, steward's beginning, what a department is called, levels.
WORDS = {
    "katrineholm": ("", "säkerhetschefen", "förvaltning", []),
    "laholm": ("TAFA", "socialnämnden", "nämnd", ["generell", "specifik", "individinriktad"]),
    "nordmaling": ("Samverkansgruppen VBE", "kommunchefen", "sektor", ["generell", "specifik", "individinriktad"]),
    "stromsund": (
        "Samverkansgruppen mot VBE",
        "säkerhetssamordnaren",
        "förvaltning",
        ["universell", "selektiv", "indikerad"],
    ),
    "umea": ("Konsultationsforum", "kommunstyrelsen", "verksamhet", []),
}
# What residents are told, then what is for those who keep the plan.
WARNINGS = {
    "katrineholm": ("expired contradicts outdated open open no_recipients", "duty_late duty_undated"),
    "laholm": ("undated outdated outdated not_adopted open open no_interval no_recipients", "duty_undated"),
    "nordmaling": (
        "contradicts contradicts outdated outdated open open no_interval no_recipients",
        "activities_late duty_undated",
    ),
    "stromsund": ("expired contradicts goals_passed adopted_some_day open open open open", "duty_late"),
    "umea": ("undated outdated not_adopted open open no_interval no_recipients", "duty_undated"),
}


class FivePlans(TestCase):
    """All of them, loaded by one command."""

    @classmethod
    def setUpTestData(cls):
        call_command("load_plan", "--all", stdout=StringIO())
        cls.plans = {plan.municipality.slug: plan for plan in ActionPlan.objects.whole()}

    def test_their_warnings_are_told_from_what_is_fetched_for_them(self):
        plans = list(ActionPlan.objects.with_warnings())
        with self.assertNumQueries(0):
            found = {plan.pk: warnings_of(plan, ON) for plan in plans}
        # Two municipalities may give their plans the same key.
        self.assertEqual(found, {plan.pk: warnings_of(plan, ON) for plan in self.plans.values()})

    def test_each_has_its_own_municipality_with_its_own_words(self):
        found = {}
        for slug, plan in self.plans.items():
            place = plan.municipality
            levels = [level.name for level in plan.levels.all()]
            found[slug] = (place.vbe_group_name, plan.steward.split(",")[0], place.department_word, levels)
        self.assertEqual(found, WORDS)
        self.assertEqual(set(found), set(plan_names()))

    def test_where_there_is_no_group_the_coordinator_stands_in_its_place(self):
        self.assertEqual(fill("Fråga {vbe_group}.", self.plans["katrineholm"].municipality), "Fråga säkerhetschefen.")
        self.assertEqual(fill("Fråga {vbe_group}.", self.plans["laholm"].municipality), "Fråga TAFA.")

    def test_nobody_and_no_figure_is_invented(self):
        self.assertFalse(Person.objects.exists() or Employment.objects.exists())
        self.assertFalse(any(plan.indicators.exists() for plan in self.plans.values()))
        self.assertFalse(any(place.is_fictional for place in Municipality.objects.all()))

    def test_only_goals_that_ask_for_the_knowledge_of_a_group_are_measured(self):
        measured = Goal.objects.exclude(requirement=None)
        self.assertEqual({goal.area.plan.municipality.slug for goal in measured}, {"stromsund", "nordmaling"})
        first_line = Requirement.objects.get(municipality__slug="nordmaling").rules.get()
        self.assertIn("vaktmästare", first_line.first_line_words)

    def test_only_goals_that_the_plan_dates_have_a_day(self):
        dated = Counter(goal.area.plan.municipality.slug for goal in Goal.objects.exclude(due_on=None))
        self.assertEqual(dated, {"stromsund": 8})  # those that stand under "Mål för 2025"

    def test_each_shows_the_warnings_that_it_deserves(self):
        for slug, (public, internal) in WARNINGS.items():
            with self.subTest(slug):
                found = warnings_of(self.plans[slug], ON)
                told = public_warnings(self.plans[slug], ON)
                self.assertEqual([one.code for one in told], public.split())
                rest = Counter(one.code for one in found) - Counter(one.code for one in told)
                self.assertEqual(rest, Counter(internal.split()))

    def test_an_extension_that_has_passed_is_told_with_its_day(self):
        expired = next(one for one in warnings_of(self.plans["katrineholm"], ON) if one.code == "expired")
        self.assertIn("2020", expired.says)
        self.assertEqual(self.plans["katrineholm"].validity.last, date(2020, 6, 30))

    def test_loading_again_changes_nothing(self):
        kept = [ActionPlan, Municipality, Goal, PreventionLevel, CoursePage]
        before = [list(model.objects.order_by("pk").values()) for model in kept]
        call_command("load_plan", "--all", stdout=StringIO())
        self.assertEqual([list(model.objects.order_by("pk").values()) for model in kept], before)

    def test_each_site_shows_its_own_plan_and_none_of_the_others(self):
        for slug, plan in self.plans.items():
            with self.subTest(slug):
                host = plan.municipality.site.hostname
                html = self.client.get(reverse("home:plan"), headers={"host": host}).content.decode()
                self.assertIn(plan.areas.first().goals.first().text, html)
                for other in self.plans.values():
                    if other != plan:
                        self.assertNotIn(other.areas.first().goals.first().text, html)
                for warning in public_warnings(plan, date.today()):
                    self.assertIn(warning.title.replace("'", "&#x27;"), html)


@pytest.mark.parametrize("asked", [[], ["stromsund"], ["--all", "stromsund"], ["--municipality=umea"]])
def test_the_command_says_what_it_must_be_told(db, asked):
    with pytest.raises(CommandError, match="--all"):
        call_command("load_plan", *asked)


def test_a_municipality_that_is_not_there_is_said(db):
    with pytest.raises(CommandError, match="finns-inte"):
        call_command("load_plan", "stromsund", "--municipality=finns-inte")
