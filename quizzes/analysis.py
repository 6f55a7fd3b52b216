"""How well the questions of the bank tell those who know from those who do not (S17); never who answered.

Counted on what people chose the first time they took a check, by the wording that they were shown. Shown from 30
answers on; from 100 on it holds. The thresholds are those of Ebel & Frisbie, Essentials of Educational Measurement
(1991), for difficulty and discrimination, and of Haladyna & Downing (1993), "How many options is enough for a
multiple-choice test item?", for an option that nobody chooses.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db.models import Count, Q
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from .counting import Counts, Group, count, first_answers, kept_counts
from .grading import Chosen, Kind, PaperQuestion, as_kept
from .models import Question, Regrade

SHOWN_FROM, STABLE_FROM = 30, 100
EASY, HARD = 0.95, 0.30
POOR = 0.20  # discrimination below this
UNUSED = 0.05  # of the answers
MISLED = 0.20  # sure but wrong; a threshold of our own, as the literature has none
QUARTERS, SMALLEST_QUARTER = 4, 10
PACES = [10, 20, 40, 80]  # seconds; the last pace is longer still


@dataclass(frozen=True)
class Choice:
    """An option: how many chose it, and how they did on the other questions (0–1; None where nobody chose it)."""

    text: str
    correct: bool
    number: int
    share: float
    rest: float | None
    elsewhere: str = ""  # of a thing: where it is most often placed wrong
    elsewhere_number: int = 0

    @property
    def named(self) -> str:
        """The option as it stands within quotation marks."""
        return self.text.strip('”“". ')


@dataclass(frozen=True)
class Statistics:
    """A wording of a question as those answered it who took their first check."""

    number: int
    difficulty: float
    discrimination: float | None
    choices: tuple[Choice, ...] = ()
    told: int = 0  # how many said how sure they were
    sure_but_wrong: int = 0
    is_regraded: bool = False  # counted by a key that the question does not have

    @property
    def is_shown(self) -> bool:
        """Whether there are answers enough to say anything, and to point at nobody."""
        return self.number >= SHOWN_FROM

    @property
    def is_stable(self) -> bool:
        return self.number >= STABLE_FROM

    @property
    def misled(self) -> float | None:
        """The share who were sure and wrong, of those who said how sure they were; None where too few did."""
        return self.sure_but_wrong / self.told if self.told >= SHOWN_FROM else None

    @property
    def most_misplaced(self) -> Choice | None:
        """The thing that is most often placed wrong; None where no thing is."""
        wrong = [choice for choice in self.choices if choice.elsewhere_number]
        return min(wrong, key=lambda choice: choice.number, default=None)


@dataclass(frozen=True)
class Verdict:
    """What the figures suggest, in words; the graver, the lower its rank."""

    rank: int
    text: str

    @property
    def is_fine(self) -> bool:
        return self.rank == FINE


WRONG_KEY, SECOND_KEY, MISCONCEPTION, BLUNT, TOO_HARD, TOO_EASY, IDLE, FINE = range(8)


def point_biserial(*, number: int, right: int, rest: float, rest_squares: float, rest_of_right: float) -> float | None:
    """The corrected point-biserial correlation: of being right here with the share right of the other questions.

    It is Pearson's correlation with the item taken out of the total (Henrysson 1963, "Correction of item-total
    correlations in item analysis", Psychometrika 28), from the sums over the answers: their number, how many are
    right, the shares, the shares' squares, and the shares of those who are right. None where everybody, or nobody,
    is right, or where all did equally well on the rest.
    """
    spread_here = number * right - right**2
    spread_there = number * rest_squares - rest**2
    if spread_here <= 0 or spread_there <= 1e-9 * number**2:
        return None
    return (number * rest_of_right - right * rest) / math.sqrt(spread_here * spread_there)


def statistics_of(questions: Collection[Question], counts: Counts | None = None) -> dict[Question, Statistics]:
    """The statistics of each question as it reads now, out of what is counted; else it is counted now.

    By the newest key, where the wording was graded anew.
    """
    ids = [question.pk for question in questions]
    counts, keys = count(ids) if counts is None else counts, Regrade.objects.keys(ids)
    papers = {question: question.on_paper().regraded_by(keys) for question in questions}
    return {
        question: _statistics(counts.get((paper.id, paper.edition), []), paper) for question, paper in papers.items()
    }


def kept_statistics_of(questions: Collection[Question]) -> tuple[dict[Question, Statistics], datetime | None]:
    """The statistics of each question as it reads now, and when they were counted."""
    counts, at = kept_counts({question.municipality_id for question in questions})
    return statistics_of(questions, counts), at


def weakness_of(questions: Collection[Question]) -> dict[int, float]:
    """The share that was wrong on each question as it reads now, in tenths, so that near is equal; by its id.

    Where too few have answered to say, it is a half: such a question is asked often enough for it to be known.
    """
    found, _at = kept_statistics_of(questions)
    return {question.pk: round(1 - one.difficulty, 1) if one.is_shown else 0.5 for question, one in found.items()}


def _statistics(groups: Collection[Group], paper: PaperQuestion) -> Statistics:
    figures = _figures(groups, lambda group: paper.hits(group.chosen))
    choices = tuple(_choices(groups, paper)) if groups else ()
    return replace(figures, choices=choices, is_regraded=bool(paper.regraded))


def _figures(groups: Collection[Group], is_right: Callable[[Group], bool]) -> Statistics:
    right = [group for group in groups if is_right(group)]
    number = sum(group.number for group in groups)
    told = sum(group.told for group in groups)
    return Statistics(
        number=number,
        difficulty=sum(group.number for group in right) / number if number else 0.0,
        discrimination=point_biserial(
            number=sum(group.compared for group in groups),
            right=sum(group.compared for group in right),
            rest=sum(group.rest for group in groups),
            rest_squares=sum(group.squares for group in groups),
            rest_of_right=sum(group.rest for group in right),
        ),
        told=told,
        sure_but_wrong=sum(group.sure for group in groups) - sum(group.sure for group in right),
    )


def _choices(groups: Collection[Group], paper: PaperQuestion) -> Iterable[Choice]:
    """Each option, or of things to place each in its right place, with where it is most often put instead."""
    number, compared, rest = Counter(), Counter(), Counter()
    for group in groups:
        for one in group.chosen:
            number[one] += group.number
            compared[one] += group.compared
            rest[one] += group.rest
    total = sum(group.number for group in groups)
    for key, words, is_right in offered(paper):
        share, done = number[key] / total, rest[key] / compared[key] if compared[key] else None
        choice = Choice(words, is_right, number[key], share, done)
        yield replace(choice, **_elsewhere(paper, key, number)) if paper.places_things else choice


def _elsewhere(paper: PaperQuestion, right: tuple[int, int], number: Counter) -> dict:
    """Where the thing is most often placed wrong, and by how many."""
    thing, its = right
    wrong = [place for place in paper.places if place.id != its]
    most = max(wrong, key=lambda place: number[thing, place.id], default=None)
    found = number[thing, most.id] if most else 0
    return {"elsewhere": most.text, "elsewhere_number": found} if found else {}


def offered(paper: PaperQuestion) -> list[tuple[object, str, bool]]:
    """What can be chosen, its words, and whether it is right; of things to place, each in its right place."""
    if paper.places_things:
        named = {place.id: place.text for place in paper.places}
        things = sorted(paper.options, key=lambda option: option.place) if paper.kind == Kind.ORDER else paper.options
        return [((one.id, one.place), f"{one.text} → {named[one.place]}", True) for one in things]
    return [(option.id, option.text, option.id in paper.true_key) for option in paper.options]


@dataclass(frozen=True)
class Earlier:
    """A wording that is asked no more, or in another language, and how it did; no options."""

    edition: str
    found: Statistics
    last: date


def earlier(question: Question, counts: Counts) -> list[Earlier]:
    """The other wordings of the question, the last answered first."""
    now = question.on_paper().edition
    regraded = {one.edition: one.as_question for one in Regrade.objects.filter(question_id=question.pk).order_by("pk")}
    keys = Regrade.objects.keys([question.pk])
    found = []
    for (_pk, edition), groups in counts.items():
        if edition == now:
            continue
        paper = edition in regraded and regraded[edition].regraded_by(keys)
        figures = _figures(groups, lambda group, paper=paper: paper.hits(group.chosen) if paper else group.right)
        found.append(Earlier(edition, figures, localdate(max(group.last for group in groups))))
    return sorted(found, key=lambda one: one.last, reverse=True)


def paces(question: Question) -> list[int]:
    """How many answered the question as it reads now within 10, 20, 40, 80 seconds, and later."""
    answers = first_answers([question.pk]).filter(edition=question.on_paper().edition)
    bounds = zip([0, *PACES], [*PACES, None], strict=True)
    within = [Q(seconds__gte=low) & (Q(seconds__lt=high) if high else Q()) for low, high in bounds]
    return list(answers.aggregate(**{f"n{n}": Count("pk", filter=q) for n, q in enumerate(within)}).values())


@dataclass(frozen=True)
class Trace:
    """An option, and the share that chose it in each group, the weakest first; None: too few."""

    text: str
    correct: bool
    shares: tuple[float | None, ...]


@dataclass(frozen=True)
class Traces:
    """Those who answered, in at most four groups by how they did on the rest, and what each group chose."""

    groups: tuple[str, ...]  # what they had right of the rest, in words
    traces: tuple[Trace, ...]


def traces(question: Question) -> Traces | None:
    """How each option is chosen, from the weakest quarter to the best; None below 100 answers."""
    paper = question.on_paper().regraded_by(Regrade.objects.keys([question.pk]))
    answers = first_answers([question.pk]).filter(edition=paper.edition).exclude(rest=None)
    rows = answers.values_list("rest", "chosen").annotate(number=Count("pk"))
    return traced([(rest, as_kept(chosen), number) for rest, chosen, number in rows], paper)


def traced(rows: Collection[tuple[float, Chosen, int]], paper: PaperQuestion) -> Traces | None:
    """The traces of how many with each share of the rest chose what.

    Those who did equally well stand together, so that there are fewer groups where many did.
    """
    levels = Counter()
    for rest, _chosen, number in rows:
        levels[rest] += number
    total = levels.total()
    if total < STABLE_FROM:
        return None
    quarters, below = defaultdict(list), 0
    for rest in sorted(levels):
        quarters[int(QUARTERS * (below + levels[rest] / 2) / total)].append(rest)
        below += levels[rest]
    groups = list(quarters.values())
    group_of = {rest: n for n, group in enumerate(groups) for rest in group}
    sizes, chose = Counter(), Counter()
    for rest, chosen, number in rows:
        sizes[group_of[rest]] += number
        for one in chosen:
            chose[group_of[rest], one] += number
    return Traces(
        tuple(_span(group) for group in groups),
        tuple(
            Trace(words, is_right, tuple(_share(chose[n, key], sizes[n]) for n in range(len(groups))))
            for key, words, is_right in offered(paper)
        ),
    )


def _span(levels: list[float]) -> str:
    low, high = round(100 * levels[0]), round(100 * levels[-1])
    return f"{low} %" if low == high else f"{low}–{high} %"


def _share(number: int, size: int) -> float | None:
    return number / size if size >= SMALLEST_QUARTER else None


def verdicts(question: Question, found: Statistics) -> list[Verdict]:
    """What the figures suggest, gravest first; nothing while there are too few of them.

    That nearly everybody is right is no fault where a question must be right.
    """
    if not found.is_shown:
        return []
    told = [*_about_key(found), *_about_sureness(found), *_about_spread(question, found), *_about_options(found)]
    return sorted(told, key=lambda one: one.rank) or [Verdict(FINE, _("Works well."))]


def _about_key(found: Statistics) -> Iterable[Verdict]:
    if found.is_regraded:
        yield Verdict(WRONG_KEY, _("Has been graded anew, but is still asked as before. Correct the question as well."))
    if found.discrimination is not None and found.discrimination < 0:
        yield Verdict(
            WRONG_KEY,
            _("Those who know the rest are wrong here more often. Check which option is marked as right."),
        )
    least = min((choice.number for choice in found.choices if choice.correct), default=0)
    for choice in found.choices:
        if not choice.correct and choice.number > least:
            words = _("More choose “%(option)s” than the right one. Is it right as well?")
            yield Verdict(SECOND_KEY, words % {"option": choice.named})
        elif choice.elsewhere_number > choice.number:
            words = _("“%(option)s”: more place it at “%(place)s”. Is that right as well?")
            yield Verdict(SECOND_KEY, words % {"option": choice.named, "place": choice.elsewhere})


def _about_sureness(found: Statistics) -> Iterable[Verdict]:
    if found.misled is not None and found.misled >= MISLED:
        words = _("Many are sure and are wrong: this is a misconception to take up in the lesson.")
        yield Verdict(MISCONCEPTION, words)


def _about_spread(question: Question, found: Statistics) -> Iterable[Verdict]:
    if found.difficulty >= EASY:
        if not question.must_pass:
            yield Verdict(TOO_EASY, _("Nearly everybody is right. Think of an option that is harder to turn down."))
    elif found.discrimination is not None and 0 <= round(found.discrimination, 2) < POOR:
        yield Verdict(BLUNT, _("Tells poorly those who know from those who do not. Is one option clearly best?"))
    if found.difficulty < HARD:
        yield Verdict(TOO_HARD, _("Few are right. Does the lesson teach this, and does the question ask for it?"))


def _about_options(found: Statistics) -> Iterable[Verdict]:
    for choice in found.choices:
        if not choice.correct and choice.share < UNUSED and found.difficulty < EASY:
            words = _("Hardly anybody chooses “%(option)s”. Write a misunderstanding that people have.")
            yield Verdict(IDLE, words % {"option": choice.named})


def to_mend(questions: Collection[Question]) -> tuple[list[tuple[Question, list[Verdict]]], datetime | None]:
    """The questions whose figures suggest something, gravest first; and when they were counted."""
    found, at = kept_statistics_of(questions)
    told = [(question, verdicts(question, figures)) for question, figures in found.items()]
    graver = [one for one in told if one[1] and not one[1][0].is_fine]
    return sorted(graver, key=lambda one: one[1][0].rank), at
