"""Question files: what goes out comes in as it was, and whatever comes in is read or refused."""

import base64
import io
import time
import tracemalloc
import zipfile
from dataclasses import replace

import pytest
from django.utils.translation import pgettext
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from quizzes.exchange import gift, items, moodle, qti, services, texts
from quizzes.exchange.items import Item, ItemOption, ItemPicture, QuestionFileWrong, clean, tidied
from quizzes.grading import Kind

each_format = pytest.mark.parametrize("form", [gift, moodle, qti], ids=lambda form: form.NAME)


def picture(form: str = "PNG") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (4, 4), "red").save(file, form)
    return file.getvalue()


# Texts with all that means something in one of the formats.
SIGNS = ["~", "=", "#", "{", "}", ":", "\\", "\\n", "->", "::", "####", "//", "%50%", "[html]", "[plain]", "{T}", "/"]
SIGNS += [
    "<b>",
    "</text>",
    "<![CDATA[",
    "]]>",
    "&amp;",
    "&",
    "<!-- ",
    "--",
    "<br>",
    "\n",
    "\n\n\n",
    "  ",
    "\t",
    "\u00a0",
]
SIGNS += ["å", "→", "🙂", "\u2028", '"', "'", "@@PLUGINFILE@@/", "kunskapslaget:level=apply", "$CATEGORY: x", "//x"]
PIECES = st.one_of(st.sampled_from(SIGNS), st.text(max_size=8))
SAID = st.lists(PIECES, max_size=6).map("".join).map(clean)
WORDS = SAID.map(lambda text: clean(text[:60])).filter(bool)
RIGHT = {Kind.SINGLE: 1, Kind.MULTIPLE: 2}


@st.composite
def questions(draw) -> Item:
    """A question of any kind, with everything that can be told of one."""
    kind = draw(st.sampled_from(sorted(Kind)))
    number = draw(st.integers(2, 5))
    right = draw(st.permutations([n < RIGHT.get(kind, 0) for n in range(number)]))
    words = draw(st.lists(WORDS, min_size=number, max_size=number))
    places = [""] * number
    if kind in (Kind.MATCH, Kind.SORT):
        places = draw(st.lists(WORDS, min_size=number, max_size=number, unique=kind == Kind.MATCH))
        words[-1] = draw(st.sampled_from(["", words[-1]]))
    options = [ItemOption(*one, draw(SAID)) for one in zip(words, places, right, strict=True)]
    item = Item(
        kind=kind,
        text=draw(SAID.filter(bool)),
        options=tuple(options),
        feedback=draw(SAID),
        topic=draw(st.just("") | WORDS),
        objective=draw(st.just("") | WORDS),
        level=draw(st.sampled_from(["", "remember", "apply"])),
        must_pass=draw(st.booleans()),
        key=draw(st.from_regex(r"\A[-a-zA-Z0-9_]{1,40}\Z")),
        picture=draw(st.none() | WORDS.map(lambda alt: ItemPicture(picture(), alt))),
    )
    return tidied(item)


@each_format
@given(item=questions())
def test_what_goes_out_comes_in_as_it_was(form, item):
    out = form.write([item])
    read = services.read(out.content)
    assert read.items == [replace(item, picture=None) if form is gift else item]
    assert read.left_out == []
    assert bool(item.picture) == any("1 ”" in words for words in out.left_out) or form is not gift


def asked(item: Item) -> tuple:
    """What is asked, and what is right: a set for choices, the order or the pairs for things to place."""
    places = item.kind in (Kind.MATCH, Kind.SORT)
    return item.kind, item.text, [(o.text, o.place) if places else o.text for o in item.options if o.correct or places
                                  or item.kind == Kind.ORDER]  # fmt: skip


# GIFT as people and Moodle write it

GIFT = """\ufeff// Skriven för hand\r
\r
$CATEGORY: $course$/top/Standard för VBE/Första linjen\r
\r
// question: 12  name: Klotter\r
::Klotter::[html]<p>Vad gör du <b>först</b>?</p><p>Välj ett.</p>{\r
\t=Berättar\\: för chefen#Bra. a \\= b\r
\t~%50%Fotograferar#Nästan\r
\t~[plain]River <b>ner</b>\r
\t####Det hjälper att märka.\r
}\r
\r
Två rätt {\r
~%50%Märka ~%50%Berätta

~%-100%Förhöra }\r
\r
Jorden är rund.{TRUE#Nej, det är den inte.#Ja.}\r
\r
Ring {~113 =112} vid fara.\r
\r
Para ihop.{=Brott -> Polisen =Oro -> Socialtjänsten = -> Hemvärnet}\r
\r
Sortera.{=A -> 1 =B -> 1 =C -> 2}\r
\r
Skriv.{}\r
\r
När?{#1822:1}\r
\r
Vem?{=ingen =%50%någon}\r
\r
Bara en text.\r
\r
::Trasig::Glömd klammer{=a ~b\r
\r
::Efter::Nästa?{=ja ~nej}
"""


