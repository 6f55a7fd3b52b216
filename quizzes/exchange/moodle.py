"""Moodle XML: docs.moodle.org/en/Moodle_XML_format, as Moodle 1.9 to 5 write it.

What it has no field for is kept in tags, which a Moodle keeps and gives back, and the feedback of things to place in
elements that Moodle lets be.
"""

import base64
import binascii
from collections.abc import Callable, Iterator
from functools import partial
from urllib.parse import unquote
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from django.utils.text import Truncator
from django.utils.translation import gettext as _

from quizzes.grading import PLACING, Kind

from .items import (
    Item,
    ItemOption,
    ItemPicture,
    Losses,
    NotCarried,
    QuestionFileWrong,
    Read,
    Source,
    Written,
    category_of,
    checked,
    choosing_kind,
    clean,
    gathered,
    only_first,
    own_words,
    placing_kind,
    tell_partial,
    topic_of,
    true_or_false,
    unknown_kind,
    with_own_words,
)
from .texts import FORMATTING, Plain, Shown, as_html, as_is, either, parsed, plain_of

NAME, ENDING = "Moodle XML", "xml"

_FILES = "@@PLUGINFILE@@/"
# Files that are pictures, and have to be; any other is told as lost.
_PICTURE_NAMES = (".png", ".jpg", ".jpeg", ".gif", ".webp")


def read(content: bytes) -> Read:
    notes = []
    root = parsed(content, notes)
    if root.tag != "quiz":
        raise QuestionFileWrong(_("The file is XML, but not from Moodle. Nothing was changed."))
    found = gathered(_sources(root))
    return Read(found.items, notes + found.left_out)


def _sources(root: Element) -> Iterator[Source]:
    topic = ""
    for question in root.findall("question"):
        if question.get("type") == "category":
            topic = topic_of(_said(question.find("category")))
        else:
            name = clean(_said(question.find("name"))) or clean(_said(question.find("questiontext")))
            yield name, partial(_item, question, topic)


def _said(element: Element | None) -> str:
    """What stands in the text of the element, or in itself."""
    if element is None:
        return ""
    text = element.find("text")
    return "".join((element if text is None else text).itertext())


def _item(question: Element, topic: str, lost: Callable[[str], None]) -> Item:
    kind = question.get("type", "")
    if kind not in _OPTIONS:
        raise unknown_kind(kind)
    told = _Teller(lost)
    asked = told.plain(question.find("questiontext"))
    options = _OPTIONS[kind](question, told)
    item = Item(
        kind=_kind(kind, options),
        text=asked.text,
        options=tuple(options),
        feedback=told(question.find("generalfeedback")),
        topic=topic,
        key=clean(_said(question.find("idnumber"))),
        picture=_picture(question, asked.pictures, lost),
    )
    _tell_the_rest(question, lost)
    return with_own_words(item, [_said(tag) for tag in question.findall("tags/tag")], lost)


def _kind(moodles: str, options: list[ItemOption]) -> str:
    if moodles in ("matching", "ddmatch"):
        return placing_kind(options)
    return Kind.ORDER if moodles == "ordering" else choosing_kind(options)


class _Teller:
    """Reads texts in the format that they say, as plain."""

    def __init__(self, lost: Callable[[str], None]):
        self.lost = lost

    def __call__(self, element: Element | None) -> str:
        plain = self.plain(element)
        if plain.pictures:
            self.lost(_("Pictures elsewhere than in the question"))
        return plain.text

    def plain(self, element: Element | None) -> Plain:
        if element is None:
            return as_is("")
        text = element.find("text")
        if text is not None and len(text):  # HTML that was written without being escaped
            plain = Plain().element(text)
        else:
            form = element.get("format", "")
            plain = {"html": plain_of, "plain_text": as_is, "markdown": as_is}.get(form, either)(_said(element))
            if form == "markdown":
                self.lost(FORMATTING)
        for what in plain.lost:
            self.lost(what)
        return plain


