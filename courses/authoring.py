"""What a lesson says and what it lacks, read off its cards whatever blocks they are made of."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from bs4 import BeautifulSoup
from django.db.models import Model, prefetch_related_objects
from django.utils.formats import localize
from django.utils.translation import gettext as _
from wagtail.blocks import ChooserBlock, ListBlock, StreamBlock, StructBlock
from wagtail.blocks.field_block import BaseChoiceBlock
from wagtail.images.blocks import ImageBlock
from wagtail.images.models import AbstractImage
from wagtail.rich_text import RichText

from learning.translations import TIES

# Swedish, read aloud from small print at 40 cm, about as a phone is held: 199 words a minute (SD 34), says the IReST
# study: S. Trauzettel-Klosinski and K. Dietz, "Standardized Assessment of Reading Performance", Invest Ophthalmol Vis
# Sci 53 (2012). Silent reading is some 30 % faster (238 against 183 in English, M. Brysbaert, J Mem Lang 109 (2019)),
# which leaves time for the answers.
WORDS_PER_MINUTE = 199
CARD_WORDS = 60  # one screen of a phone
LIX_LIMIT = 45
OBJECTIVE_BEGINS = "Du kan"
SPOKEN = "sv"  # the language in which a film must have captions

FEEDBACK = ("feedback", "reaction")
# What is shown nowhere by itself, and what stands in for listening.
UNSAID = {*TIES, "captions", "transcript"}
CARD_HEADING = 2

WORD = re.compile(r"\{\w+\}|\w+(?:[-–’'.:]\w+)*")
SENTENCE_ENDS = re.compile(r"(?<=[.!?:])[”\"’)]*\s+|\n+")
BLOCK_TAGS = ["p", "li", "br", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6"]


class Severity(StrEnum):
    """Whether a lesson may be published as it is."""

    STOP = "stop"
    ADVICE = "advice"


@dataclass(frozen=True)
class Finding:
    """Something to do about a lesson, and where."""

    severity: Severity
    text: str
    card: int | None = None
    label: str = ""

    def __str__(self):
        return f"{self.place}: {self.text}" if self.place else self.text

    @property
    def is_stop(self) -> bool:
        return self.severity == Severity.STOP

    @property
    def place(self) -> str:
        """The card as its author finds it; empty for what concerns the whole lesson."""
        return _("Card %(number)d, %(label)s") % {"number": self.card, "label": self.label} if self.card else ""


class _Nothing:
    """Stands where a card should point at something."""


NOTHING = _Nothing()


@dataclass
class Card:
    """A card with its value as plain dicts, lists and texts."""

    number: int
    kind: str
    label: str
    tree: object
    faults: list[str] = field(default_factory=list)  # by its own rules

    @cached_property
    def passages(self) -> list[str]:
        """What one reader meets, in order."""
        return [text for text in map(_plain, _said(self.tree)) if WORD.search(text)]

    @property
    def asks(self) -> bool:
        """Whether there is something to answer, to which the card answers."""
        return any(isinstance(node, dict) and any(key in node for key in FEEDBACK) for node in _nodes(self.tree))

    def stop(self, text: str) -> Finding:
        return Finding(Severity.STOP, text, self.number, self.label)

    def advise(self, text: str) -> Finding:
        return Finding(Severity.ADVICE, text, self.number, self.label)


def read(cards) -> list[Card]:
    """The cards of a stream."""
    return read_all([cards])[0]


def read_all(streams: list) -> list[list[Card]]:
    """The cards of each stream; many questions are fetched like one."""
    trees = [[_tree(bound.block, bound.value) for bound in stream or []] for stream in streams]
    for parts in ("options", "captions"):
        prefetch_related_objects([node for node in _nodes(trees) if hasattr(node, parts)], parts)
    return [
        [
            Card(number, bound.block_type, str(bound.block.label), _with_chosen(tree), _faults_by_its_rules(bound))
            for number, (bound, tree) in enumerate(zip(stream or [], cards, strict=True), start=1)
        ]
        for stream, cards in zip(streams, trees, strict=True)
    ]


def _faults_by_its_rules(bound) -> list[str]:
    return [words for _name, words in bound.block.faults(bound.value)] if hasattr(bound.block, "faults") else []


def _tree(block, value):
    """The value without its blocks: dicts, lists, texts, things, and NOTHING where a thing is yet to be chosen."""
    if value is None:
        return NOTHING if _must_choose(block) else None
    if isinstance(block, BaseChoiceBlock):
        return None  # how a card behaves, in no reader's words
    if isinstance(value, AbstractImage | RichText):
        return value
    if isinstance(block, StreamBlock):
        return [_tree(bound.block, bound.value) for bound in value]
    if isinstance(block, ListBlock):
        return [_tree(bound.block, bound.value) for bound in value.bound_blocks]
    if isinstance(block, StructBlock):
        return {name: _tree(child, value.get(name)) for name, child in block.child_blocks.items()}
    return value


def _with_chosen(tree):
    """The tree with what it says of the things that it points at."""
    if isinstance(tree, dict):
        return {name: _with_chosen(part) for name, part in tree.items()}
    if isinstance(tree, list):
        return [_with_chosen(part) for part in tree]
    return _chosen(tree) if isinstance(tree, Model) and not isinstance(tree, AbstractImage) else tree


def _must_choose(block) -> bool:
    if isinstance(block, ImageBlock):
        block = block.child_blocks["image"]
    return isinstance(block, ChooserBlock) and block.required


def _chosen(thing: Model) -> dict:
    """What a card shows of the question, fact or recording that it points at."""
    if hasattr(thing, "transcript"):
        return _recorded(thing)
    options = [
        {"text": option.text, "feedback": option.feedback, "correct": option.correct}
        for option in (thing.options.all() if hasattr(thing, "options") else [])
    ]
    return {"text": getattr(thing, "text", str(thing)), "options": options, "live": getattr(thing, "live", True)}


def _recorded(recording: Model) -> dict:
    """How long the recording is, and what says the same in writing; captions are asked of films alone."""
    told = {"seconds": recording.length.total_seconds(), "transcript": RichText(recording.transcript)}
    if recording.is_video:
        told["captions"] = [one.language for one in recording.captions.all() if one.language == SPOKEN]
    return told


def _nodes(tree) -> Iterator:
    """The tree and everything in it."""
    yield tree
    for part in tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else []:
        yield from _nodes(part)


def _said(tree, leaving: Iterable[str] = UNSAID) -> Iterator[str | RichText]:
    """The texts of the tree; of the feedback to alternatives only the longest, since a reader meets one."""
    if isinstance(tree, str | RichText):
        yield tree
    elif isinstance(tree, dict):
        for name, part in tree.items():
            if name not in leaving:
                yield from _said(part)
    elif isinstance(tree, list) and tree and all(map(_is_alternative, tree)):
        for part in tree:
            yield from _said(part, {*UNSAID, *FEEDBACK})
        yield max((part[key] or "" for part in tree for key in FEEDBACK if key in part), key=_length)
    elif isinstance(tree, list):
        for part in tree:
            yield from _said(part)


def _length(text: str | RichText) -> int:
    return len(_plain(text))


def _is_alternative(part) -> bool:
    """Whether it is one of those of which a reader takes one: it is marked as right or wrong, or leads on."""
    is_marked = isinstance(part, dict) and ("to" in part or any(isinstance(value, bool) for value in part.values()))
    return is_marked and any(key in part for key in FEEDBACK)


def _plain(text: str | RichText) -> str:
    """The text without marks, each paragraph on a line of its own."""
    if isinstance(text, str):
        return text
    soup = BeautifulSoup(text.source, "html.parser")
    for tag in soup.find_all(BLOCK_TAGS):
        tag.insert_after("\n")
    return soup.get_text()


def words(text: str) -> list[str]:
    """The words; one of the municipality's own, written as a slot, is one."""
    return WORD.findall(text)


