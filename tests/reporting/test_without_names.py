"""Whoever reads every page without names, and notes every number on them, learns nothing of any small group."""

import random
import re
from collections import defaultdict
from datetime import date, timedelta

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse

from learning.coverage import figures
from learning.coverage.services import freeze, settle
from learning.organisation.models import OrgUnit
from learning.plans.models import Requirement
from learning.records.models import EvidenceLevel
from learning.records.services import record_completion
from learning.reporting.small import is_few
from tests.factories import make_course, make_goal, make_head, make_municipality, make_person, make_unit, moment

from .attack import Attacker, narrowest

STARTS, DUE, TODAY = date(2025, 9, 1), date(2025, 12, 31), date(2026, 3, 2)


@pytest.fixture(autouse=True)
def _on_a_day(time_machine):
    time_machine.move_to(moment(TODAY), tick=False)


class Place:
    """Departments with units and staff of their own; people come, and complete the course, on random days."""

    def __init__(self, chance: random.Random):
        self.chance, self.municipality = chance, make_municipality()
        self.course = make_course(self.municipality)
        self.goal = make_goal(self.course, self.municipality, due_on=DUE)
        Requirement.objects.update(starts_on=STARTS)
        departments = [make_unit(self.municipality) for _ in range(3)]
        for unit in [self.municipality.root, *departments, *(make_unit(one) for one in departments * 2)]:
            for _ in range(chance.choice([0, 1, 3, 12, 25])):
                self._hire(unit)
        settle()
        freeze(goal=self.goal, now=moment(TODAY))
        self.board = make_head(self.municipality.root, "board_reader", population="elected")

    def _hire(self, unit: OrgUnit) -> None:
        person = make_person(unit, starts_on=STARTS + timedelta(days=self.chance.choice([0, 0, 0, 0, 60, 150])))
        if self.chance.random() < 0.6:
            day = STARTS + timedelta(days=self.chance.randint(0, 180))
            record_completion(person=person, course=self.course, on=day, evidence_level=EvidenceLevel.ATTESTED)


def numbers(html: str, units: dict[str, str]) -> list[tuple[str, date, int, int]]:
    """Every figure on the page of a unit: path, day, how many have the course, and of how many."""
    page = BeautifulSoup(html, "html.parser")
    here = units[page.h1.text.strip()]
    found = []
    for mark in page.select(".figure-lead__number"):
        found.append((here, TODAY, mark.text))
    for row in page.select(".bar-row:not(.bar-row--none)"):
        found.append(
            (units[row.select_one(".bar-row__label").text.strip()], TODAY, row.select_one(".bar-row__numbers").text)
        )
    for card, day in zip(page.select(".outcome .card"), (DUE, TODAY), strict=False):
        found += [(here, day, small.text) for small in card.select(".small")[1:]]
    for row in page.select("#history ~ details tbody tr"):
        cells = [cell.text.strip() for cell in row.select("th, td")]
        found.append((here, date.fromisoformat(cells[0]), " av ".join(cells[1:3])))
    told = [(path, day, re.findall(r"(\d+) av (\d+)", text)) for path, day, text in found]
    return [(path, day, int(has), int(of)) for path, day, pairs in told for has, of in pairs]


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(4))
def test_all_pages_together_tell_nothing_of_few(client, seed):
    place = Place(random.Random(seed))
    client.force_login(place.board)
    root = place.municipality.root
    trees = {day: figures.tree(place.goal.requirement, root, day) for day in (TODAY, DUE, date(2025, 10, 31))}
    paths = {unit.name: unit.path for unit in trees[TODAY]}
    attackers = defaultdict(Attacker)
    for unit in trees[TODAY]:
        html = client.get(reverse("reporting:unit", args=[unit.pk])).content.decode()
        for path, day, has, of in numbers(html, paths):
            attackers[day].learn([one for one in paths.values() if one.startswith(path)], has, of - has)
    assert len(attackers[TODAY].equations) > 0 < len(attackers[DUE].equations)
    for day, tree in trees.items():
        figure = {unit.path: (coverage.competent, coverage.lacking) for unit, coverage in tree.items()}
        groups = {path: [one for one in figure if one.startswith(path)] for path in figure}
        few = {path: cells for path, cells in groups.items() if any(figure[path]) and is_few(*figure[path])}
        for path in figure:
            below = [figure[one] for one in figure if one[:-4] == path]
            own = [whole - sum(one[part] for one in below) for part, whole in enumerate(figure[path])]
            if any(own) and is_few(*own):
                few[f"own {path}"] = [path]
        assert narrowest(attackers[day], few)[0] >= 5
