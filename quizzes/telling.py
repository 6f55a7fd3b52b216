"""A question as the components of the pages show it: open, or answered with what each choice was worth."""

import json
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from learning.translations import language_of

from .grading import CHOSEN, Chosen, Kind, PaperPlace, PaperQuestion

FEW = 5  # as many categories stand beside each other; more are a list


def choice(value, text: str, feedback: str, *, right: bool, checked: bool, done: bool) -> dict:
    """An option as the component `choices` shows it."""
    state = ("right" if right else "wrong" if checked else "plain") if done else ""
    return {"value": value, "text": text, "checked": checked, "state": state, "feedback": feedback if done else ""}


def told(question: PaperQuestion, chosen: Chosen | None, *, done: bool) -> dict:
    """What the component `question` shows: what is chosen so far (None: nothing), and once done what it was worth."""
    chosen = frozenset() if chosen is None else chosen
    if question.places_things:
        things = _things(question, dict(chosen))
        if done and question.kind == Kind.ORDER:
            things.sort(key=lambda thing: thing["place"])
        by = placed_by(question.kind, len(question.places))
        return {"question": question, "items": things, "places": _places(question), "by": by}
    choices = [
        choice(o.id, o.text, o.feedback, right=o.id in question.true_key, checked=o.id in chosen, done=done)
        for o in question.options
    ]
    return {"question": question, "choices": choices}


def placed_by(kind: str, places: int) -> str:
    """How a thing is given its place: by its `number` in an order, by a `choice` of few, or out of a `list`."""
    if kind == Kind.ORDER:
        return "number"
    return "choice" if kind == Kind.SORT and places <= FEW else "list"


def refilled(told: dict, data) -> dict:
    """The same with what a form (a QueryDict) says that was refused: as it was filled in, whether or not it holds."""
    for one in told.get("choices", []):
        one["checked"] = str(one["value"]) in data.getlist(CHOSEN)
    for item in told.get("items", []):
        item["value"] = data.get(item["name"], "")
    return told


def _things(question: PaperQuestion, given: dict[int, int]) -> list[dict]:
    named = {place.id: _named(question, place) for place in question.places}
    return [
        {
            "text": option.text,
            "name": f"{CHOSEN}-{option.id}",
            "value": str(given.get(option.id, "")),
            "chosen": named.get(given.get(option.id), ""),
            "its": named[option.place],
            "right": given.get(option.id) == option.place,
            "feedback": option.feedback,
            "place": option.place,
        }
        for option in question.options
    ]


def _places(question: PaperQuestion) -> list[dict]:
    return [{"value": str(place.id), "name": _named(question, place)} for place in question.places]


def _named(question: PaperQuestion, place: PaperPlace) -> str:
    """What the place is called, in the language of the question."""
    if question.kind != Kind.ORDER:
        return place.text
    with override(language_of(question)):
        return _("place %(number)s") % {"number": place.id}


@dataclass(frozen=True)
class Clock:
    """The time that is left, in words that change seldom."""

    seconds: int

    MARKS = (60, 30, 20, 10, 5, 2, 1, 0)  # minutes

    @classmethod
    def of(cls, ends_at: datetime | None, now: datetime) -> "Clock | None":
        return cls(max(0, round((ends_at - now).total_seconds()))) if ends_at else None

    @property
    def words(self) -> dict[int, str]:
        """Minutes → what is said while at least so many are left."""
        told = {
            number: ngettext("At least %(number)d minute left.", "At least %(number)d minutes left.", number)
            % {"number": number}
            for number in self.MARKS
        }
        return told | {0: _("Less than a minute left. What you have answered is kept.")}

    @property
    def in_words(self) -> str:
        """For the script of the page."""
        return json.dumps(self.words)

    @property
    def now(self) -> str:
        return self.words[next(number for number in self.MARKS if self.seconds >= 60 * number)]