@dataclass(frozen=True)
class Measure:
    """How much there is to read, and how hard it is."""

    words: int
    minutes: float
    lix: int
    recorded: float = 0  # of the minutes, those that recordings take

    @property
    def lix_meaning(self) -> str:
        """What the number means, on the scale of C. H. Björnsson."""
        scale = {
            30: _("very easy, as books for children"),
            40: _("easy, as stories and magazines"),
            50: _("medium, as newspapers"),
            60: _("hard, as official texts"),
        }
        return next((meaning for limit, meaning in scale.items() if self.lix < limit), _("very hard, as legal texts"))


def measure(cards: list[Card]) -> Measure:
    """The words that one reader meets, their LIX, and the minutes: 199 words a minute (IReST 2012), and recordings.

    A transcript is read instead of its recording, so it is not counted.
    """
    passages = [passage for card in cards for passage in card.passages]
    number = sum(len(words(passage)) for passage in passages)
    seconds = sum(node["seconds"] for card in cards for node in _nodes(card.tree) if _is_recording(node))
    return Measure(
        words=number,
        minutes=round(number / WORDS_PER_MINUTE + seconds / 60, 1),
        lix=lix(passages),
        recorded=round(seconds / 60, 1),
    )


def _is_recording(node) -> bool:
    return isinstance(node, dict) and "seconds" in node


