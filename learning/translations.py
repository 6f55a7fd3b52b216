"""What people read, in more languages than the one in which it is written (see decision 12).

A thing keeps its translations in a field: language → path of a text → what it says, and the text that it was made
from. Here is which texts a thing has, how it is shown in another language, and what is missing or out of date.
"""

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from django.conf import settings
from django.utils.html import strip_tags
from django.utils.text import capfirst
from wagtail import blocks
from wagtail.blocks import StreamValue
from wagtail.fields import RichTextField, StreamField

from .rich import without_keys

# What ties the parts of a card together, and is shown nowhere by itself.
TIES = {"id", "to", "category"}
UNSAVED = "+"  # begins the number that stands in a path for what has no id yet


@dataclass(frozen=True)
class Text:
    """A text of a thing."""

    path: str  # by the ids of what it stands in: the same wherever that is moved
    place: str  # by numbers: the same in all things of the same shape
    source: str
    is_rich: bool
    steps: tuple = field(compare=False)  # what leads there: names, and numbers with what is numbered

    @property
    def label(self) -> str:
        """Where the text stands, in words."""
        steps = [(number, capfirst(str(name))) for number, name in self.steps]
        return " · ".join(f"{number}. {name}" if number else name for number, name in steps)

    @property
    def key(self) -> str:
        """Where its translation is kept: only what has been through the editor's converter stands as HTML."""
        return "html" if self.is_rich else "text"


@dataclass(frozen=True)
class Row:
    """A text with what it says in another language, and the text that this was made from; empty: nothing yet."""

    text: Text
    told: str = ""
    of: str = ""

    @property
    def is_missing(self) -> bool:
        return not self.told

    @property
    def is_outdated(self) -> bool:
        """Whether the text has been changed since."""
        return bool(self.told) and self.of != self.text.source


@dataclass(frozen=True)
class State:
    """How far a thing is told in a language."""

    total: int
    missing: int
    outdated: int

    @property
    def is_begun(self) -> bool:
        return self.missing < self.total

    @property
    def is_whole(self) -> bool:
        """Whether nothing is left to do."""
        return not (self.missing or self.outdated)


class Told(str):
    """A text in another language that remembers what it tells.

    So what is chosen by its text, such as a category, is the same choice in every language.
    """

    def __new__(cls, told: str, of: str = ""):
        found = super().__new__(cls, told)
        found.of = of
        return found


def source_of(text: str) -> str:
    """The text as it was written, in whatever language it is shown."""
    return getattr(text, "of", text)


def languages() -> dict[str, str]:
    """The languages into which things are translated: code and name."""
    return {code: name for code, name in settings.LANGUAGES if code != settings.LANGUAGE_CODE}


def language_of(thing) -> str:
    """The language in which the thing is told."""
    return getattr(thing, "told_in", "") or settings.LANGUAGE_CODE


def texts(thing) -> list[Text]:
    """The texts of the thing, in order; empty ones say nothing and are left out."""
    return _texts(thing, thing.texts_in)


def _texts(thing, names: list[str]) -> list[Text]:
    found = []

    def note(text: Text) -> str:
        found.append(text)
        return text.source

    list(_retold(thing, names, _Place(), note))
    return found


def rows(thing, language: str) -> list[Row]:
    """The texts of the thing, each with its translation.

    A translation that was made from exactly the text is its own, wherever it stood: a card that was copied, or parts
    that came to have other ids. Else it is what stands at its path, out of date.
    """
    return _rows(thing, language, thing.texts_in)


def _rows(thing, language: str, names: list[str]) -> list[Row]:
    kept = thing.translations.get(language, {})
    exact = {(entry["of"], key): entry for entry in kept.values() for key in ("text", "html") if key in entry}
    found = []
    for text in _texts(thing, names):
        own = kept.get(text.path, {})
        if own.get("of") != text.source or text.key not in own:
            own = exact.get((text.source, text.key)) or ({} if UNSAVED in text.path else own)
        told = own.get(text.key, "")
        found.append(Row(text, told, own["of"] if told else ""))
    return found


def state(thing, language: str) -> State:
    """How many texts the thing has, and how many of them are missing or out of date in the language."""
    found = rows(thing, language)
    missing, outdated = sum(row.is_missing for row in found), sum(row.is_outdated for row in found)
    return State(total=len(found), missing=missing, outdated=outdated)


def in_language(thing, language: str):
    """The thing as it is shown to a reader of the language: a copy with the same ids in the same order.

    The thing itself where not all of it is translated: nothing is shown half in one language and half in another.
    """
    if language == language_of(thing) or not thing.translations.get(language):
        return thing
    names = [name for name in thing.texts_in if name not in thing.told_apart]
    shown = _copied(thing, names)
    told = {row.text: row.told for row in _rows(shown, language, names)}
    if not all(told.values()):
        return thing
    for name, value in _retold(shown, names, _Place(), lambda text: Told(told[text], text.source), language):
        setattr(shown, name, value)
    shown.told_in = language
    return shown


