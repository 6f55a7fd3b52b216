"""Plain text out of HTML and back: paragraphs are lines, and what a line cannot carry is told."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from html import escape
from html.parser import HTMLParser
from xml.etree.ElementTree import Element, ParseError, SubElement, TreeBuilder

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import XMLParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .items import MOST_TEXT, NotCarried, QuestionFileWrong, clean, decoded

MOST_ELEMENTS = 300_000
MOST_DEPTH = 100
MOST_MARKUP = 10 * MOST_TEXT  # characters of a text with its markup

_SPACE = re.compile(r"[ \t\n\r\f]+")
_SILENT = {"script", "style", "head", "template", "annotation", "qti-rubric-block"}
_BLOCKS = {
    *["address", "article", "aside", "blockquote", "center", "dd", "details", "div", "dl", "dt", "fieldset"],
    *["figcaption", "figure", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "ol", "p"],
    *["pre", "section", "summary", "table", "tbody", "tfoot", "thead", "tr", "ul", "qti-prompt", "qti-content-body"],
}
_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
FORMATTING = gettext_lazy("Formatting such as bold")
LOST = {
    **dict.fromkeys(["b", "strong", "i", "em", "u", "s", "del", "sub", "sup", "mark", "font", "code"], FORMATTING),
    **dict.fromkeys(["h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "ruby"], FORMATTING),
    **dict.fromkeys(["audio", "video", "object", "embed", "iframe"], gettext_lazy("Sound, film and embedded pages")),
    **dict.fromkeys(["script", "form", "input", "button", "select", "textarea"], gettext_lazy("Scripts and forms")),
    **dict.fromkeys(["table"], gettext_lazy("Tables (their words stay, cell by cell)")),
    **dict.fromkeys(["math", "svg"], gettext_lazy("Formulas and drawings")),
    **dict.fromkeys(["a"], gettext_lazy("Links (their words stay)")),
    **dict.fromkeys(["qti-rubric-block"], gettext_lazy("Instructions beside the question")),
}


@dataclass(frozen=True)
class Shown:
    """A picture that a text shows: where it is to be found, and what it is said to show."""

    source: str
    alt: str


class Plain(HTMLParser):
    """Reads HTML, or elements of XML, as lines of text."""

    def __init__(self):
        super().__init__()
        self.lines, self.line = [], ""
        self.lost, self.pictures = [], []
        self.kept, self.silent = 0, 0  # how deep in what keeps its spaces, or says nothing

    def handle_starttag(self, tag, attrs):
        if tag in LOST:
            self.lost.append(LOST[tag])
        if tag in _SILENT:
            self.silent += 1
        elif tag == "br":
            self._end()
        elif tag == "img":
            given = {name: value or "" for name, value in attrs}
            self.pictures.append(Shown(given.get("src", ""), clean(given.get("alt", ""))))
        elif tag in _BLOCKS:
            self._block()
            self.kept += tag == "pre"
            self.line += "– " if tag == "li" else ""
        elif tag in ("td", "th"):
            self.handle_data(" ")

    def handle_endtag(self, tag):
        if tag in _SILENT:
            self.silent = max(0, self.silent - 1)
        elif tag in _BLOCKS:
            self._block()
            self.kept -= tag == "pre" and self.kept > 0

    def handle_data(self, data):
        if self.silent:
            return
        if self.kept:
            first, *rest = data.split("\n")
            self.line += first
            for line in rest:
                self._end()
                self.line = line
            return
        data = _SPACE.sub(" ", data)
        self.line += data[1:] if data.startswith(" ") and self.line[-1:] in ("", " ") else data

    def _end(self) -> None:
        self.lines.append(self.line if self.kept else self.line.rstrip(" "))
        self.line = ""

    def _block(self) -> None:
        if self.line.strip():
            self._end()
        self.line = ""

    def element(self, element: Element, skipped: Callable[[str], bool] = lambda tag: False) -> "Plain":
        """Read an element of XML with all in it but those elements that are skipped."""
        tag = local(element.tag)
        if skipped(tag):
            return self
        self.handle_starttag(tag, [(local(name), value) for name, value in element.attrib.items()])
        self.handle_data(element.text or "")
        for child in element:
            self.element(child, skipped)
            self.handle_data(child.tail or "")
        if tag not in _VOID:
            self.handle_endtag(tag)
        return self

    @property
    def text(self) -> str:
        return clean("\n".join([*self.lines, self.line]))


def plain_of(html: str) -> Plain:
    """What the HTML says. Raises NotCarried for what is too long or cannot be read."""
    if len(html) > MOST_MARKUP:
        raise NotCarried(_("a text is longer than %(most)d characters.") % {"most": MOST_TEXT})
    plain = Plain()
    try:
        plain.feed(_only_tags(html))
        plain.close()
    except AssertionError as error:  # which the parser raises for declarations that there are none of
        raise NotCarried(_("a text is HTML that cannot be read.")) from error
    return plain


# The parser looks to the end for the end of each of these, which takes long where there are many and none ends.
_SECTION = re.compile(r"<!\[[^<>]*>")
_NO_TAG = re.compile(r"<(?![a-zA-Z/!?][^<>]*>)")


def _only_tags(html: str) -> str:
    """The HTML without comments; signs that begin no tag stand as themselves."""
    kept = []
    before, comment, rest = html.partition("<!--")
    while comment:
        kept.append(before)
        _said, _end, html = rest.partition("-->")
        before, comment, rest = html.partition("<!--")
    return _NO_TAG.sub("&lt;", _SECTION.sub("", "".join([*kept, before])))


# What stands in texts that may be either, as Moodle's own: signs of HTML that nobody writes by chance.
_MARKUP = re.compile(
    r"</?(?:p|br|b|i|u|em|strong|span|div|img|a|ul|ol|li|su[bp]|h[1-6]|table|t[rdh]|pre|code|font|script|style)"
    r"(?:\s[^<>]*)?/?>|&(?:[a-z]{2,8}|#\d{1,7});",
    re.IGNORECASE,
)


def either(text: str) -> Plain:
    """What the text says, which may be plain or HTML."""
    if _MARKUP.search(text):
        return plain_of(text.replace("\n", "<br>"))
    return as_is(text)


def as_is(text: str) -> Plain:
    """The text, taken by its letters."""
    plain = Plain()
    plain.line = text
    return plain


def as_element(text: str) -> Element:
    """The text as an element of HTML that is read as the same text."""
    paragraph = Element("p")
    paragraph.text, *rest = text.split("\n")
    for line in rest:
        SubElement(paragraph, "br").tail = line
    if Plain().element(paragraph).text == text:
        return paragraph
    kept = Element("pre")
    kept.text = text
    return kept


def as_html(text: str) -> str:
    """The text as HTML that is read as the same text."""
    html = "<p>" + escape(text, quote=False).replace("\n", "<br>") + "</p>"
    return html if plain_of(html).text == text else f"<pre>{escape(text, quote=False)}</pre>"


# XML


class _Bounded(TreeBuilder):
    """Builds no more, and nothing deeper, than any file of questions is."""

    def __init__(self):
        super().__init__()
        self.number = self.depth = 0

    def start(self, tag, attrs):
        self.number += 1
        self.depth += 1
        if self.number > MOST_ELEMENTS or self.depth > MOST_DEPTH:
            raise QuestionFileWrong(_("The file is too big or too deep to hold questions. Nothing was changed."))
        return super().start(tag, attrs)

    def end(self, tag):
        self.depth -= 1
        return super().end(tag)


def parsed(content: bytes, notes: list[str] | None = None) -> Element:
    """The root of the XML. Raises QuestionFileWrong for what is none, and for one that declares anything."""
    parser = XMLParser(target=_Bounded(), forbid_dtd=True)
    try:
        parser.feed(_DECLARATION.sub("", decoded(content, notes).lstrip(), count=1))
        return parser.close()
    except DefusedXmlException as error:
        raise QuestionFileWrong(
            _("The file declares things of its own (DOCTYPE or entities), which is not allowed. Nothing was changed.")
        ) from error
    except (ParseError, ValueError, AssertionError) as error:
        line = getattr(error, "position", (1, 0))[0]
        raise QuestionFileWrong(
            _("The file is no whole XML: it breaks off or goes wrong on line %(line)d. Nothing was changed.")
            % {"line": line}
        ) from error


_DECLARATION = re.compile(r"\A<\?xml[^>]{0,200}\?>")


def local(name: str) -> str:
    """The name without its namespace; comments have none."""
    return name.rpartition("}")[2] if isinstance(name, str) else ""


def named(element: Element, name: str) -> Iterable[Element]:
    """The elements of the name below the element, at any depth."""
    return (one for one in element.iter() if local(one.tag) == name)