def test_gift_is_read_as_people_and_moodle_write_it():
    read = gift.read(GIFT.encode())
    assert [asked(item) for item in read.items] == [
        (Kind.SINGLE, "Vad gör du först?\nVälj ett.", ["Berättar: för chefen"]),
        (Kind.MULTIPLE, "Två rätt", ["Märka", "Berätta"]),
        (Kind.SINGLE, "Jorden är rund.", [pgettext("answer", "True")]),
        (Kind.SINGLE, "Ring _____ vid fara.", ["112"]),
        (Kind.MATCH, "Para ihop.", [("Brott", "Polisen"), ("Oro", "Socialtjänsten"), ("", "Hemvärnet")]),
        (Kind.SORT, "Sortera.", [("A", "1"), ("B", "1"), ("C", "2")]),
        (Kind.SINGLE, "Nästa?", ["ja"]),
    ]
    first, truth = read.items[0], read.items[2]
    assert (first.topic, first.feedback) == ("Standard för VBE / Första linjen", "Det hjälper att märka.")
    assert [option.feedback for option in first.options] == ["Bra. a = b", "Nästan", ""]
    assert first.options[2].text == "River <b>ner</b>"
    assert [option.feedback for option in truth.options] == ["Ja.", "Nej, det är den inte."]
    # Formatting and half points of the first, and six questions that have no equal or are broken.
    assert sum("”Klotter”" in words for words in read.left_out) == 2
    assert [number for number in range(1, 13) if any(f" {number} ”" in words for words in read.left_out)] == [
        *[1, 7, 8, 9, 10, 11]
    ]


def test_a_file_in_the_letters_of_windows_is_read_and_that_is_told():
    read = gift.read("Är åsikten straffbar?{F}".encode("cp1252"))
    assert read.items[0].text == "Är åsikten straffbar?"
    assert "Windows-1252" in read.left_out[0]
    assert gift.read("Är det?{F}".encode("utf-16")).items[0].text == "Är det?"


# Moodle XML as sites write it