def _choices(question: Element, told: _Teller) -> list[ItemOption]:
    answers = question.findall("answer")
    weights = [_fraction(answer) for answer in answers]
    one = clean(question.findtext("single", "true")).lower() in ("true", "1")
    best = max(weights, default=0)
    if one and 0 < best < 99.99:
        told.lost(_("Points in part"))
    rights = [weight > 0 and (weight >= best or not one) for weight in weights]
    options = [
        ItemOption(told(answer), correct=right, feedback=told(answer.find("feedback")))
        for answer, right in zip(answers, rights, strict=True)
    ]
    tell_partial(options, weights, told.lost)
    return only_first(options, told.lost) if one else options


def _fraction(answer: Element) -> float:
    try:
        return float(answer.get("fraction", "0").replace(",", "."))
    except ValueError as error:
        raise NotCarried(_("its points cannot be read.")) from error


def _truth(question: Element, told: _Teller) -> list[ItemOption]:
    answers = {clean(_said(answer)).lower(): answer for answer in question.findall("answer")}
    if not answers.keys() >= {"true", "false"}:
        raise NotCarried(_("it lacks true or false."))
    of_true, of_false = (told(answers[said].find("feedback")) for said in ("true", "false"))
    return true_or_false(_fraction(answers["true"]) > 0, of_true, of_false)


def _pairs(question: Element, told: _Teller) -> list[ItemOption]:
    return [
        ItemOption(told(pair), told(pair.find("answer")), feedback=told(pair.find("feedback")))
        for pair in question.findall("subquestion")
    ]


def _steps(question: Element, told: _Teller) -> list[ItemOption]:
    return [ItemOption(told(step), feedback=told(step.find("feedback"))) for step in question.findall("answer")]


_OPTIONS = {
    "multichoice": _choices,
    "truefalse": _truth,
    "matching": _pairs,
    "ddmatch": _pairs,
    "ordering": _steps,
}


def _picture(question: Element, shown: list[Shown], lost: Callable[[str], None]) -> ItemPicture | None:
    """The first picture of the question; Moodle 1.9 kept it beside the text. Raises QuestionFileWrong for a bad one."""
    files = {file.get("name", ""): file.text or "" for file in question.findall("questiontext/file")}
    old = question.findtext("image_base64", "")
    if old.strip():
        files["image"] = old
        shown = [Shown(f"{_FILES}image", ""), *shown]
    found = None
    for one in shown:
        content = _content(one.source, files)
        if content is None or found:
            lost(_("Pictures that are not in the file, or more than one"))
        else:
            found = ItemPicture(content, one.alt)
    return found


