"""What many together have answered, as it may be told."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from itertools import groupby

from learning.organisation.models import Municipality, OrgUnit

from .intervals import difference
from .models import AGREES, ON_THE_SCALE, FreeText, Survey, SurveyItem, Tally, Wave
from .services import invited
from .small import hidden


@dataclass
class Sum:
    """So many have answered, and so many of them chose this: id of an item → value → number."""

    number: int = 0
    counts: dict[str, Counter] = field(default_factory=dict)

    def __add__(self, other: "Sum") -> "Sum":
        items = self.counts.keys() | other.counts.keys()
        counts = {item: self.counts.get(item, Counter()) + other.counts.get(item, Counter()) for item in items}
        return Sum(self.number + other.number, counts)


def total(tallies: Iterable[Tally]) -> Sum:
    """The tallies together."""
    sums = (Sum(one.number, {item: Counter(found) for item, found in one.counts.items()}) for one in tallies)
    return sum(sums, Sum())


@dataclass
class WaveResult:
    """What a round may tell on a day: of all (None: too few as yet), and of each unit that may be told apart."""

    wave: Wave
    whole: Sum | None = None
    units: dict[OrgUnit, Sum] = field(default_factory=dict)
    months: set[date] = field(default_factory=set)  # those that are told of


def result(wave: Wave, on: date) -> WaveResult:
    """The answers of a round that has closed; of one that goes on, those of the quarters that have ended.

    These are told quarter by quarter, and a quarter by itself tells no small group: so nothing is learned by comparing
    the page of today with that of yesterday either.
    """
    found = WaveResult(wave)
    for batch in _batches(wave, on):
        found.whole = (found.whole or Sum()) + total(batch)
        found.months |= {one.month for one in batch}
        apart = {unit: total(one for one in batch if one.unit == unit) for unit in {one.unit for one in batch}}
        groups = _groups(wave.survey, wave.ends_on) if wave.survey.is_of_needs else []
        numbers = dict.fromkeys(groups, 0) | {unit: sum_.number for unit, sum_ in apart.items()}
        for unit in apart.keys() - hidden(numbers, wave.survey.smallest) - {wave.survey.municipality.root}:
            found.units[unit] = found.units.get(unit, Sum()) + apart[unit]
    return found


def _groups(survey: Survey, on: date) -> list[OrgUnit]:
    """The committees that may be told apart, whether or not anybody there has answered."""
    return [unit for unit, number in invited(survey, on).items() if number >= survey.smallest]


def _batches(wave: Wave, on: date) -> Iterator[list[Tally]]:
    tallies = list(wave.tallies.select_related("unit").order_by("month", "unit"))
    if wave.survey.is_of_needs:
        return at_once([tallies] if wave.is_closed(on) else [], wave.survey.smallest)
    return at_once(ended_quarters(tallies, on), wave.survey.smallest)


def ended_quarters(tallies: Iterable, on: date) -> list[list]:
    """The tallies, which come month by month, quarter by quarter; those of the one that goes on are left out."""
    ended = [one for one in tallies if _quarter(one.month) < _quarter(on)]
    return [list(part) for _quarter_, part in groupby(ended, key=lambda one: _quarter(one.month))]


def at_once(parts: Iterable[list], smallest: int) -> Iterator[list]:
    """The tallies in parts that are told at once, each of them enough to be told."""
    batch = []
    for part in parts:
        batch += part
        if sum(one.number for one in batch) >= smallest:
            yield batch
            batch = []


def _quarter(day: date) -> tuple[int, int]:
    return day.year, (day.month - 1) // 3


# As a page and a file tell it


@dataclass(frozen=True)
class Part:
    """How many chose one of the answers, and where its part of a bar begins."""

    value: str
    label: str
    number: int
    of: int
    before: int = 0

    @property
    def share(self) -> float:
        return 100 * self.number / self.of if self.of else 0.0

    @property
    def percent(self) -> int:
        return int(self.share + 0.5)

    @property
    def start(self) -> float:
        return 100 * self.before / self.of if self.of else 0.0


@dataclass
class Line:
    """What a group answered to one question in one round; no sum where it is hidden, or nobody as yet."""

    wave: Wave
    item: SurveyItem
    sum: Sum | None
    compared: "Line | None" = None

    @property
    def counts(self) -> Counter:
        return self.sum.counts.get(str(self.item.pk), Counter()) if self.sum else Counter()

    @property
    def of(self) -> int:
        """How many answered the question; of a choice of several, how many answered the survey."""
        several = self.item.kind == SurveyItem.Kind.CHOICE and self.item.most > 1
        return (self.sum.number if self.sum else 0) if several else sum(self.counts.values())

    @cached_property
    def parts(self) -> list[Part]:
        found, before = [], 0
        for value, label in self.item.choices:
            number = self.counts[value]
            found.append(Part(value, str(label), number, self.of, before))
            before += number
        return found

    @property
    def judged(self) -> int:
        """How many placed themselves on the scale."""
        return sum(self.counts[value] for value in ON_THE_SCALE)

    @property
    def agree(self) -> int:
        return sum(self.counts[value] for value in AGREES)

    @property
    def percent(self) -> int | None:
        """How many of a hundred on the scale say that the statement fits."""
        return int(100 * self.agree / self.judged + 0.5) if self.judged else None

    @property
    def change(self) -> dict | None:
        """The difference to the round that it is compared with, in percentage points, and how sure it is."""
        other = self.compared
        if other is None or not self.judged or not other.judged:
            return None
        low, high = difference(self.agree, self.judged, other.agree, other.judged)
        points = self.agree / self.judged - other.agree / other.judged
        return {"points": _signed(points), "low": _signed(low), "high": _signed(high), "is_clear": low * high > 0}


@dataclass
class SurveyResult:
    """A survey with what its rounds may tell on a day, of all or of one unit."""

    survey: Survey
    on: date
    unit: OrgUnit | None = None

    MOST = 4  # rounds beside each other

    @cached_property
    def waves(self) -> list[WaveResult]:
        waves = list(self.survey.waves.filter(starts_on__lte=self.on))
        if self.survey.is_of_needs:
            waves = [wave for wave in waves if wave.is_closed(self.on)][-self.MOST :]
        for wave in waves:
            wave.survey = self.survey
        return [result(wave, self.on) for wave in waves]

    @property
    def is_empty(self) -> bool:
        return all(wave.whole is None for wave in self.waves)

    @cached_property
    def units(self) -> list[OrgUnit]:
        """The units of which any round may tell."""
        found = {unit for wave in self.waves for unit in wave.units}
        return sorted(found, key=lambda unit: unit.name.casefold())

    def of(self, wave: WaveResult) -> Sum | None:
        return wave.units.get(self.unit) if self.unit else wave.whole

    @property
    def numbers(self) -> list[tuple[Wave, Sum | None]]:
        """The rounds, each with how many answered."""
        return [(wave.wave, self.of(wave)) for wave in self.waves]

    @property
    def questions(self) -> list[tuple[SurveyItem, list[Line], list]]:
        """What was asked, but for words of one's own: each with a line a round, and the same as rows of a table."""
        items = [item for item in self.survey.items.all() if item.kind != SurveyItem.Kind.TEXT]
        return [(item, lines, _table(item, lines)) for item in items for lines in [self._lines(item)]]

    def texts(self) -> list[tuple[Wave, list[FreeText]]]:
        """What was written in the rounds, of the months that the figures tell of; nothing where few have answered."""
        found = []
        for wave in self.waves:
            told = wave.wave.texts.filter(month__in=wave.months).select_related("item", "blotted_by")
            found.append((wave.wave, list(told)))
        return found

    def _lines(self, item: SurveyItem) -> list[Line]:
        lines = [Line(wave, item, sum_) for wave, sum_ in self.numbers]
        for place, line in enumerate(lines[1:], start=1):
            line.compared = lines[place - 1] if self.survey.is_of_needs else lines[0]
        return lines


