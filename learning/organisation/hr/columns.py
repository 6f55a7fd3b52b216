"""Which column of an HR export holds what, guessed from the headings that Swedish HR systems print."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from django.utils.translation import gettext_lazy as _

# Personnummer is recognised so that it can be left out: it is never read, stored or logged.
PERSONNUMMER = {
    "personnr",
    "personnummer",
    "pnr",
    "persnr",
    "personnrsamordningsnr",
    "samordningsnummer",
    "samordningsnr",
    "fodelsenummer",
    "pnummer",
}

# Field → headings, folded, the best first. In the manner of Personec, Visma, Heroma and of files made by hand.
HEADINGS = {
    "hr_id": [
        "hrid", "personid", "personalid", "personalnummer", "personalnr", "medarbetarid", "medarbetarnummer",
        "medarbetarnr", "anvandarid", "resursid", "employeeid",
    ],
    "employment_no": [
        "anstallningsnummer", "anstallningsnr", "anstnr", "anstid", "anstallningsid", "anstnummer", "anstallningnr",
        "lopnr", "lopnummer", "employmentid",
    ],
    "first_name": ["fornamn", "tilltalsnamn", "firstname", "givenname"],
    "last_name": ["efternamn", "lastname", "surname"],
    "full_name": ["namn", "fullstandigtnamn", "medarbetare", "anstalld", "personnamn", "efternamnfornamn", "name"],
    "email": [
        "epost", "epostadress", "email", "emailadress", "mail", "mailadress", "mejl", "mejladress", "epostarbete",
        "eposttjanst", "epostarb", "arbetsepost",
    ],
    "department": [
        "forvaltning", "sektor", "namnd", "forvaltningsnamn", "forvaltningstext", "organisationniva1", "orgniva1",
        "niva1", "verksamhetsomrade", "omrade",
    ],
    "unit": [
        "enhet", "enhetsnamn", "orgenhet", "organisationsenhet", "orgnamn", "organisationsnamn", "orgenhetnamn",
        "arbetsplats", "arbetsplatsnamn", "avdelning", "organisation", "organisationniva3", "orgniva3", "niva3",
        "organisationniva2", "orgniva2", "niva2", "placering", "kostnadsstallenamn", "orgtext",
    ],
    "unit_code": [
        "enhetskod", "orgkod", "orgid", "organisationskod", "orgenhetskod", "orgnr", "organisationsid", "enhetsid",
        "kostnadsstalle", "kst", "ansvar", "ansvarskod", "arbetsplatskod",
    ],
    "role": [
        "befattning", "befattningsbenamning", "befattningstext", "befattningsnamn", "bef", "titel", "tjanstetitel",
        "yrke", "yrkestitel", "roll", "tjanst", "etikett", "yrkesbenamning", "aidetikett", "jobtitle",
    ],
    "starts_on": [
        "anstalldfrom", "anstfrom", "anstallningfrom", "from", "fran", "anstallningsdatum", "anstdatum", "startdatum",
        "anstalldfran", "frandatum", "fromdatum", "datumfrom", "anstallningsstart", "borjade", "gallerfrom",
        "anstallningfran", "startdate",
    ],
    "ends_on": [
        "anstalldtom", "ansttom", "anstallningtom", "tom", "till", "slutdatum", "anstalldtill", "tilldatum",
        "tomdatum", "datumtom", "avgangsdatum", "avgang", "anstallningsslut", "slutade", "gallertom",
        "anstallningtill", "enddate",
    ],
    "is_main": ["huvudanstallning", "huvudanst", "huvudtjanst", "primar", "primaranstallning", "mainemployment"],
    "extent": [
        "sysselsattningsgrad", "sysselsattningsgradprocent", "syssgrad", "ssgr", "sysgrad", "tjanstgoringsgrad",
        "tjgrad", "heltidsmatt", "omfattning", "grad",
    ],
    "population": ["kategori", "population", "personkategori", "grupp", "personaltyp", "anstallningskategori"],
    "leave_reason": [
        "franvaro", "franvaroorsak", "orsak", "ledighet", "ledighetsorsak", "franvarotyp", "franvarotext",
        "tjanstledighet", "tjanstledig", "franvarokod",
    ],
    "leave_from": ["franvarofrom", "ledigfrom", "ledighetfrom", "tjanstledigfrom", "franvarofran", "ledigfran"],
    "leave_through": ["franvarotom", "ledigtom", "ledighettom", "tjanstledigtom", "franvarotill", "ledigtill"],
    "protected": [
        "skyddad", "skyddadidentitet", "skyddadeuppgifter", "sekretess", "sekretessmarkering", "sekretessmarkerad",
        "skyddadepersonuppgifter", "skydd", "skyddadfolkbokforing",
    ],
}  # fmt: skip

LABELS = {
    "hr_id": _("HR id"),
    "employment_no": _("employment number"),
    "first_name": _("first name"),
    "last_name": _("last name"),
    "full_name": _("whole name"),
    "email": _("e-mail"),
    "department": _("department"),
    "unit": _("unit"),
    "unit_code": _("unit code"),
    "role": _("role"),
    "starts_on": _("employed from"),
    "ends_on": _("employed through"),
    "is_main": _("main employment"),
    "extent": _("extent of employment"),
    "population": _("category"),
    "leave_reason": _("reason of leave"),
    "leave_from": _("on leave from"),
    "leave_through": _("on leave through"),
    "protected": _("protected identity"),
}
_KNOWN = {word for words in HEADINGS.values() for word in words} | PERSONNUMMER

# Field → the heading of its column.
Columns = dict[str, str]


@lru_cache(maxsize=4096)
def fold(heading: str) -> str:
    """Lower case letters and digits without accents or brackets: 'Fr.o.m. (datum)' and 'from' are the same heading."""
    plain = unicodedata.normalize("NFKD", re.sub(r"[(\[].*?[)\]]", "", heading))
    return re.sub(r"[^a-z0-9]", "", plain.encode("ascii", "ignore").decode().lower())


def known_headings(cells: Iterable[str]) -> int:
    """How many of the cells are headings that we know, each counted once."""
    return len({fold(cell) for cell in cells if cell} & _KNOWN)


def guess(headings: list[str]) -> Columns:
    """Which column holds which field, as far as the headings tell."""
    place = {}
    for heading in headings:
        place.setdefault(fold(heading), heading)
    columns = {}
    for name, words in HEADINGS.items():
        found = next((place[word] for word in words if word in place and place[word] not in columns.values()), None)
        if found is not None:
            columns[name] = found
    if "hr_id" not in columns and "employment_no" in columns:
        columns["hr_id"] = columns.pop("employment_no")
    if "first_name" in columns and "last_name" in columns:
        columns.pop("full_name", None)
    return columns


def lacking(columns: Columns) -> list[str]:
    """The labels of what a file cannot be read without, and which these columns lack."""
    needs = ["hr_id"]
    if "full_name" not in columns:
        needs += ["first_name", "last_name"]
    if "unit_code" not in columns:
        needs.append("unit")
    return [str(LABELS[name]) for name in needs if name not in columns]
