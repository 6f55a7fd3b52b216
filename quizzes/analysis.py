"""How well the questions of the bank tell those who know from those who do not (S17); never who answered.

Counted on what people chose the first time they took a check, by the wording that they were shown. Shown from 30
answers on; from 100 on it holds. The thresholds are those of Ebel & Frisbie, Essentials of Educational Measurement
(1991), for difficulty and discrimination, and of Haladyna & Downing (1993), "How many options is enough for a
multiple-choice test item?", for an option that nobody chooses.
"""

import math
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Avg, Count, F, Max, Q, Sum
from django.utils.translation import gettext as _

from .grading import PaperQuestion, as_kept
from .models import Answer, Question

SHOWN_FROM, STABLE_FROM = 30, 100
EASY, HARD = 0.95, 0.30
POOR = 0.20  # discrimination below this
UNUSED = 0.05  # of the answers
PACES = [10, 20, 40, 80]  # seconds; the last pace is longer still


@dataclass(frozen=True)
class Choice:
    """An option: how many chose it, and how they did on the other questions (0–1; None where nobody chose it)."""

    text: str
    correct: bool
    number: int
    share: float
    rest: float | None

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

    @property
    def is_shown(self) -> bool:
        """Whether there are answers enough to say anything, and to point at nobody."""
        return self.number >= SHOWN_FROM

    @property
    def is_stable(self) -> bool:
        return self.number >= STABLE_FROM


@dataclass(frozen=True)
class Verdict:
    """What the figures suggest, in words; the graver, the lower its rank."""

    rank: int
    text: str

    @property
    def is_fine(self) -> bool:
        return self.rank == FINE


WRONG_KEY, SECOND_KEY, BLUNT, TOO_HARD, TOO_EASY, IDLE, FINE = range(7)


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


def _first_answers(questions: Iterable[int]):
    return Answer.objects.filter(question_id__in=questions, attempt__is_first=True).exclude(right=None)


def statistics_of(questions: Collection[Question]) -> dict[Question, Statistics]:
    """The statistics of each question as it reads now, in two questions to the database."""
    papers = {question.pk: question.on_paper() for question in questions}
    answers = _first_answers(papers)
    sums, choices = _sums(answers), _choices(answers)
    found = {}
    for question in questions:
        paper = papers[question.pk]
        found[question] = _statistics(sums.get((paper.id, paper.edition)), paper, choices[paper.id, paper.edition])
    return found


def _sums(answers) -> dict[tuple[int, str], dict]:
    right = Q(right=True)
    rows = answers.values("question_id", "edition").annotate(
        number=Count("pk"),
        all_right=Count("pk", filter=right),
        compared=Count("rest"),
        compared_right=Count("rest", filter=right),
        sum_rest=Sum("rest"),
        rest_squares=Sum(F("rest") * F("rest")),
        rest_of_right=Sum("rest", filter=right),
        last=Max("answered_at"),
    )
    return {(row["question_id"], row["edition"]): row for row in rows}


def _choices(answers) -> dict[tuple[int, str], dict[object, tuple[int, float]]]:
    """Of each wording: option, or thing with its place → how many chose it, and the sum of their shares of the rest."""
    found = defaultdict(lambda: defaultdict(lambda: (0, 0.0)))
    rows = answers.values("question_id", "edition", "chosen").annotate(number=Count("pk"), rest=Avg("rest"))
    for row in rows:
        of_wording = found[row["question_id"], row["edition"]]
        for option in as_kept(row["chosen"]):
            number, rest = of_wording[option]
            of_wording[option] = number + row["number"], rest + row["number"] * (row["rest"] or 0)
    return found


def _statistics(row: dict | None, paper: PaperQuestion, chosen: dict[object, tuple[int, float]]) -> Statistics:
    if row is None:
        return Statistics(0, 0.0, None)
    choices = []
    for key, text, correct in _offered(paper):
        number, rest = chosen[key]
        share, rest = number / row["number"], rest / number if number else None
        choices.append(Choice(text, correct, number, share, rest))
    return Statistics(row["number"], row["all_right"] / row["number"], _discrimination(row), tuple(choices))


def _offered(paper: PaperQuestion) -> Iterable[tuple]:
    """What can be chosen, its words, and whether it is right; of things to place, each in its right place."""
    if paper.places_things:
        words = dict(zip([option.id for option in paper.options], paper.in_words(paper.key), strict=True))
        return [((option.id, option.place), words[option.id], True) for option in paper.options]
    return [(option.id, option.text, option.correct) for option in paper.options]


def _discrimination(row: dict) -> float | None:
    return point_biserial(
        number=row["compared"],
        right=row["compared_right"],
        rest=row["sum_rest"] or 0,
        rest_squares=row["rest_squares"] or 0,
        rest_of_right=row["rest_of_right"] or 0,
    )


def earlier(question: Question) -> list[tuple[Statistics, date]]:
    """The statistics of its earlier wordings, newest first, each with the day of its last answer; no options."""
    now = question.on_paper().edition
    rows = [row for (_pk, edition), row in _sums(_first_answers([question.pk])).items() if edition != now]
    return [
        (Statistics(row["number"], row["all_right"] / row["number"], _discrimination(row)), row["last"].date())
        for row in sorted(rows, key=lambda row: row["last"], reverse=True)
    ]


def paces(question: Question) -> list[int]:
    """How many answered the question as it reads now within 10, 20, 40, 80 seconds, and later."""
    answers = _first_answers([question.pk]).filter(edition=question.on_paper().edition)
    bounds = zip([0, *PACES], [*PACES, None], strict=True)
    within = [Q(seconds__gte=low) & (Q(seconds__lt=high) if high else Q()) for low, high in bounds]
    return list(answers.aggregate(**{f"n{n}": Count("pk", filter=q) for n, q in enumerate(within)}).values())


def verdicts(question: Question, found: Statistics) -> list[Verdict]:
    """What the figures suggest, gravest first; nothing while there are too few of them.

    That nearly everybody is right is no fault where a question must be right.
    """
    if not found.is_shown:
        return []
    told = [*_about_key(found), *_about_spread(question, found), *_about_options(found)]
    return sorted(told, key=lambda one: one.rank) or [Verdict(FINE, _("Works well."))]


def _about_key(found: Statistics) -> Iterable[Verdict]:
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


def _about_spread(question: Question, found: Statistics) -> Iterable[Verdict]:
    if found.difficulty >= EASY:
        if not question.must_pass:
            yield Verdict(TOO_EASY, _("Nearly everybody is right. Think of an option that is harder to turn down."))
    elif found.discrimination is not None and 0 <= found.discrimination < POOR:
        yield Verdict(BLUNT, _("Tells poorly those who know from those who do not. Is one option clearly best?"))
    if found.difficulty < HARD:
        yield Verdict(TOO_HARD, _("Few are right. Does the lesson teach this, and does the question ask for it?"))


def _about_options(found: Statistics) -> Iterable[Verdict]:
    for choice in found.choices:
        if not choice.correct and choice.share < UNUSED and found.difficulty < EASY:
            words = _("Hardly anybody chooses “%(option)s”. Write a misunderstanding that people have.")
            yield Verdict(IDLE, words % {"option": choice.named})


def to_mend(questions: Collection[Question]) -> list[tuple[Question, Statistics, list[Verdict]]]:
    """The questions whose figures suggest something, gravest first."""
    told = [(question, found, verdicts(question, found)) for question, found in statistics_of(questions).items()]
    graver = [one for one in told if one[2] and not one[2][0].is_fine]
    return sorted(graver, key=lambda one: one[2][0].rank)