def _signed(share: float) -> str:
    """Percentage points as they are written."""
    return f"{round(100 * share):+}".replace("-", "–")


def _table(item: SurveyItem, lines: list[Line]) -> list[tuple[str, list[Part | None]]]:
    """Answer by answer what stands in each round; None where it is hidden."""
    return [
        (label, [line.parts[place] if line.sum else None for line in lines])
        for place, (_value, label) in enumerate(item.choices)
    ]


@dataclass(frozen=True)
class Participation:
    """How many of those who are asked in a unit have answered; None: too few to tell."""

    unit: OrgUnit
    asked: int
    number: int | None


def participation(wave: Wave, on: date) -> tuple[Participation, list[Participation]]:
    """How many have answered so far, in the whole and committee by committee; never who."""
    day = min(max(on, wave.starts_on), wave.ends_on)
    asked, root = invited(wave.survey, day), wave.survey.municipality.root
    answered = dict.fromkeys(_groups(wave.survey, day), 0)
    for tally in wave.tallies.select_related("unit"):
        answered[tally.unit] = answered.get(tally.unit, 0) + tally.number
    not_told = hidden(answered, wave.survey.smallest)
    rows = [
        Participation(unit, number, None if unit in not_told else answered.get(unit))
        for unit, number in sorted(asked.items(), key=lambda pair: pair[0].name.casefold())
    ]
    whole = sum(answered.values())
    return Participation(root, sum(asked.values()), whole if whole >= wave.survey.smallest else None), rows


def surveys_of(municipality: Municipality):
    """The municipality's surveys that have been asked, or may be."""
    return Survey.objects.filter(municipality=municipality).exclude(live=False, waves=None)