def lix(passages: list[str]) -> int:
    """Words a sentence plus the percentage of words of more than six letters (C. H. Björnsson, Läsbarhet, 1968)."""
    sentences = [sentence for passage in passages for sentence in SENTENCE_ENDS.split(passage) if WORD.search(sentence)]
    found = [word.strip("{}") for sentence in sentences for word in words(sentence)]
    long = sum(len(word) > 6 for word in found)
    return round(len(found) / len(sentences) + 100 * long / len(found)) if found else 0


def stops(*, objective: str, cards: list[Card]) -> list[Finding]:
    """What keeps a lesson from being published."""
    found = []
    if not (objective or "").strip():
        found.append(Finding(Severity.STOP, _("The lesson has no objective. Write what one can do afterwards.")))
    if not cards:
        found.append(Finding(Severity.STOP, _("The lesson has no cards. Add at least one.")))
    for card in cards:
        found += [card.stop(text) for text in [*card.faults, *(t for node in _nodes(card.tree) for t in _faults(node))]]
    return found


def _faults(node) -> Iterator[str]:
    """What is wrong with one part of a card, by itself."""
    if node is NOTHING:
        yield _("It points at nothing. Choose what it is to show, or remove the card.")
    elif isinstance(node, AbstractImage):
        if not _is_described(node):
            yield _("The image “%(image)s” has no alt text. Describe it, or mark it as decorative.") % {
                "image": node.title
            }
    elif isinstance(node, RichText):
        yield from _faults_of_rich_text(node)
    elif isinstance(node, dict):
        yield from _faults_of_fields(node)


def _is_described(image: AbstractImage) -> bool:
    return bool(getattr(image, "decorative", False) or (image.contextual_alt_text or "").strip())


def _faults_of_rich_text(text: RichText) -> Iterator[str]:
    soup = BeautifulSoup(text.source, "html.parser")
    # An empty text is how Wagtail writes down that the image was marked as decorative.
    if any(image.get("alt") is None for image in soup.find_all("embed", embedtype="image")):
        yield _("An image in the text has no alt text. Describe it, or mark it as decorative.")
    level = CARD_HEADING
    for heading in soup.find_all(re.compile("^h[1-6]$")):
        above, level = level, int(heading.name[1])
        if level > above + 1:
            yield _("The heading “%(heading)s” skips a level. Make it one level below the heading above it.") % {
                "heading": heading.get_text()
            }


def _faults_of_fields(node: dict) -> Iterator[str]:
    if node.get("live") is False:
        yield _("The question “%(question)s” is not published. Publish it first, or choose another.") % {
            "question": node["text"]
        }
    for key in FEEDBACK:
        if key in node and not _has_text(node[key]):
            yield _("“%(option)s” has no feedback. Write why it is right or wrong.") % {"option": _name(node)}
    if "captions" in node and not _has_text(node["captions"]):
        yield _("The film has no captions in Swedish. Add them where it is kept, under “Recordings”.")
    if "transcript" in node and not _has_text(node["transcript"]):
        yield _("The recording has no transcript. Write down what is said and shown in it, under “Recordings”.")


