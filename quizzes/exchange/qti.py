"""QTI 3 of 1EdTech: questions as items in a package with their pictures; a single item is read as well.

What it has no field for is kept as keywords of the item in the manifest.
"""

import io
import posixpath
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from urllib.parse import unquote
from xml.etree.ElementTree import Element, SubElement, tostring

from django.utils.text import Truncator
from django.utils.translation import gettext as _

from learning.access.pictures import PICTURES
from learning.archives import UNREADABLE, Archive, ArchiveTooBig
from quizzes.grading import PLACING, Kind

from .items import (
    MOST_BYTES,
    MOST_PICTURE,
    MOST_QUESTIONS,
    Item,
    ItemOption,
    ItemPicture,
    NotCarried,
    QuestionFileWrong,
    Read,
    Source,
    Written,
    checked,
    choosing_kind,
    clean,
    gathered,
    only_first,
    own_words,
    placing_kind,
    tell_partial,
    unknown_kind,
    with_own_words,
)
from .texts import Plain, Shown, as_element, local, named, parsed

NAME, ENDING = "QTI 3", "zip"

ITEM, MANIFEST = "qti-assessment-item", "imsmanifest.xml"
MOST_FILES = 3 * MOST_QUESTIONS
MOST_XML = 10_000_000
_ID = "q-"  # an identifier begins with a letter, and a key need not
_EXPLANATION = "explanation"
_INTERACTION = re.compile(r"qti-[a-z-]+-interaction")
_CHOICES = ("qti-simple-choice", "qti-simple-associable-choice")
_FEEDBACK = ("qti-feedback-inline", "qti-feedback-block", "qti-modal-feedback")
_OLD = ("assessmentItem", "questestinterop", "item")


def read(content: bytes) -> Read:
    if not content.startswith(b"PK"):
        root = parsed(content)
        return gathered([_source(root, [], lambda path: None)])
    try:
        archive = Archive(content, most_bytes=MOST_BYTES, most_files=MOST_FILES)
        return gathered(_sources(archive))
    except ArchiveTooBig as error:
        raise QuestionFileWrong(_("The package is too big to hold questions. Nothing was changed.")) from error
    except (*UNREADABLE, KeyError) as error:
        raise QuestionFileWrong(
            _("This is no whole package of QTI: a file in it is missing or cannot be read. Nothing was changed.")
        ) from error


def _sources(archive: Archive) -> Iterator[Source]:
    manifest = parsed(archive.read(MANIFEST, MOST_XML))
    for resource in named(manifest, "resource"):
        kind = resource.get("type", "")
        if kind.startswith("imsqti_item_xmlv2"):
            raise _older()
        if kind.startswith("imsqti_item"):
            path = _path("", resource.get("href", ""))
            words = ["".join(keyword.itertext()) for keyword in named(resource, "keyword")]
            folder = posixpath.dirname(path)
            yield _source(parsed(archive.read(path, MOST_XML)), words, partial(_picture, archive, folder))


def _older() -> QuestionFileWrong:
    return QuestionFileWrong(_("The file is QTI of an older version; only QTI 3 is read. Nothing was changed."))


def _path(folder: str, address: str) -> str:
    """The name in the package of what an address there points at. Raises KeyError for anything outside of it."""
    path = posixpath.normpath(posixpath.join(folder, unquote(address)))
    if path.startswith(("/", "..")) or "\\" in path or ":" in path:
        raise KeyError(address)
    return path


def _picture(archive: Archive, folder: str, shown: Shown) -> ItemPicture | None:
    """The picture, if it is in the package and of a kind that the bank takes."""
    if ":" in shown.source or posixpath.splitext(shown.source)[1].lower() not in _ENDINGS:
        return None
    path = _path(folder, shown.source)
    if path not in archive.names:
        return None
    return ItemPicture(checked(archive.read(path, MOST_PICTURE)), shown.alt)


_ENDINGS = {".jpeg", *(f".{ending}" for ending in PICTURES.values())}


def _source(root: Element, words: list[str], picture: Callable) -> Source:
    if local(root.tag) in _OLD:
        raise _older()
    if local(root.tag) != ITEM:
        raise QuestionFileWrong(_("The file is XML, but holds no questions of QTI 3. Nothing was changed."))
    name = clean(root.get("title", "")) or root.get("identifier", "")
    return name, partial(_item, root, words, picture)