MOODLE = """<?xml version="1.0" encoding="UTF-8"?>
<quiz>
<!-- question: 0  -->
  <question type="category">
    <category><text>$course$/top/Standard för VBE//Kris/Skola</text></category>
    <info format="moodle_auto_format"><text>Standardkategori.</text></info>
    <idnumber></idnumber>
  </question>
<!-- question: 31  -->
  <question type="multichoice">
    <name><text>Bilden</text></name>
    <questiontext format="html">
      <text><![CDATA[<p dir="ltr" style="text-align: left;">Vad visar&nbsp;bilden?<br></p>
<p><img src="@@PLUGINFILE@@/Min%20bild.png" alt="Ett märke" width="4" height="4"></p>]]></text>
<file name="Min bild.png" path="/" encoding="base64">PICTURE</file>
    </questiontext>
    <generalfeedback format="html"><text><![CDATA[<ul><li>Ett</li><li>Två</li></ul>]]></text></generalfeedback>
    <defaultgrade>2.0000000</defaultgrade>
    <penalty>0.3333333</penalty>
    <hidden>0</hidden>
    <idnumber>bild-1</idnumber>
    <single>true</single>
    <shuffleanswers>true</shuffleanswers>
    <answernumbering>abc</answernumbering>
    <correctfeedback format="html"><text>Ditt svar är rätt.</text></correctfeedback>
    <shownumcorrect/>
    <answer fraction="100" format="html"><text><![CDATA[<p>En symbol<br></p>]]></text>
      <feedback format="html"><text><![CDATA[<p>Ja.</p>]]></text></feedback></answer>
    <answer fraction="50" format="moodle_auto_format"><text>Ett tecken &lt; 3</text>
      <feedback format="html"><text></text></feedback></answer>
    <answer fraction="0" format="html"><text><![CDATA[Inget <script>alert(1)</script>]]></text></answer>
    <hint format="html"><text>Titta noga.</text><shownumcorrect/></hint>
    <tags><tag><text>bild</text></tag></tags>
  </question>
  <question type="multichoice">
    <name><text>Flera</text></name>
    <questiontext format="plain_text"><text>Välj två &lt;b&gt;</text></questiontext>
    <single>false</single>
    <answer fraction="33.33333"><text>A</text></answer>
    <answer fraction="33.33333"><text>B</text></answer>
    <answer fraction="33.33333"><text>C</text></answer>
    <answer fraction="-50"><text>D</text></answer>
  </question>
  <question type="truefalse">
    <name><text>Sant</text></name>
    <questiontext format="html"><text>Åsikter är straffbara.</text></questiontext>
    <answer fraction="0" format="moodle_auto_format"><text>true</text><feedback><text>Nej.</text></feedback></answer>
    <answer fraction="100" format="moodle_auto_format"><text>false</text><feedback><text>Just det.</text></feedback>
    </answer>
  </question>
  <question type="matching">
    <name><text>Par</text></name>
    <questiontext format="html"><text>Para.</text></questiontext>
    <subquestion format="html"><text><![CDATA[<p>Oro</p>]]></text><answer><text>Chefen</text></answer></subquestion>
    <subquestion format="html"><text></text><answer><text>Ingen</text></answer></subquestion>
    <subquestion format="html"><text>Fara</text><answer><text>112</text></answer></subquestion>
  </question>
  <question type="ordering">
    <name><text>Steg</text></name>
    <questiontext format="html"><text>Ordna.</text></questiontext>
    <layouttype>VERTICAL</layouttype>
    <answer fraction="1.0000000" format="html"><text>Märk</text></answer>
    <answer fraction="1.0000000" format="html"><text>Berätta</text></answer>
    <answer fraction="1.0000000" format="html"><text>Gå vidare</text></answer>
  </question>
  <question type="essay"><name><text>Uppsats</text></name><questiontext><text>Skriv.</text></questiontext></question>
  <question type="cloze"><questiontext><text>Lucka {1:SHORTANSWER:=a}</text></questiontext></question>
</quiz>"""


def test_moodle_xml_is_read_as_sites_write_it():
    content = picture()
    read = moodle.read(MOODLE.replace("PICTURE", base64.b64encode(content).decode()).encode())
    assert [asked(item) for item in read.items] == [
        (Kind.SINGLE, "Vad visar\u00a0bilden?", ["En symbol"]),
        (Kind.MULTIPLE, "Välj två <b>", ["A", "B", "C"]),
        (Kind.SINGLE, "Åsikter är straffbara.", [pgettext("answer", "False")]),
        (Kind.MATCH, "Para.", [("Oro", "Chefen"), ("Fara", "112"), ("", "Ingen")]),
        (Kind.ORDER, "Ordna.", ["Märk", "Berätta", "Gå vidare"]),
    ]
    first = read.items[0]
    assert first.picture == ItemPicture(content, "Ett märke")
    assert (first.key, first.topic, first.feedback) == ("bild-1", "Standard för VBE/Kris / Skola", "– Ett\n– Två")
    assert [option.text for option in first.options] == ["En symbol", "Ett tecken < 3", "Inget"]
    # Points, points in part, hints, tags, the summary and the script of the first; essay and gaps have no equal.
    assert sum("”Bilden”" in words for words in read.left_out) == 6
    assert sum("”Uppsats”" in words or "Lucka" in words for words in read.left_out) == 2
    assert len(read.left_out) == 8


def test_a_question_of_moodle_1_9_has_its_picture_beside_its_text():
    old = MOODLE.replace(
        "</questiontext>", f"</questiontext><image_base64>{base64.b64encode(picture()).decode()}\n</image_base64>"
    )
    read = moodle.read(old.replace("PICTURE", "").replace('<img src="@@PLUGINFILE@@/Min%20bild.png"', "<i").encode())
    assert read.items[1].picture.content == picture()


# QTI 3 as its examples are

