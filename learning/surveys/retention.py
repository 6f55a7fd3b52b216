"""How much is retained of a course: estimated from those who were asked again, told of no small group."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from courses.models import CoursePage
from learning.organisation.models import Municipality, OrgUnit
from quizzes.analysis import SHOWN_FROM
from quizzes.counting import Counts, kept_counts

from .intervals import Z, student, wilson
from .models import PulseRound, PulseTally
from .pulse import SMALLEST
from .results import at_once, ended_quarters
from .small import hidden

COMPARED_FROM = 0.8  # of what was asked must have been answered by enough at the check, to be compared with it


@dataclass(frozen=True)
class Estimate:
    """The share of the questions that was right, between what and what it may be, and what it was at the check."""

    people: int
    share: float
    low: float
    high: float
    before: float | None = None

    @property
    def percent(self) -> int:
        return _percent(self.share)

    @property
    def percent_low(self) -> int:
        return _percent(self.low)

    @property
    def percent_high(self) -> int:
        return _percent(self.high)

    @property
    def width(self) -> int:
        """What a bar needs."""
        return self.percent_high - self.percent_low

    @property
    def percent_before(self) -> int | None:
        return None if self.before is None else _percent(self.before)

    @property
    def is_lower(self) -> bool | None:
        """Whether less is known than at the check, beyond chance; None where it may be chance, or is not compared."""
        if self.before is None or self.low <= self.before <= self.high:
            return None
        return self.high < self.before


def _percent(share: float) -> int:
    return int(100 * share + 0.5)


def estimate(sums: Mapping[tuple[int, int], int], before: float | None = None) -> Estimate:
    """The share of right answers with its 95 per cent interval: (right, asked) → how many people.

    The answers of one person hang together, so people are what is counted, not answers: the variance is that of a
    ratio over people (Cochran, Sampling Techniques, 1977, chapter 6), and the interval is Wilson's with as many
    answers as would have that variance were each somebody else's, fewer still by what Student's t is wider (Franco,
    Little, Louis & Slud 2019, "Comparative study of confidence intervals for proportions in complex sample surveys",
    Journal of Survey Statistics and Methodology 7). Where all have the same share the people tell nothing of how
    answers hang together, and each counts as one answer.
    """
    people = sum(sums.values())
    asked = sum(total * number for (_right, total), number in sums.items())
    share = sum(right * number for (right, _total), number in sums.items()) / asked
    spread = sum(number * (right - share * total) ** 2 for (right, total), number in sums.items())
    variance = people / (people - 1) * spread / asked**2 if people > 1 else 0
    answers = min(share * (1 - share) / variance, asked) if variance > 1e-12 else people
    answers *= (Z / student(people - 1)) ** 2 if people > 1 else 1
    low, high = wilson(share * answers, answers)
    return Estimate(people, share, max(0.0, low), min(1.0, high), before)


def at_the_check(asked: Mapping[tuple[int, str], int], counts: Counts) -> float | None:
    """The share that had the same wordings right at their first try of the check, as often asked as here.

    None where too much of it has too few first tries.
    """
    known = {wording: number for wording, number in asked.items() if _tries(wording, counts) >= SHOWN_FROM}
    number = sum(known.values())
    if not number or number < COMPARED_FROM * sum(asked.values()):
        return None
    return sum(number * _difficulty(wording, counts) for wording, number in known.items()) / number


def _tries(wording: tuple[int, str], counts: Counts) -> int:
    return sum(group.number for group in counts.get(wording, []))


def _difficulty(wording: tuple[int, str], counts: Counts) -> float:
    return sum(group.number for group in counts[wording] if group.right) / _tries(wording, counts)


@dataclass
class _Sum:
    """Tallies together: how many had so many right of so many, and how often each wording was asked."""

    sums: Counter = field(default_factory=Counter)
    asked: Counter = field(default_factory=Counter)

    def add(self, sums: Mapping[str, int], asked: Mapping[str, int]) -> "_Sum":
        self.sums.update({tuple(map(int, key.split("/"))): number for key, number in sums.items()})
        for key, number in asked.items():
            question, edition = key.split()
            self.asked[int(question), edition] += number
        return self

    def estimate(self, counts: Counts) -> Estimate:
        return estimate(self.sums, at_the_check(self.asked, counts))


@dataclass
class Retained:
    """What may be told of a round on a day: of all (None: too few as yet), of each topic, and of each unit."""

    round: PulseRound
    whole: Estimate | None
    topics: dict[str, Estimate]
    units: dict[OrgUnit, Estimate]


def retained(course: CoursePage, municipality: Municipality, number: PulseRound, on: date, counts: Counts) -> Retained:
    """The answers of the quarters that have ended, told as those of surveys are (`results.result`).

    In each part that is told at once, units and topics with few are hidden, and the next smallest with them. Topics
    are told of the whole only: of a unit, they would tell what is left of the others.
    """
    tallies = PulseTally.objects.filter(course=course, round=number, unit__in=municipality.units)
    whole, topics, units = _Sum(), {}, {}
    for batch in at_once(ended_quarters(tallies.select_related("unit").order_by("month", "unit"), on), SMALLEST):
        for tally in batch:
            whole.add(tally.sums, _all(tally.asked))
        shown = _shown(_numbers((one.unit, one.number) for one in batch)) - {municipality.root}
        for tally in (one for one in batch if one.unit in shown):
            units.setdefault(tally.unit, _Sum()).add(tally.sums, _all(tally.asked))
        told = [(topic, tally, sums) for tally in batch for topic, sums in tally.topics.items()]
        shown = _shown(_numbers((topic, sum(sums.values())) for topic, _tally, sums in told))
        for topic, tally, sums in (one for one in told if one[0] in shown):
            topics.setdefault(topic, _Sum()).add(sums, tally.asked[topic])
    return Retained(
        number,
        whole.estimate(counts) if whole.sums else None,
        {topic: found.estimate(counts) for topic, found in sorted(topics.items())},
        {unit: found.estimate(counts) for unit, found in sorted(units.items(), key=lambda one: one[0].name.casefold())},
    )


def _all(asked: Mapping[str, Mapping[str, int]]) -> Counter:
    return sum(map(Counter, asked.values()), Counter())


def _numbers(pairs: Iterable[tuple]) -> Counter:
    found = Counter()
    for group, number in pairs:
        found[group] += number
    return found


def _shown(numbers: Mapping) -> set:
    return numbers.keys() - hidden(numbers, SMALLEST)


# As pages and files tell it


@dataclass
class CourseRetained:
    """What is retained of a course, round by round."""

    course: CoursePage
    rounds: list[Retained]

    @property
    def told(self) -> list[Retained]:
        """The rounds of which there is anything to tell."""
        return [one for one in self.rounds if one.whole]

    @property
    def topics(self) -> list[tuple[str, list[tuple[str, Estimate | None]]]]:
        """Topic by topic, what each told round says."""
        return self._rows({one.round: one.topics for one in self.told})

    @property
    def units(self) -> list[tuple[OrgUnit, list[tuple[str, Estimate | None]]]]:
        """Unit by unit, what each told round says."""
        return self._rows({one.round: one.units for one in self.told})

    @staticmethod
    def _rows(rounds: Mapping[PulseRound, Mapping]) -> list[tuple]:
        groups = dict.fromkeys(group for told in rounds.values() for group in told)
        return [(group, [(number.label, told.get(group)) for number, told in rounds.items()]) for group in groups]


def retained_of(course: CoursePage, municipality: Municipality, on: date) -> CourseRetained:
    """What is retained of the course, compared with what was right at its check."""
    counts, _at = kept_counts([municipality.pk])
    return CourseRetained(course, [retained(course, municipality, number, on, counts) for number in PulseRound])


def retained_by_course(municipality: Municipality, on: date) -> list[CourseRetained]:
    """The courses of which anybody has been asked again."""
    asked = PulseTally.objects.filter(unit__in=municipality.units).values("course")
    courses = CoursePage.objects.filter(pk__in=asked).order_by("path")
    return [retained_of(course, municipality, on) for course in courses]


def retained_in(unit: OrgUnit, course: CoursePage, on: date) -> list[tuple[PulseRound, Estimate]]:
    """What is retained of the course in a department, or the whole municipality, where it may be told."""
    if unit.depth > 2 or not PulseTally.objects.filter(course=course).exists():
        return []
    municipality = Municipality.objects.of_unit(unit)
    rounds = retained_of(course, municipality, on).rounds
    told = [(one.round, one.whole if unit.is_root() else one.units.get(unit)) for one in rounds]
    return [(number, found) for number, found in told if found]