def _content(source: str, files: dict[str, str]) -> bytes | None:
    """The bytes of a picture; nothing for what is elsewhere, or of a kind that the bank does not take."""
    name = unquote(source.removeprefix(_FILES)).partition("?")[0]
    if not source.startswith(_FILES) or name not in files or not (name == "image" or _is_picture(name)):
        return None
    try:
        content = base64.b64decode("".join(files[name].split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise QuestionFileWrong(_("A picture in the file cannot be read. Nothing was changed.")) from error
    return checked(content)


def _is_picture(name: str) -> bool:
    return name.lower().endswith(_PICTURE_NAMES)


# What Moodle asks for that has no place here, and what it says where nothing was asked for.
_USUAL = {
    "defaultgrade": {"1", ""},
    "penalty": {"0", "0.1", "0.3333333", "1", ""},
    "hidden": {"0", ""},
}


def _tell_the_rest(question: Element, lost: Callable[[str], None]) -> None:
    said = {name: clean(question.findtext(name, "")).rstrip("0").rstrip(".") or "0" for name in _USUAL}
    if said["defaultgrade"] not in ("1", "0") or said["penalty"] not in _USUAL["penalty"]:
        lost(_("Points and deductions: here a question is right or wrong"))
    if said["hidden"] == "1":
        lost(_("That it was hidden"))
    if any(clean(_said(hint)) for hint in question.findall("hint")):
        lost(_("Hints"))
    summaries = ("correctfeedback", "partiallycorrectfeedback", "incorrectfeedback")
    if any(clean(_said(question.find(name))) for name in summaries):
        lost(_("Feedback to right, partly right and wrong answers as a whole"))
    if clean(question.findtext("shuffleanswers", "")).lower() in ("false", "0"):
        lost(_("That the options stand in their order: here they are mixed"))


# Out


def write(items: list[Item]) -> Written:
    losses, root, topic = Losses(), Element("quiz"), ""
    for number, item in enumerate(sorted(items, key=lambda item: item.topic), start=1):
        if item.topic != topic:
            topic = item.topic
            category = SubElement(root, "question", type="category")
            _text(category, "category", category_of(topic))
        root.append(_question(item))
        if item.kind in PLACING and any(option.feedback for option in item.options):
            losses.part(number, item.text, _("Feedback to each thing (kept in the file, but not shown in Moodle)"))
    indent(root)
    return Written(tostring(root, encoding="utf-8", xml_declaration=True), losses.told())


def _text(parent: Element, name: str, text: str, form: str = "") -> Element:
    """An element that tells a text."""
    element = SubElement(parent, name, {"format": form} if form else {})
    SubElement(element, "text").text = text
    return element


_PLAIN = "plain_text"
_TYPES = {Kind.MATCH: "matching", Kind.SORT: "matching", Kind.ORDER: "ordering"}


def _question(item: Item) -> Element:
    question = Element("question", type=_TYPES.get(item.kind, "multichoice"))
    _text(question, "name", Truncator(" ".join(item.text.split())).chars(80))
    if item.picture:
        asked = _text(question, "questiontext", as_html(item.text) + _shown(item.picture), "html")
        file = SubElement(asked, "file", name=item.picture.name, path="/", encoding="base64")
        file.text = base64.b64encode(item.picture.content).decode()
    else:
        _text(question, "questiontext", item.text, _PLAIN)
    _text(question, "generalfeedback", item.feedback, _PLAIN)
    for name, value in {"defaultgrade": "1", "penalty": "0", "hidden": "0", "idnumber": item.key}.items():
        SubElement(question, name).text = value
    SubElement(question, "shuffleanswers").text = "true"
    _WRITERS.get(item.kind, _write_choices)(question, item)
    words = own_words(item, kind=_read_as(item), topic=topic_of(category_of(item.topic)))
    if words:
        tags = SubElement(question, "tags")
        for word in words:
            _text(tags, "tag", word)
    return question


def _read_as(item: Item) -> str:
    return _kind(_TYPES.get(item.kind, ""), list(item.options))


def _shown(picture: ItemPicture) -> str:
    image = Element("img", src=f"{_FILES}{picture.name}", alt=picture.alt)
    return f"<p>{tostring(image, encoding='unicode')}</p>"


def _write_choices(question: Element, item: Item) -> None:
    SubElement(question, "single").text = "true" if item.kind == Kind.SINGLE else "false"
    share = 100 / max(1, sum(option.correct for option in item.options))
    for option in item.options:
        wrong = 0 if item.kind == Kind.SINGLE else -100
        answer = _text(question, "answer", option.text, _PLAIN)
        answer.set("fraction", f"{share if option.correct else wrong:.7g}")
        _text(answer, "feedback", option.feedback, _PLAIN)


def _write_pairs(question: Element, item: Item) -> None:
    for option in item.options:
        pair = _text(question, "subquestion", option.text, _PLAIN)
        _text(pair, "answer", option.place, _PLAIN)
        _text(pair, "feedback", option.feedback, _PLAIN)


def _write_steps(question: Element, item: Item) -> None:
    for name, value in {"layouttype": "VERTICAL", "selecttype": "ALL", "gradingtype": "ALL_OR_NOTHING"}.items():
        SubElement(question, name).text = value
    for number, option in enumerate(item.options, start=1):
        step = _text(question, "answer", option.text, _PLAIN)
        step.set("fraction", str(number))
        _text(step, "feedback", option.feedback, _PLAIN)


_WRITERS = {Kind.MATCH: _write_pairs, Kind.SORT: _write_pairs, Kind.ORDER: _write_steps}