ITEM = """<?xml version="1.0" encoding="UTF-8"?>
<qti-assessment-item xmlns="http://www.imsglobal.org/xsd/imsqtiasi_v3p0" identifier="ITEM" title="Prov">
  <qti-response-declaration identifier="RESPONSE" cardinality="multiple" base-type="identifier">
    <qti-correct-response>RIGHT</qti-correct-response>
  </qti-response-declaration>
  <qti-item-body><div><p>Inledning.</p><img src="../bild.png" alt="Märket"/></div>BODY</qti-item-body>
</qti-assessment-item>"""


def qti_item(body: str, *right: str) -> str:
    values = "".join(f"<qti-value>{value}</qti-value>" for value in right)
    return ITEM.replace("BODY", body).replace("RIGHT", values)


def package(*found: str, **files: bytes) -> bytes:
    resources = "".join(
        f'<resource identifier="i{n}" type="imsqti_item_xmlv3p0" href="items/i{n}.xml"/>' for n in range(len(found))
    )
    manifest = f'<manifest xmlns="http://www.imsglobal.org/xsd/qti/qtiv3p0/imscp_v1p1">{resources}</manifest>'
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("imsmanifest.xml", manifest)
        for n, item in enumerate(found):
            archive.writestr(f"items/i{n}.xml", item)
        for name, content in files.items():
            archive.writestr(name.replace("__", "."), content)
    return packed.getvalue()


CHOICE = """<qti-choice-interaction response-identifier="RESPONSE" max-choices="1"><qti-prompt>Vilket?</qti-prompt>
<qti-simple-choice identifier="A">Detta<qti-feedback-inline identifier="A" outcome-identifier="F"> Ja <b>rätt</b>.
</qti-feedback-inline></qti-simple-choice><qti-simple-choice identifier="B">Det</qti-simple-choice>
</qti-choice-interaction>"""
ORDER = """<qti-order-interaction response-identifier="RESPONSE"><qti-simple-choice identifier="A">Två
</qti-simple-choice><qti-simple-choice identifier="B">Ett</qti-simple-choice></qti-order-interaction>"""
THINGS = "".join(f'<qti-simple-associable-choice identifier="{n}">{n}</qti-simple-associable-choice>' for n in "ABC")
MATCH = f"""<qti-match-interaction response-identifier="RESPONSE"><qti-simple-match-set>{THINGS}</qti-simple-match-set>
<qti-simple-match-set>{THINGS.replace('"A"', '"D"').replace('"B"', '"E"').replace('"C"', '"F"')}</qti-simple-match-set>
</qti-match-interaction>"""
ASSOCIATE = f'<qti-associate-interaction response-identifier="RESPONSE">{THINGS}</qti-associate-interaction>'
ESSAY = '<qti-extended-text-interaction response-identifier="RESPONSE"/>'


def test_qti_is_read_as_its_examples_are():
    content = package(
        qti_item(CHOICE, "A"),
        qti_item(ORDER, "B", "A"),
        qti_item(MATCH, "A D", "B D", "C E"),
        qti_item(ASSOCIATE, "A C"),
        qti_item(ESSAY),
        qti_item(CHOICE + ORDER, "A"),
        qti_item(MATCH, "A D", "A E"),
        bild__png=picture(),
    )
    read = qti.read(content)
    assert [asked(item) for item in read.items] == [
        (Kind.SINGLE, "Inledning.\nVilket?", ["Detta"]),
        (Kind.ORDER, "Inledning.", ["Ett", "Två"]),
        (Kind.SORT, "Inledning.", [("A", "A"), ("B", "A"), ("C", "B"), ("", "C")]),
        (Kind.MATCH, "Inledning.", [("A", "C"), ("", "B")]),
    ]
    first = read.items[0]
    assert (first.key, first.picture) == ("ITEM", ItemPicture(picture(), "Märket"))
    assert first.options[0].feedback == "Ja rätt."
    assert len(read.left_out) == 4


# Hostile files

BOMB = '<!DOCTYPE quiz [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><quiz>&b;</quiz>'
XXE = '<!DOCTYPE quiz [<!ENTITY x SYSTEM "file:///etc/passwd">]><quiz>&x;</quiz>'
MANY = "<quiz>" + "<question type='essay'/>" * (items.MOST_QUESTIONS + 1) + "</quiz>"


def with_file(content: bytes | str) -> bytes:
    told = content if isinstance(content, str) else base64.b64encode(content).decode()
    return MOODLE.replace("PICTURE", told).encode()