def _item(root: Element, words: list[str], picture: Callable, lost: Callable[[str], None]) -> Item:
    body = next(named(root, "qti-item-body"), None)
    interactions = [one for one in root.iter() if _INTERACTION.fullmatch(local(one.tag))]
    if body is None or not interactions:
        raise NotCarried(_("it asks nothing: it is a description."))
    if len(interactions) > 1:
        raise NotCarried(_("it asks several things at once."))
    interaction = interactions[0]
    read_options = _READERS.get(local(interaction.tag))
    if read_options is None:
        raise unknown_kind(local(interaction.tag).removeprefix("qti-"))
    asked = Plain().element(body, lambda tag: tag in (*_CHOICES, *_FEEDBACK))
    told = _Feedback(root, interaction, lost)
    kind, options = read_options(interaction, _declared(root, interaction), told, lost)
    told.tell_the_rest()
    for what in asked.lost:
        lost(what)
    item = Item(
        kind=kind,
        text=asked.text,
        options=tuple(options),
        feedback=told.explanation,
        key=root.get("identifier", "").removeprefix(_ID),
        picture=_first(asked.pictures, picture, lost),
    )
    item = with_own_words(item, words, lost)
    return replace(item, options=tuple(replace(o, place="") for o in options)) if item.kind == Kind.ORDER else item


def _first(shown: list[Shown], picture: Callable, lost: Callable[[str], None]) -> ItemPicture | None:
    found = None
    for one in shown:
        made = None if found else picture(one)
        if made is None:
            lost(_("Pictures that are not in the file, or more than one"))
        found = found or made
    return found


def _declared(root: Element, interaction: Element) -> tuple[list[str], dict[str, float]]:
    """What is right, and the points of each answer."""
    name = interaction.get("response-identifier")
    for declaration in named(root, "qti-response-declaration"):
        if declaration.get("identifier") == name:
            correct = next(named(declaration, "qti-correct-response"), None)
            values = [] if correct is None else [clean(value.text or "") for value in named(correct, "qti-value")]
            return values, dict(_points(named(declaration, "qti-map-entry")))
    return [], {}


def _points(entries: Iterable[Element]) -> Iterator[tuple[str, float]]:
    for entry in entries:
        try:
            yield clean(entry.get("map-key", "")), float(entry.get("mapped-value", "0"))
        except ValueError as error:
            raise NotCarried(_("its points cannot be read.")) from error


class _Feedback:
    """What is said to each choice, and to everybody; what is said on other conditions is told as lost."""

    def __init__(self, root: Element, interaction: Element, lost: Callable[[str], None]):
        self.lost, self.found = lost, {}
        for element in root.iter():
            if local(element.tag) in _FEEDBACK:
                said = Plain().element(element)
                self.found.setdefault(element.get("identifier", ""), []).append(said)

    def of(self, identifier: str) -> str:
        said = self.found.pop(identifier, [])
        for what in (what for plain in said for what in plain.lost):
            self.lost(what)
        if any(plain.pictures for plain in said):
            self.lost(_("Pictures elsewhere than in the question"))
        return clean("\n".join(plain.text for plain in said))

    def tell_the_rest(self) -> None:
        self.explanation = self.of(_EXPLANATION)
        if self.found:
            self.lost(_("Feedback to right, partly right and wrong answers as a whole"))


def _words(choice: Element, lost: Callable[[str], None]) -> str:
    said = Plain().element(choice, lambda tag: tag in _FEEDBACK)
    for what in said.lost:
        lost(what)
    if said.pictures:
        lost(_("Pictures elsewhere than in the question"))
    return said.text


def _choices(interaction, declared, feedback, lost) -> tuple[str, list[ItemOption]]:
    right, points = declared
    if not right:
        right = [answer for answer, worth in points.items() if worth > 0]
    options, weights = [], []
    for choice in named(interaction, "qti-simple-choice"):
        name = choice.get("identifier", "")
        options.append(ItemOption(_words(choice, lost), correct=name in right, feedback=feedback.of(name)))
        weights.append(points.get(name, 0.0))
    tell_partial(options, weights if points else [0.0] * len(options), lost)
    if interaction.get("max-choices", "1") == "1":
        options = only_first(options, lost)
    return choosing_kind(options), options