def parts_in_language(thing, name: str, language: str) -> list:
    """The parts of the thing under the name, each in the language if it is translated, else as it is."""
    if language == settings.LANGUAGE_CODE or not thing.translations.get(language):
        return list(getattr(thing, name).all())
    thing = _copied(thing, [name])
    told = {row.text: row.told for row in _rows(thing, language, [name])}
    lacking = {int(text.place.split(".")[1]) for text, translation in told.items() if not translation}
    ((_name, shown),) = _retold(thing, [name], _Place(), lambda text: Told(told[text], text.source), language)
    return [part if n in lacking else shown[n] for n, part in enumerate(getattr(thing, name).all())]


def _copied(thing, names: list[str]):
    """A copy that can be changed by itself, with its parts, which are asked for once."""
    found = copy.copy(thing)
    found._cluster_related_objects = dict(getattr(thing, "_cluster_related_objects", {}))
    for name in names:
        if thing._meta.get_field(name).one_to_many:
            getattr(found, name).get_object_list()
    return found


# The way through a thing


@dataclass(frozen=True)
class _Place:
    """Where in a thing one is: by ids, by numbers, and in words."""

    path: str = ""
    place: str = ""
    steps: tuple = ()

    def down(self, name: str, label=None) -> "_Place":
        """To what has the name."""
        return self._to(name, name, 0, label)

    def part(self, id, index: int, label) -> "_Place":
        """To one of several."""
        return self._to(id or f"{UNSAVED}{index}", index, index + 1, label)

    def _to(self, step, place, number: int, label) -> "_Place":
        before = (f"{self.path}.", f"{self.place}.") if self.path else ("", "")
        steps = self.steps if label is None else (*self.steps, (number, label))
        return _Place(f"{before[0]}{step}", f"{before[1]}{place}", steps)

    def text(self, raw: str, is_rich: bool) -> Text:
        source = raw.replace("\r\n", "\n").strip()
        return Text(self.path, self.place, without_keys(source) if is_rich else source, is_rich, self.steps)


Tell = Callable[[Text], str]


def _retold(thing, names: list[str], at: _Place, tell: Tell, language: str = "") -> Iterator[tuple[str, object]]:
    """The values of the thing under the names, each text as `tell` says it."""
    for name in names:
        field = thing._meta.get_field(name)
        if field.one_to_many:
            label = field.related_model._meta.verbose_name
            parts = [
                _part_retold(part, at.down(name).part(part.pk, number, label), tell, language)
                for number, part in enumerate(getattr(thing, name).all())
            ]
            yield name, parts
            continue
        here, value = at.down(name, field.verbose_name), getattr(thing, name)
        if isinstance(field, StreamField):
            raw = _block_retold(value.stream_block, list(value.raw_data), here, tell)
            yield name, StreamValue(value.stream_block, raw, is_lazy=True)
        else:
            yield name, _said(value or "", isinstance(field, RichTextField), here, tell)


def _part_retold(part, at: _Place, tell: Tell, language: str):
    shown = copy.copy(part)
    for name, value in _retold(part, part.texts_in, at, tell):
        setattr(shown, name, value)
    shown.told_in = language
    return shown


def _block_retold(block: blocks.Block, raw, at: _Place, tell: Tell):
    """What is stored for the block, each text in it as `tell` says it."""
    if isinstance(block, blocks.StreamBlock):
        return [
            {**one, "value": _block_retold(child, one["value"], at.part(one.get("id"), number, child.label), tell)}
            if (child := block.child_blocks.get(one["type"]))
            else one
            for number, one in enumerate(raw)
        ]
    if isinstance(block, blocks.ListBlock):
        child = block.child_block
        return [
            {**one, "value": _block_retold(child, one["value"], at.part(one["id"], number, child.label), tell)}
            for number, one in enumerate(raw)
        ]
    if isinstance(block, blocks.StructBlock):
        return raw | {
            name: _block_retold(child, raw[name], at.down(name, _label(child)), tell)
            for name, child in block.child_blocks.items()
            if name in raw and name not in TIES
        }
    if isinstance(block, blocks.CharBlock | blocks.TextBlock | blocks.RichTextBlock):
        return _said(raw, isinstance(block, blocks.RichTextBlock), at, tell)
    return raw


def _label(block: blocks.Block):
    """What the block is called; a list is known by what it is a list of."""
    return None if isinstance(block, blocks.ListBlock) else block.label


def _said(raw, is_rich: bool, at: _Place, tell: Tell):
    if not raw or not (strip_tags(raw) if is_rich else raw).strip():
        return raw
    return tell(at.text(raw, is_rich))
