"""What the rooms above add to the page of a person: each a section of rows, with what can be done about them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from learning.organisation.models import Person

Act = tuple[str, str]  # label and address


@dataclass(frozen=True)
class Row:
    """Something about the person, with its days in words."""

    days: str
    kind: str
    what: str
    words: Sequence[str] = ()
    acts: Sequence[Act] = ()


@dataclass(frozen=True)
class Section:
    """Rows of one sort under a title, what to say where there are none, and what can be added."""

    key: str
    title: str
    rows: Sequence[Row]
    empty: str
    acts: Sequence[Act] = ()


Build = Callable[[Person, date], Section]
_builders: list[Build] = []


def add_section(build: Build) -> None:
    """Let the page of a person have this section, built for the person and the day."""
    _builders.append(build)


def sections_of(person: Person, today: date) -> list[Section]:
    """The sections of the person, in the order of the rooms."""
    return [build(person, today) for build in _builders]
