"""What looks secret in a text, and what only seems to."""

import re
import tomllib
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning.plans.secret import Finding, Kind, found_in, last_names_in

ROOT = Path(__file__).parents[2]
NAMES = [("Kim Love", "Strand"), ("Robin", "von Ek"), ("Mika", "Ek-Lund"), ("", "Alm"), ("Protected", "")]


WIDE = {ord("0") + n: chr(0xFF10 + n) for n in range(10)}
NARROW = {ord(wide): chr(narrow) for narrow, wide in WIDE.items()}


def kinds(text: str, **options) -> list[Kind]:
    return [finding.kind for finding in found_in(text, **options)]


def check_digit(nine: str) -> str:
    """The tenth digit, by the rule as it is written for people: double every other, add the digits, fill up to tens."""
    doubled = "".join(str(int(digit) * (2 if place % 2 == 0 else 1)) for place, digit in enumerate(nine))
    return str(-sum(map(int, doubled)) % 10)


@st.composite
def personal_numbers(draw) -> str:
    """A personal identity or coordination number, in any usual spelling."""
    born = draw(st.dates(date(1900, 1, 1), date(2099, 12, 31)))
    day = born.day + draw(st.sampled_from([0, 60]))
    birthday = f"{born:%y%m}{day:02}"
    three = f"{draw(st.integers(0, 999)):03}"
    last = three + check_digit(birthday + three)
    year = draw(st.sampled_from([f"{born:%Y}", f"{born:%y}"]))
    between = draw(st.sampled_from(["", "", " ", "-", ".", "/", "–"]))
    joint = draw(st.sampled_from(["", "-", "+", " ", " - ", "–", "\u2011", "\u2212", "\u00a0", "-\u200b", "\n"]))
    number = f"{year}{between}{birthday[2:4]}{between}{birthday[4:]}{joint}{last}"
    wide = draw(st.booleans())
    return number.translate(WIDE) if wide else number


@given(st.text(), personal_numbers(), st.text())
def test_a_personal_number_is_found_in_any_spelling_within_any_text(before, number, after):
    found = found_in(f"{before} {number} {after}")
    digits = re.sub(r"\D", "", number.translate(NARROW))
    told = [re.sub(r"\D", "", one.words) for one in found if one.kind == Kind.PERSONAL_NUMBER]
    assert digits[-10:] in {one[-10:] for one in told}


@given(
    personal_numbers(), st.sampled_from(["nr", "pnr:", "(", "”", "Kim,"]), st.sampled_from([".", ")", ",", "a", "”"])
)
def test_it_is_found_right_beside_letters_and_signs(number, before, after):
    assert Kind.PERSONAL_NUMBER in kinds(before + number + after)


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)), st.integers(0, 9999), st.sampled_from("-+"))
def test_a_sign_before_four_digits_is_enough_whatever_the_check_digit(born, last, sign):
    assert Kind.PERSONAL_NUMBER in kinds(f"{born:%y%m%d}{sign}{last:04}")


@given(
    st.integers(0, 9999999), st.sampled_from(["{0[0]}-{0[1]} {0[2]} {0[3]}", "+46 (0){1}-{0[1]}{0[2]}{0[3]}", "{2}"])
)
def test_a_mobile_number_is_found_however_it_is_spelled(number, spelling):
    digits = f"070{number:07}"
    parts = (digits[:3], digits[3:6], digits[6:8], digits[8:])
    assert Kind.TELEPHONE in kinds(f"Ring {spelling.format(parts, digits[1:3], digits)} nu.")


LOOKS_SECRET = {
    "tillfälligt 850101-T123": (Kind.PERSONAL_NUMBER, "850101-T123"),
    "Tfn 0911-123 45.": (Kind.TELEPHONE, "0911-123 45"),
    "Nås på 08-12 34 56": (Kind.TELEPHONE, "08-12 34 56"),
    "+4670 123 45 67": (Kind.TELEPHONE, "+4670 123 45 67"),
    "skriv till kim.ek@granforsa.example.": (Kind.MAIL, "kim.ek@granforsa.example"),
    "kim (at) granforsa.example": (Kind.MAIL, "kim (at) granforsa.example"),
    "En bil, ABC 123, stod där": (Kind.CAR, "ABC 123"),
    "regnr abc12d": (Kind.CAR, "abc12d"),
    "HEMLIG": (Kind.MARKING, "HEMLIG"),
    "Detta är HEMLIGT.": (Kind.MARKING, "HEMLIGT"),
    "Kort text\nHemlig\nmer text": (Kind.MARKING, "Hemlig"),
    "Möte om läget (konfidentiellt)": (Kind.MARKING, "(konfidentiellt)"),
    "Hemligt: spaning pågår": (Kind.MARKING, "Hemligt:"),
    "uppgiften är begränsat hemlig": (Kind.MARKING, "begränsat hemlig"),
    "Sekretessmarkerad": (Kind.MARKING, "Sekretessmarkerad"),
    "SEKRETESS gäller": (Kind.MARKING, "SEKRETESS"),
    "Enligt OSL 15 kap. 2 § delas det inte": (Kind.MARKING, "OSL 15 kap. 2 §"),
    "Sekretess enligt 18 kap. 2 § offentlighets- och sekretesslagen": (
        Kind.MARKING,
        "18 kap. 2 § offentlighets- och sekretesslagen",
    ),
    "H/R": (Kind.MARKING, "H/R"),
    "anmäld 5000-K123456-25": (Kind.CASE, "5000-K123456-25"),
    "i mål B 1234-25": (Kind.CASE, "mål B 1234-25"),
    "Målet B 1234-25": (Kind.CASE, "Målet B 1234-25"),
    "Mål nr B 1234-25": (Kind.CASE, "Mål nr B 1234-25"),
    "målet T 77-24": (Kind.CASE, "målet T 77-24"),
    "Brottmålet B 1234-25": (Kind.CASE, "Brottmålet B 1234-25"),
    "i målet (B 1234-25)": (Kind.CASE, "målet (B 1234-25"),
    "mål med nummer T 77-24": (Kind.CASE, "mål med nummer T 77-24"),
    "målnummer: 1234-25": (Kind.CASE, "målnummer: 1234-25"),
    "dnr SN 2025/123": (Kind.CASE, "dnr SN 2025/123"),
    "diarienummer 2025-1234": (Kind.CASE, "diarienummer 2025-1234"),
    "SN 2025/144": (Kind.CASE, "SN 2025/144"),
    "vid Storgatan 5 B": (Kind.ADDRESS, "Storgatan 5 B"),
    "på Norra vägen 12": (Kind.ADDRESS, "Norra vägen 12"),
}