def _has_text(part) -> bool:
    """Whether anything is said or attached there."""
    if isinstance(part, str | RichText):
        return bool(_plain(part).strip())
    return part is not NOTHING and bool(part)


def _name(node: dict) -> str:
    """The first text of the part, by which its author knows it."""
    return next((text for text in map(_plain, _said(node, {*UNSAID, *FEEDBACK})) if text.strip()), _("Without text"))


@dataclass(frozen=True)
class Setting:
    """What is known of a lesson besides its cards; `number` is its place in the course."""

    objective: str
    minutes: int
    has_source: bool
    number: int


def advice(setting: Setting, cards: list[Card]) -> list[Finding]:
    """What would make the lesson better, none of which keeps it from being published."""
    whole = [Finding(Severity.ADVICE, text) for text in _advice_on_the_whole(setting, cards)]
    return whole + [card.advise(text) for card in cards for text in _advice_on(card)]


def _advice_on_the_whole(setting: Setting, cards: list[Card]) -> Iterator[str]:
    measured = measure(cards)
    if setting.objective and not setting.objective.startswith(OBJECTIVE_BEGINS):
        yield _("The objective does not begin with “Du kan”. Say what one can do afterwards.")
    if measured.minutes > setting.minutes and measured.recorded:
        yield _(
            "It takes %(minutes)s minutes, of which %(recorded)s recorded, and says that it takes %(limit)d. "
            "Cut the recording or the text, or split the lesson."
        ) % {
            "minutes": localize(measured.minutes),
            "recorded": localize(measured.recorded),
            "limit": setting.minutes,
        }
    elif measured.minutes > setting.minutes:
        yield _("It takes %(minutes)s minutes to read, and says that it takes %(limit)d. Cut, or split the lesson.") % {
            "minutes": localize(measured.minutes),
            "limit": setting.minutes,
        }
    if measured.lix > LIX_LIMIT:
        yield _("LIX is %(lix)d. Aim at %(limit)d or less: shorter sentences, fewer long words.") % {
            "lix": measured.lix,
            "limit": LIX_LIMIT,
        }
    if cards and not any(card.asks for card in cards):
        yield _("There is no question. Let the reader decide something.")
    if not setting.has_source:
        yield _("There is no source. Say where the facts come from.")
    if setting.number > 1 and not any(card.kind == "recall" for card in cards):
        yield _("There is no recall card. Begin with a question from an earlier lesson.")


def _advice_on(card: Card) -> Iterator[str]:
    longest = max((len(words(passage)) for passage in card.passages), default=0)
    if longest > CARD_WORDS:
        yield _("%(number)d words in one text. A phone shows some %(limit)d at a time: cut, or make it two cards.") % {
            "number": longest,
            "limit": CARD_WORDS,
        }


def advice_on_course(course) -> list[Finding]:
    """What would make the course better kept and better checked."""
    unasked = [str(question) for question in course.check_ref.unpublished()] if course.check_ref else []
    lacks = {
        _("Questions of the knowledge check are not published, so nobody is asked them: %(questions)s.")
        % {"questions": "; ".join(unasked)}: bool(unasked),
        _("No outcome is written. Say what one will be able to do."): not course.outcomes.exists(),
        _("No knowledge check is chosen. The last lesson then completes the course, once."): not course.check_ref_id,
        _("The course has no owner. Say who keeps it right."): not course.steward,
        _("No review date is set. Set one, at most a year ahead."): not course.review_on,
    }
    return [Finding(Severity.ADVICE, text) for text, is_lacking in lacks.items() if is_lacking]


@dataclass(frozen=True)
class Sheet:
    """What an editor is shown beside a page: its findings and, for a lesson, its measure against its minutes."""

    findings: list[Finding] = field(default_factory=list)
    measure: Measure | None = None
    limit: int = 0

    @property
    def stops(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.is_stop]

    @property
    def scale(self) -> float:
        """How far the bar of minutes reaches: full at the limit, and past it too."""
        return max(self.limit, self.measure.minutes)

    @property
    def advice(self) -> list[Finding]:
        return [finding for finding in self.findings if not finding.is_stop]