def _steps(interaction, declared, feedback, lost) -> tuple[str, list[ItemOption]]:
    choices = {choice.get("identifier", ""): choice for choice in named(interaction, "qti-simple-choice")}
    right = declared[0]
    if sorted(right) != sorted(choices):
        raise NotCarried(_("it does not say the place of each step."))
    return Kind.ORDER, [ItemOption(_words(choices[name], lost), feedback=feedback.of(name)) for name in right]


def _pairs(interaction, declared, feedback, lost) -> tuple[str, list[ItemOption]]:
    """Each thing with its place, and then the places that nothing belongs to."""
    sets = list(named(interaction, "qti-simple-match-set")) or [interaction]
    choices = [{c.get("identifier", ""): c for c in named(one, "qti-simple-associable-choice")} for one in sets]
    pairs = [pair.split() for pair in declared[0]]
    if any(len(pair) != 2 or pair[0] not in choices[0] or pair[1] not in choices[-1] for pair in pairs):
        raise NotCarried(_("its pairs cannot be read."))
    placed = dict(pairs)
    if len(placed) < len(pairs) or (len(sets) == 2 and placed.keys() != choices[0].keys()):
        raise NotCarried(_("a thing in it has several places, or none."))
    words = {name: _words(choice, lost) for one in choices for name, choice in one.items()}
    names = list(choices[0]) if len(sets) == 2 else list(placed)
    options = [ItemOption(words[name], words[placed[name]], feedback=feedback.of(name)) for name in names]
    taken = {*placed, *placed.values()} if len(sets) == 1 else set(placed.values())
    options += [ItemOption(place=words[n], feedback=feedback.of(n)) for n in choices[-1] if n not in taken]
    return placing_kind(options), options


_READERS = {
    "qti-choice-interaction": _choices,
    "qti-order-interaction": _steps,
    "qti-match-interaction": _pairs,
    "qti-associate-interaction": _pairs,
}


# Out

_MOMENT = (2020, 1, 1, 0, 0, 0)  # the same questions give the same file
_ASI = "http://www.imsglobal.org/xsd/imsqtiasi_v3p0"
_CP = "http://www.imsglobal.org/xsd/qti/qtiv3p0/imscp_v1p1"
_LOM = "http://ltsc.ieee.org/xsd/LOM"


def write(items: list[Item]) -> Written:
    manifest = Element("manifest", {"xmlns": _CP, "xmlns:lom": _LOM, "identifier": "kunskapslaget"})
    metadata = SubElement(manifest, "metadata")
    SubElement(metadata, "schema").text = "QTI Package"
    SubElement(metadata, "schemaversion").text = "3.0.0"
    SubElement(manifest, "organizations")
    resources = SubElement(manifest, "resources")
    files = {}
    for item in sorted(items, key=lambda item: item.topic):
        path = f"items/{_ID}{item.key}.xml"
        files[path] = _xml(_written(item))
        resource = _resource(resources, item, path)
        if item.picture:
            files[f"media/{item.picture.name}"] = item.picture.content
            SubElement(resource, "file", href=f"media/{item.picture.name}")
    return Written(_zipped({MANIFEST: _xml(manifest), **files}))


def _xml(element: Element) -> bytes:
    return tostring(element, encoding="utf-8", xml_declaration=True)


def _zipped(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, _MOMENT), content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def _resource(resources: Element, item: Item, path: str) -> Element:
    resource = SubElement(resources, "resource", identifier=f"{_ID}{item.key}", type="imsqti_item_xmlv3p0", href=path)
    words = own_words(item, kind=_read_as(item), topic="")
    if words:
        general = SubElement(SubElement(SubElement(resource, "metadata"), "lom:lom"), "lom:general")
        for word in words:
            SubElement(SubElement(general, "lom:keyword"), "lom:string").text = word
    SubElement(resource, "file", href=path)
    return resource


def _read_as(item: Item) -> str:
    if item.kind == Kind.ORDER:
        return Kind.ORDER
    return placing_kind(item.options) if item.kind in PLACING else choosing_kind(item.options)


