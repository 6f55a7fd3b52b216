"""The proof of a completion as a file for people: one page of PDF that is read aloud as well as it is printed."""

import json
from pathlib import Path

import qrcode
import qrcode.image.svg
import typst
from django.conf import settings
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from learning.organisation.models import Person

from .models import Completion

TEMPLATE = Path(__file__).with_name("proof.typ")


def check_address(completion: Completion) -> str:
    """Where anybody can see whether the proof holds."""
    return completion.person.municipality.address_of("records:proof_check", completion.uuid)


def initials_of(person: Person) -> str:
    """All that strangers are told of who holds a proof; nothing of those who are protected or disposed of."""
    if person.is_protected or person.is_disposed:
        return ""
    return " ".join(f"{name[0]}." for name in (person.first_name, person.last_name) if name)


def facts_of(completion: Completion) -> list[tuple[str, str]]:
    """What a proof says of a completion with `lasts_through`, as labels and words."""
    facts = [(_("Completed on"), date_format(completion.completed_on, "j F Y"))]
    if completion.lasts_through:
        facts.append((_("Valid through"), date_format(completion.lasts_through, "j F Y")))
    if completion.unit:
        facts.append((_("Unit at the time"), completion.unit.name))
    facts.append((_("How we know"), completion.get_evidence_level_display()))
    facts.append((_("Edition of the course"), str(completion.edition.number)))
    return facts


def proof_pdf(completion: Completion) -> bytes:
    """The proof in the active language as PDF/UA-1: tagged, with title and language, the check address and its QR."""
    municipality, address = completion.person.municipality, check_address(completion)
    is_invented = municipality.is_fictional
    told = {
        "language": get_language(),
        "title": _("Proof of completion"),
        "description": f"{completion.course_title}, {completion.completed_on}",
        "municipality": municipality.name,
        "name": str(completion.person),
        "has_completed": _("has completed the course"),
        "course": completion.course_title,
        "course_language": settings.LANGUAGE_CODE,
        "facts": facts_of(completion),
        "check_label": _("See whether the proof holds"),
        "check_url": address,
        "qr": qr_svg(address),
        "qr_alt": _("QR code that leads to %(address)s") % {"address": address},
        "foot": _("Fictional municipality: all people and figures are invented") if is_invented else "",
    }
    inputs = {"proof": json.dumps(told)}
    return typst.compile(TEMPLATE, sys_inputs=inputs, pdf_standards="ua-1", ignore_system_fonts=True)


def qr_svg(text: str) -> str:
    """A QR code as a picture."""
    return qrcode.make(text, image_factory=qrcode.image.svg.SvgPathImage, border=0).to_string(encoding="unicode")
