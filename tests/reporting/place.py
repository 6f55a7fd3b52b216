"""A municipality of departments of given sizes, whose figures are told half-year by half-year."""

import subprocess
import sys
from datetime import date
from pathlib import Path

from bs4 import BeautifulSoup

from learning.coverage.services import settle
from learning.records.models import EvidenceLevel
from learning.records.services import record_completion
from learning.reporting.models import Release
from learning.reporting.releases import open_figures, publish_due
from tests.factories import make_course, make_goal, make_municipality, make_person, make_unit, moment

TODAY = date(2025, 3, 2)


class Place:
    """A municipality of these departments, each so many who have the course and so many who lack it."""

    def __init__(self, *sizes: tuple[int, int], own: tuple[int, int] = (0, 0)):
        self.municipality = make_municipality()
        self.course = make_course(self.municipality)
        make_goal(self.course, self.municipality)
        # A year ago nobody was employed: only the half-year before today is told of.
        self.since = date(2024, 9, 1)
        self.departments = [make_unit(self.municipality, f"Förvaltning {n}") for n in range(len(sizes))]
        self.staff = [self.hire(unit, *size) for unit, size in zip(self.departments, sizes, strict=True)]
        self.hire(self.municipality.root, *own)
        settle()

    def hire(self, unit, has: int, lacks: int, on: date | None = None) -> list:
        people = [make_person(unit, starts_on=on or self.since) for _ in range(has + lacks)]
        for person in people[:has]:
            self.complete(person, on or self.since)
        return people

    def complete(self, person, on: date) -> None:
        record_completion(person=person, course=self.course, on=on, evidence_level=EvidenceLevel.ATTESTED)

    def open(self, on: date = TODAY) -> list[Release]:
        return open_figures(municipality=self.municipality, by=None, now=moment(on))

    def publish(self, on: date) -> list[Release]:
        settle()
        return publish_due(municipality=self.municipality, now=moment(on))


def said_of(data: bytes, html: bytes, folder: Path) -> str:
    """What the lines say that stand on the page, beside the data under the name that they give it."""
    lines = BeautifulSoup(html, "html.parser").select_one("pre.code").text
    (folder / lines.split('open("')[1].split('"')[0]).write_bytes(data)
    done = subprocess.run([sys.executable, "-c", lines], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()