def _written(item: Item) -> Element:
    named_options = [(f"c{number}", option) for number, option in enumerate(item.options, start=1)]
    root = Element(
        ITEM,
        {
            "xmlns": _ASI,
            "identifier": f"{_ID}{item.key}",
            "title": Truncator(" ".join(item.text.split())).chars(80),
            "adaptive": "false",
            "time-dependent": "false",
        },
    )
    cardinality, base = _CARDINALITY[item.kind]
    response = SubElement(
        root, "qti-response-declaration", {"identifier": "RESPONSE", "cardinality": cardinality, "base-type": base}
    )
    correct = SubElement(response, "qti-correct-response")
    places = _places(named_options)
    for name, option in named_options:
        if option.correct or item.kind == Kind.ORDER or (item.kind in PLACING and option.text):
            pair = f"{name} {places[option.place]}" if item.kind in (Kind.MATCH, Kind.SORT) else name
            SubElement(correct, "qti-value").text = pair
    _outcome(root, "SCORE", "single", "float")
    _outcome(root, "FEEDBACK", "multiple", "identifier")
    body = SubElement(root, "qti-item-body")
    body.append(as_element(item.text))
    if item.picture:
        paragraph = SubElement(body, "p")
        SubElement(paragraph, "img", src=f"../media/{item.picture.name}", alt=item.picture.alt)
    _interaction(body, item, named_options, places)
    said = {name: option.feedback for name, option in named_options} | {_EXPLANATION: item.feedback}
    said = {name: text for name, text in said.items() if text}
    _processing(root, list(said) if item.kind in PLACING else [name for name in said if name == _EXPLANATION], item)
    for name, text in said.items():
        modal = SubElement(
            root, "qti-modal-feedback", {"outcome-identifier": "FEEDBACK", "identifier": name, "show-hide": "show"}
        )
        SubElement(modal, "qti-content-body").append(as_element(text))
    return root


_CARDINALITY = {
    Kind.SINGLE: ("single", "identifier"),
    Kind.MULTIPLE: ("multiple", "identifier"),
    Kind.ORDER: ("ordered", "identifier"),
    Kind.MATCH: ("multiple", "directedPair"),
    Kind.SORT: ("multiple", "directedPair"),
}


def _places(options: list[tuple[str, ItemOption]]) -> dict[str, str]:
    """Each place with its identifier: of one that nothing belongs to that of its option, which its feedback has."""
    places = {}
    for name, option in options:
        if not option.text:
            places.setdefault(option.place, name)
    for name, option in options:
        places.setdefault(option.place, f"p{name}")
    return places


def _outcome(root: Element, name: str, cardinality: str, base: str) -> None:
    SubElement(root, "qti-outcome-declaration", {"identifier": name, "cardinality": cardinality, "base-type": base})


def _interaction(body: Element, item: Item, options: list[tuple[str, ItemOption]], places: dict[str, str]) -> None:
    given = {"response-identifier": "RESPONSE", "shuffle": "true"}
    if item.kind in (Kind.MATCH, Kind.SORT):
        things = [(name, option.text) for name, option in options if option.text]
        given["max-associations"] = str(len(things))
        interaction = SubElement(body, "qti-match-interaction", given)
        _match_set(interaction, things, most=1)
        _match_set(interaction, [(name, place) for place, name in places.items()], most=len(things))
        return
    if item.kind != Kind.ORDER:
        given["max-choices"] = str(sum(option.correct for _name, option in options))
    name = "qti-order-interaction" if item.kind == Kind.ORDER else "qti-choice-interaction"
    interaction = SubElement(body, name, given)
    for name, option in options:
        SubElement(interaction, "qti-simple-choice", identifier=name).append(as_element(option.text))


def _match_set(interaction: Element, choices: list[tuple[str, str]], most: int) -> None:
    match_set = SubElement(interaction, "qti-simple-match-set")
    for name, text in choices:
        choice = SubElement(match_set, "qti-simple-associable-choice", {"identifier": name, "match-max": str(most)})
        choice.append(as_element(text))


def _processing(root: Element, always: list[str], item: Item) -> None:
    """A point for exactly what is right; the feedback of what was chosen, and what is told always."""
    processing = SubElement(root, "qti-response-processing")
    then = SubElement(SubElement(processing, "qti-response-condition"), "qti-response-if")
    match = SubElement(then, "qti-match")
    SubElement(match, "qti-variable", identifier="RESPONSE")
    SubElement(match, "qti-correct", identifier="RESPONSE")
    score = SubElement(then, "qti-set-outcome-value", identifier="SCORE")
    SubElement(score, "qti-base-value", {"base-type": "float"}).text = "1"
    told = SubElement(SubElement(processing, "qti-set-outcome-value", identifier="FEEDBACK"), "qti-multiple")
    if item.kind not in PLACING:
        SubElement(told, "qti-variable", identifier="RESPONSE")
    for name in always:
        SubElement(told, "qti-base-value", {"base-type": "identifier"}).text = name