@pytest.mark.parametrize(
    "content",
    [
        *[BOMB.encode(), XXE.encode(), MANY.encode()],
        ("<quiz>" + "<a>" * 100_000).encode(),
        ("<quiz>" + "<a/>" * (texts.MOST_ELEMENTS + 1) + "</quiz>").encode(),
        b"Q?{T}\n\n" * (items.MOST_QUESTIONS + 1),
        *[
            b"x" * (items.MOST_BYTES + 1),
            b"",
            b" \n",
            b"\x00\x01\x02",
            b"PK\x03\x04",
            b"<html/>",
            b"<quiz/>",
            b"<quiz>",
        ],
        *[with_file("%%%"), with_file(b"GIF89a"), with_file("PHN2ZyBvbmxvYWQ9J3goKScvPg==")],
        with_file(picture() + b"<script>alert(1)</script>"),
        b"<questestinterop/>",
        package(qti_item(CHOICE, "A"), bild__png=b"ingen bild"),
        package(BOMB),
        package(qti_item(CHOICE, "A")).replace(b"items/i0.xml", b"items/x0.xml", 1),
        package("<qti-assessment-item>" + " " * 11_000_000 + "</qti-assessment-item>"),
        package(**{f"x{n}": b"" for n in range(qti.MOST_FILES)}),
    ],
    ids=lambda content: f"{len(content)} bytes",
)
def test_a_hostile_file_is_refused_with_words(content):
    with pytest.raises(QuestionFileWrong) as error:
        services.read(content)
    assert str(error.value)


@pytest.mark.parametrize("address", ["../../etc/passwd", "/etc/passwd", "..%2f..%2fx.xml", "c:\\x.xml", "\\x.xml"])
def test_nothing_outside_of_the_package_is_reached(address):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("imsmanifest.xml", f'<m><resource type="imsqti_item_xmlv3p0" href="{address}"/></m>')
        archive.writestr(address, qti_item(CHOICE, "A"))
    with pytest.raises(QuestionFileWrong):
        services.read(packed.getvalue())


FRAGMENTS = ["<quiz>", "</quiz>", "<question type='multichoice'>", "<text>", "</text>", "<answer fraction='", "100'>"]
FRAGMENTS += [
    "<![CDATA[",
    "]]>",
    "{",
    "}",
    "~",
    "=",
    "->",
    "####",
    "%",
    "::",
    "\n\n",
    "<!",
    "<![if",
    "&#0;",
    "\\",
    "$CATEGORY:",
]
FRAGMENTS += [
    "[html]",
    "// kunskapslaget: {",
    "// [id:",
    "<p",
    "<script",
    "<qti-assessment-item>",
    "<qti-item-body>",
    ITEM,
]
HOSTILE = st.one_of(
    st.binary(max_size=200),
    st.lists(st.one_of(st.sampled_from(FRAGMENTS), st.text(max_size=5)), max_size=30).map(lambda them: "".join(them)),
    st.binary(max_size=60).map(lambda some: package(qti_item(CHOICE, "A"))[: len(some) * 7] + some),
    st.tuples(st.sampled_from([GIFT, MOODLE, ITEM]), st.integers(0, 4000), st.text(max_size=9)).map(
        lambda cut: cut[0][: cut[1]] + cut[2] + cut[0][cut[1] :]
    ),
)


@given(content=HOSTILE)
def test_whatever_comes_is_read_or_refused(content):
    content = content.encode(errors="surrogatepass") if isinstance(content, str) else content
    try:
        read = services.read(content)
    except QuestionFileWrong:
        return
    assert read.items or read.left_out


@pytest.mark.parametrize(
    "content",
    [
        *[b"<!" * 500_000, b"{" * 1_000_000, b"Q?{~a" + b"~%1" * 300_000 + b"}", b"::" * 500_000, b"\\" * 1_000_000],
        ("<quiz>" + MOODLE.split("<quiz>")[1].replace("Vad visar", "<p " * 50_000 + "&lt;!--" * 20_000)).encode(),
        b"[html]" + b"<a " * 60_000 + b"{=a ~b}",
        (b"Vad?{=a ~b}\n\n" * 1_900) + b"x" * 10_000_000,
    ],
    ids=lambda content: f"{len(content)} bytes",
)
def test_no_file_takes_long_or_much(content):
    tracemalloc.start()
    began = time.process_time()
    try:
        services.read(content)
    except QuestionFileWrong:
        pass
    took, (_now, peak) = time.process_time() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert took < 20
    assert peak < 300_000_000
