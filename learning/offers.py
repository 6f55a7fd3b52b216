"""What one room offers on the pages of another: rooms that stand beside each other know nothing of each other."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Offer:
    """Something that the person may do, and need not."""

    url: str
    title: str
    note: str


# Given a person, a course (None: whatever stands on their own page) and a day.
Offering = Callable[..., Iterable[Offer]]
_offering: list[Offering] = []


def offering(function: Offering) -> Offering:
    """Let the function be asked for offers."""
    _offering.append(function)
    return function


def offers(person, course, on: date) -> list[Offer]:
    """Everything that is offered to the person on the day."""
    return [offer for function in _offering for offer in function(person, course, on=on)]
