"""What looks secret in a text: pure, and the same for everybody who writes. See decision 28 for what is let through."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What something looks like."""

    PERSONAL_NUMBER = "personal_number"
    TELEPHONE = "telephone"
    MAIL = "mail"
    CAR = "car"
    MARKING = "marking"
    CASE = "case"
    ADDRESS = "address"
    NAME = "name"


@dataclass(frozen=True)
class Finding:
    """Something that looks secret, as it stands in the text."""

    kind: Kind
    words: str


def found_in(text: str, *, names: Iterable[tuple[str, str]] = (), public: Iterable[str] = ()) -> list[Finding]:
    """All that looks secret, each thing once.

    `names` are first and last names of people; `public` are the numbers and addresses that everybody may turn to.
    """
    text = _plain(text)
    allowed = {_core(one) for one in public}
    found = [
        *(Finding(Kind.PERSONAL_NUMBER, words) for words in _personal_numbers(text)),
        *(Finding(Kind.TELEPHONE, words) for words in _telephones(text) if _core(words) not in allowed),
        *(Finding(Kind.MAIL, match[0]) for match in _MAIL.finditer(text) if _core(match[0]) not in allowed),
        *(Finding(Kind.CAR, words) for words in _plates(text)),
        *(Finding(Kind.MARKING, words) for words in _marks(text)),
        *(Finding(Kind.CASE, words) for words in _cases(text)),
        *(Finding(Kind.ADDRESS, match[0]) for match in _ADDRESS.finditer(text)),
        *(Finding(Kind.NAME, words) for words in _names(text, names)),
    ]
    return list(dict.fromkeys(Finding(one.kind, " ".join(one.words.split())) for one in found))


def _plain(text: str) -> str:
    """The text as one reads it: one kind of dash, space and digit, and nothing that cannot be seen."""
    return "".join(map(_plain_character, unicodedata.normalize("NFC", text)))


def _plain_character(character: str) -> str:
    if character in "\n\t":
        return character
    category = unicodedata.category(character)
    if category == "Nd":
        return str(unicodedata.digit(character))
    if category == "Pd" or character == "\u2212":
        return "-"
    if category == "Zs" or character in "\r\v\f\x85\u2028\u2029":
        return " "
    return "" if category in ("Cf", "Cc") else character


def _core(contact: str) -> str:
    """A number or an address without how it is spelled."""
    digits = re.sub(r"\D", "", contact)
    return contact.strip().casefold() if "@" in contact or not digits else re.sub(r"^(00)?460?", "0", digits)


# The birthday with or without its century, in one piece or with the same sign between its parts. What comes before
# takes no room, so that a number is found wherever it begins.
_BIRTHDAYS = [r"(?:(?:19|20)\d\d|\d\d)\d{4}", r"(?:(?:19|20)\d\d|\d\d)(?P<sign>[-./ ])\d\d(?P=sign)\d\d"]
_PERSONAL = [
    re.compile(
        rf"(?<!\d)(?=(?P<all>(?P<birthday>{birthday})(?P<joint>\s?[-+]?\s?)(?P<last>[\dA-Z]\d\d\d))(?![-./]?\d))"
    )
    for birthday in _BIRTHDAYS
]
_TEMPORARY = "TRSUWXJKLMN"  # the letter in the numbers of those who have none yet


def _personal_numbers(text: str) -> Iterator[str]:
    """Personal identity and coordination numbers, however they are spelled.

    The check digit decides, but where a sign stands between six or eight digits and four: nothing else is written so,
    and a slip of the pen points somebody out all the same.
    """
    for pattern in _PERSONAL:
        for match in pattern.finditer(text):
            birthday, last = re.sub(r"\D", "", match["birthday"])[-6:], match["last"]
            is_unmistakable = match["joint"].strip() and match["birthday"].isdecimal()
            if _is_birthday(birthday) and (is_unmistakable or last[0] in _TEMPORARY or _checks(birthday + last)):
                yield match["all"]


def _is_birthday(digits: str) -> bool:
    """A month and a day; coordination numbers add 60 to the day."""
    return 1 <= int(digits[2:4]) <= 12 and 1 <= int(digits[4:]) % 60 <= 31 and int(digits[4:]) <= 91