@pytest.mark.parametrize("text", LOOKS_SECRET)
def test_what_looks_secret_is_found_and_quoted(text):
    assert found_in(text) == [Finding(*LOOKS_SECRET[text])]


@pytest.mark.parametrize(
    "text",
    [
        "Rutiner för sekretess",
        "RUTINER FÖR SEKRETESS",
        "Sekretess och informationsdelning mellan skola och polis",
        "Sekretess: vad får jag berätta?",
        "Sekretessbelagda uppgifter hör inte hemma i en lägesbild.",
        "Hemliga grupper på nätet, och konfidentiella samtal med stödlinjen",
        "Offentlighets- och sekretesslagen (2009:400), 10 kap. 18 a §",
        "SFS 2009:400, SOU 2025:12, prop. 2025/26:12, lag (2023:196)",
        "Handlingsplan 2022–2025, läsåret 2024/25, 2025-01-01–2025-12-31, HVB 2024/25, 1 250 000 kronor",
        "KS 2025/00123, dnr KF 2025/7, KF § 91",
        "Ring 112, 114 14, 1177, 116 111, 020-100 200 eller 0771-11 22 33, kl. 08.00–16.30",
        "LSS 200 platser, och 100 på SKR 2024",
        "en anmälan 2025, tre ärenden 2024, mål 1–10",
        "Målet är att 95 procent vet det. Målet 95 procent gäller 2025-26, delmålet 80-90 procent.",
        "på vägen 3 gånger, torget 2 kvällar, utmed väg 83, i årskurs 7",
        "Organisationsnummer 556123-4567",
        "kim strand, Kim. Strand, Strandgatan, Kim och Strand, Alm",
        "",
    ],
)
def test_what_only_seems_secret_is_let_through(text):
    assert found_in(text, names=NAMES) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Kim Strand var där", "Kim Strand"),
        ("KIM STRAND", "KIM STRAND"),
        ("det är Kim Strands bil", "Kim Strands"),
        ("Strand, Kim", "Strand, Kim"),
        ("Kim A. Strand", "Kim A. Strand"),
        ("Love\nStrand", "Love Strand"),
        ("Kim Erika Strand", "Kim Erika Strand"),
        ("med Robin von Ek.", "Robin von Ek"),
        ("Mika Ek-Lund", "Mika Ek-Lund"),
    ],
)
def test_a_full_name_on_the_register_is_found(text, words):
    assert found_in(text, names=NAMES) == [Finding(Kind.NAME, words)]
    assert {last.casefold() for _first, last in NAMES} & {name.casefold() for name in last_names_in(text)}


def test_numbers_and_addresses_that_anybody_may_turn_to_are_let_through():
    public = ["08-527 44 290", "vbe@granforsa.example"]
    assert found_in("+46 8 527 44 290, 0852744290, VBE@granforsa.example", public=public) == []
    assert kinds("08-527 44 291, kim@granforsa.example", public=public) == [Kind.TELEPHONE, Kind.MAIL]


def test_each_thing_is_told_once():
    assert found_in("850101-2382, 850101-2382") == [Finding(Kind.PERSONAL_NUMBER, "850101-2382")]


def _texts(value) -> list[str]:
    """All that is written in a file, as somebody would read it."""
    if isinstance(value, dict):
        return [text for part in value.values() for text in _texts(part)]
    if isinstance(value, list):
        return [text for part in value for text in _texts(part)]
    return [value] if isinstance(value, str) else []


def _written() -> dict[str, list[str]]:
    paths = [*ROOT.glob("courses/catalogue/**/*.toml"), *ROOT.glob("learning/plans/catalogue/*.toml")]
    return {str(path.relative_to(ROOT)): _texts(tomllib.loads(path.read_text())) for path in paths}


def test_all_that_is_written_of_courses_and_plans_passes():
    written = _written()
    assert len(written) > 50
    routes = tomllib.loads((ROOT / "courses/catalogue/grundlaggande-kunskap/routes.toml").read_text())
    public = [route["number"] for route in routes["routes"] if route.get("number")]
    alarms = {(path, one) for path, texts in written.items() for text in texts for one in found_in(text, public=public)}
    # The diary number of a plan is that of the municipality's decision; a picture has no field for one.
    assert {one for one in alarms if "plans/" not in one[0] or one[1].kind != Kind.CASE} == set()
