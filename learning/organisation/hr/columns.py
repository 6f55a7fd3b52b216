"""Which column of an HR export holds what, guessed from the headings that Swedish HR systems print."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from learning.organisation.models import Population

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

# Membership of a party or a union is sensitive, so it is left out in the same way.
SENSITIVE = {
    *("parti", "partibeteckning", "partikod", "partinamn", "partiforkortning", "partitillhorighet", "partigrupp"),
    *("fackforbund", "fack", "facklig", "fackligtillhorighet", "fackligorganisation", "fackforening", "fackligorg"),
}

# Field → headings, folded, the best first. In the manner of Personec, Visma, Heroma and of files made by hand.
HEADINGS = {
    "hr_id": [
        "hrid", "personid", "personalid", "personalnummer", "personalnr", "medarbetarid", "medarbetarnummer",
        "medarbetarnr", "anvandarid", "resursid", "employeeid", "persid", "anvid", "anvandarnamn", "signatur",
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
        "organisationniva2", "orgniva2", "niva2", "placering", "kostnadsstallenamn", "orgtext", "orgenhetsnamn",
        "enhetsbenamning", "avd", "avdelningsnamn",
    ],
    "unit_path": [
        "organisationsvag", "organisationssokvag", "orgsokvag", "orgvag", "orgtrad", "organisationstrad",
        "organisationstillhorighet", "orgtillhorighet", "hierarki",
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

# What registers of elected officials and lists of partners print besides; these go before the others.
OTHER_HEADINGS = {
    Population.EMPLOYEE: {},
    Population.ELECTED: {
        "hr_id": ["fortroendevaldid", "fvid", "ledamotsid", "politikerid", "id"],
        "employment_no": ["uppdragsid", "uppdragsnr", "uppdragsnummer"],
        "full_name": ["fortroendevald", "ledamot"],
        "unit": ["organ", "organnamn", "instans", "namnd", "namndnamn", "namndstyrelse", "politisktorgan"],
        "unit_code": ["organkod", "namndkod"],
        "role": ["uppdrag", "uppdragstyp", "uppdragsroll", "befattning", "roll"],
        "starts_on": [
            "mandatperiodfrom", "mandatperiodfran", "mandatperiodstart", "valdfrom", "uppdragfrom", "mandatfrom",
        ],
        "ends_on": [
            "mandatperiodtom", "mandatperiodtill", "mandatperiodslut", "valdtom", "uppdragtom", "mandattom",
        ],
        "term": ["mandatperiod", "mandattid", "valperiod", "period", "uppdragstid"],
    },
    Population.PARTNER: {
        "hr_id": ["kontaktid", "id"],
        "full_name": ["kontaktperson", "kontakt", "deltagare"],
        "unit": ["forening", "samfund", "trossamfund", "organisation", "foretag", "samverkanspart", "partner"],
        "unit_code": ["organisationsnummer"],
        "role": ["uppdrag", "befattning", "roll"],
    },
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
    "unit_path": _("path through the organisation"),
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
# What only employees have.
OF_EMPLOYEES = {"is_main", "extent", "leave_reason", "leave_from", "leave_through"}
OTHER_LABELS = {
    Population.ELECTED: {
        "hr_id": _("id"),
        "employment_no": _("assignment number"),
        "unit": _("committee"),
        "unit_code": _("committee code"),
        "role": _("assignment"),
        "starts_on": _("term from"),
        "ends_on": _("term through"),
        "term": _("term of office"),
    },
    Population.PARTNER: {
        "hr_id": _("id"),
        "employment_no": _("assignment number"),
        "unit": _("organisation"),
        "unit_code": _("organisation code"),
        "starts_on": _("partner from"),
        "ends_on": _("partner through"),
    },
}
_KNOWN = {word for fields in (HEADINGS, *OTHER_HEADINGS.values()) for words in fields.values() for word in words}
_KNOWN |= PERSONNUMMER | SENSITIVE
_NAMES = {
    word
    for fields in (HEADINGS, *OTHER_HEADINGS.values())
    for name in ("first_name", "last_name", "full_name")
    for word in fields.get(name, ())
}

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


def is_name(heading: str) -> bool:
    """Whether people's names stand below the heading."""
    return fold(heading) in _NAMES


def labels(population: str = Population.EMPLOYEE) -> dict:
    """What is asked of a file that lists the population: field → label."""
    if population == Population.EMPLOYEE:
        return LABELS
    return {name: label for name, label in (LABELS | OTHER_LABELS[population]).items() if name not in OF_EMPLOYEES}


def guess(headings: list[str], population: str = Population.EMPLOYEE) -> Columns:
    """Which column holds which field, as far as the headings tell."""
    place = {}
    for heading in headings:
        place.setdefault(fold(heading), heading)
    columns = {}
    for words in (OTHER_HEADINGS[population], HEADINGS):
        for name in labels(population):
            free = (word for word in words.get(name, ()) if place.get(word, "") not in ("", *columns.values()))
            if name not in columns and (word := next(free, None)):
                columns[name] = place[word]
    if "hr_id" not in columns and "employment_no" in columns:
        columns["hr_id"] = columns.pop("employment_no")
    if "first_name" in columns and "last_name" in columns:
        columns.pop("full_name", None)
    return columns


def lacking(columns: Columns, population: str = Population.EMPLOYEE) -> list[str]:
    """The labels of what a file cannot be read without, and which these columns lack."""
    needs = ["hr_id"]
    if "full_name" not in columns:
        needs += ["first_name", "last_name"]
    if "unit_code" not in columns and "unit_path" not in columns:
        needs.append("unit")
    return [str(labels(population)[name]) for name in needs if name not in columns]


def why_not(columns: Columns, population: str = Population.EMPLOYEE) -> str:
    """What these columns lack, and what to do about it; empty where a file can be read by them."""
    missing = lacking(columns, population)
    if not missing:
        return ""
    reason = gettext("Choose a column for: %(columns)s.") % {"columns": ", ".join(missing)}
    if "hr_id" in columns:
        return reason
    return (
        reason
        + " "
        + gettext(
            "Each person needs an id that stays the same. Names and e-mail addresses change, so they are never used as "
            "one. If the file has no id, export it again with the employment number, user name or whatever the system "
            "calls it."
        )
    )