def _checks(digits: str) -> bool:
    """Whether the check digit is right (Luhn)."""
    if not digits.isdecimal():
        return False
    doubled = [int(digit) * (2 - place % 2) for place, digit in enumerate(digits)]
    return sum(number // 10 + number % 10 for number in doubled) % 10 == 0


_TELEPHONE = re.compile(r"(?<![\w/+:-])(?:\+\s?\d{1,3}|0)(?:[ /-]{0,2}(?:\(0\)[ -]?)?\d){6,13}(?![\w:]|[-/]\d)")
# Lines that cost nothing or the same from everywhere: authorities and organisations have them, and nobody at home.
_NOBODYS = ("020", "077")
_HOURS = re.compile(r"[01]\d[0-5]\d-[012]\d[0-5]\d")


def _telephones(text: str) -> Iterator[str]:
    for match in _TELEPHONE.finditer(text):
        if not _core(match[0]).startswith(_NOBODYS) and not _HOURS.fullmatch(match[0]):
            yield match[0]


_MAIL = re.compile(
    r"(?<![\w.+-])[\w.+-]+(?:@|\s?[(\[](?:at|snabel-a|snabela)[)\]]\s?)[\w-]+(?:\.[\w-]+)+", re.IGNORECASE
)
# Three letters and three signs: in capitals with or without a space, else in one word.
_PLATE = re.compile(r"\b(?:([A-HJ-PR-UW-Z]{3})[ -]?\d\d[\dA-HJ-NPR-UW-Z]|([a-hj-pr-uw-z]{3})\d\d[\da-hj-npr-uw-z])\b")
# What is written in three capitals before a number without being a car: laws, reports, care and authorities.
_NO_PLATES = {"SFS", "SOU", "LSS", "LVU", "LVM", "HSL", "OSL", "HVB", "NCT", "SKR", "BUP", "EHT", "PTU", "KSN", "KFN"}


def _plates(text: str) -> Iterator[str]:
    for match in _PLATE.finditer(text):
        if match[1] not in _NO_PLATES:
            yield match[0]


_CLASS = r"(?:(?:kvalificerat |begränsat )?hemlig|(?:strikt )?konfidentiell)(?:t|a)?|sekretess(?:bela|marker|klass)\w+"
_SECRECY = rf"(?:{_CLASS}|(?:förundersöknings|underrättelse)?sekretess)"
_MARKINGS = [
    # A stamp stands by itself: on a line, in brackets, or before a colon. In a sentence these are ordinary words.
    re.compile(rf"(?im)^[^\w\n]*{_SECRECY}(?: (?:handling|information|uppgift(?:er)?))?[^\w\n]*$"),
    re.compile(rf"(?i)[(\[] *{_SECRECY} *[)\]]"),
    re.compile(rf"(?im)^[^\w\n]*(?:{_CLASS}) *:"),
    # Or in capitals.
    re.compile(
        r"\b(?:(?:KVALIFICERAT |BEGRÄNSAT )?HEMLIGT?|(?:STRIKT )?KONFIDENTIELLT?)\b|\bHEMLIG/\w+|\bH/(?:TS|[SCR])\b"
    ),
    # Nobody says these of anything else.
    re.compile(r"(?i)\b(?:kvalificerat|begränsat) hemlig\w*|\bstrikt konfidentiell\w*"),
    # The secrecy of the realm (15) and of police work (18), as material under it is stamped.
    re.compile(r"(?i)\b(?:OSL|offentlighets- och sekretesslagen),? ?(?:15|18) ?(?:kap\b|:)\.?(?: ?\d+ ?§?)?"),
    re.compile(
        r"(?i)\b(?:15|18) ?kap\.? ?(?:\d+ ?(?:[a-z] ?)?§+ ?)?(?:i )?(?:OSL\b|offentlighets- och sekretesslag\w*)"
    ),
]

_SHOUTED = re.compile(r"\bSEKRETESS\w*")


def _marks(text: str) -> Iterator[str]:
    """Marks of secrecy. Secrecy in capitals is one where not all of its line is, as a heading would be."""
    for pattern in _MARKINGS:
        yield from (match[0] for match in pattern.finditer(text))
    for line in text.splitlines():
        if not line.isupper():
            yield from _SHOUTED.findall(line)


_CASE = re.compile(
    r"\b(?P<police>\d{4}-K\d{1,7}-\d\d)\b"
    # “Mål” in any form: without “nr”, the letter of the kind tells the number of a case from a goal's share.
    r"|\b(?P<court>\w*(?i:mål(?:et|en)?s?)[ :(]*(?:(?i:med )?(?i:nr|nummer)[.:]* ?[BTÖFMÄ]?|[BTÖFMÄ]) ?\d{1,6}-\d\d)\b"
    r"|\b(?:(?i:dnr|diarienr|diarienummer)|(?i:ärende|akt|anmälan|anmälnings)-?(?: ?nr| ?nummer)?)\.?:? ?"
    r"(?P<code>[A-ZÅÄÖ]{2,6})?[ -]?(?P<number>\d[\d./:-]{2,}\d)\b"
    r"|\b(?P<committee>[A-ZÅÄÖ]{2,6})[ -]?(?P<year>(?:19|20)\d\d)[/-](?P<serial>\d{1,6})\b"
)
# The executive board and the council deal with the picture itself, not with people.
_OWN_MATTERS = {"KS", "KF"}


def _cases(text: str) -> Iterator[str]:
    """Numbers of cases. Laws have a colon after their year."""
    for match in _CASE.finditer(text):
        if match["police"] or match["court"]:
            yield match[0]
        elif match["number"] and match["code"] not in _OWN_MATTERS and not _YEARS.fullmatch(match["number"]):
            yield match[0]
        elif match["committee"] and match["committee"] not in _OWN_MATTERS and not _is_period(match):
            yield match[0]


_YEARS = re.compile(r"(?:19|20)\d\d(?:-(?:19|20)?\d\d)?\.?")


def _is_period(match: re.Match) -> bool:
    """Whether it is a school year, or years in full."""
    year, serial = match["year"], match["serial"]
    return serial == f"{int(year) + 1}"[2:] or bool(re.fullmatch(r"(?:19|20)\d\d", serial))


_ADDRESS = re.compile(
    r"\b(?:[^\W\d_]{2,}|[A-ZÅÄÖ][^\W\d_]+\s)(?i:gatan|gata|vägen|gränden?|stigen|allén?|torget|backen|leden|kajen)"
    r"\s+(?:nr\.?\s*)?\d{1,3}(?:\s?[A-Ha-h])?\b(?!\s?(?:%|procent|kap|§|kilometer|km|meter)|[.,:]\d)"
)

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
LONGEST_LAST_NAME = 3  # words


def last_names_in(text: str) -> set[str]:
    """What could be a last name in the text, as registers spell them."""
    words = [match[0] for match in _WORD.finditer(_plain(text))]
    found = set()
    for i, word in enumerate(words):
        if word[0].isupper():
            for length in range(1, LONGEST_LAST_NAME + 1):
                *particles, last = words[max(0, i + 1 - length) : i + 1]
                phrase = " ".join([*particles, last])
                as_von_ek = " ".join([*map(str.lower, particles), last.title()])
                found |= {phrase, phrase.title(), phrase.upper(), as_von_ek}
    return found | {phrase[:-1] for phrase in found if phrase[-1] in "sS"}


def _names(text: str, names: Iterable[tuple[str, str]]) -> Iterator[str]:
    """First and last names beside each other, in either order, with capitals."""
    firsts = defaultdict(set)
    for first, last in names:
        if first.strip() and last.strip():
            firsts[_folded(last)] |= set(_folded(first))
    if not firsts:
        return
    words = list(_WORD.finditer(text))
    for i in range(len(words)):
        for length in range(1, LONGEST_LAST_NAME + 1):
            last = words[i : i + length]
            for spelling in _spellings(last):
                wanted = firsts.get(spelling, ())
                if wanted and last[-1][0][0].isupper():
                    for first in (*_before(text, words, i), *_after(text, words, i + length)):
                        if wanted & set(_folded(first[0])):
                            begins, ends = min(first.start(), last[0].start()), max(first.end(), last[-1].end())
                            yield text[begins:ends]


def _folded(name: str) -> tuple[str, ...]:
    return tuple(unicodedata.normalize("NFC", name).casefold().split())


def _spellings(words: list[re.Match]) -> Iterator[tuple[str, ...]]:
    """The words as they stand, and without the s of the genitive."""
    folded = tuple(word[0].casefold() for word in words)
    yield folded
    if folded and folded[-1].endswith("s"):
        yield (*folded[:-1], folded[-1].removesuffix("s").rstrip("'’"))


def _before(text: str, words: list[re.Match], i: int) -> Iterator[re.Match]:
    """The words with capitals right before a place: a first name and at most one more."""
    for j in (i - 1, i - 2):
        if j < 0 or not _are_one(text, words[j], words[j + 1]):
            return
        yield words[j]


def _after(text: str, words: list[re.Match], i: int) -> Iterator[re.Match]:
    if 0 < i < len(words) and _are_one(text, words[i - 1], words[i], comma=True):
        yield words[i]


def _are_one(text: str, word: re.Match, following: re.Match, *, comma: bool = False) -> bool:
    """Whether the words can be of one name: capitals, and nothing but space between them, or the dot of an initial."""
    between = text[word.end() : following.start()].strip()
    joints = {"", ","} if comma else {"", "."} if len(word[0]) == 1 else {""}
    return between in joints and word[0][0].isupper() and (following[0][0].isupper() or not comma)
