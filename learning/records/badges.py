"""A completion as an Open Badge 3.0: a credential that the municipality signs, and that anybody can check."""

import os
from collections.abc import Iterable
from contextlib import suppress
from datetime import date, datetime, time, timedelta

import jwt
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.timezone import make_aware
from django.utils.translation import gettext as _
from django.utils.translation import override
from jwt.algorithms import OKPAlgorithm
from openbadgeslib import baking
from openbadgeslib.keys import KeyFactory, KeyType
from openbadgeslib.ob3.credential import Achievement, IdentityObject, Issuer, OpenBadgeCredential
from openbadgeslib.ob3.did import build_did_document, did_web_from_url
from openbadgeslib.ob3.status_list import DEFAULT_SIZE_BITS, build_status_list_credential, status_entry

from learning.dated import DAY
from learning.organisation.models import Municipality, Person

from .models import Completion
from .proofs import check_address

ALGORITHM = "EdDSA"
# How long a copy of the list of what is taken back may be trusted.
LIST_HOLDS = timedelta(days=2)


def private_key() -> str:
    """The key that signs: of the environment, else made at the first need and kept beside the secret key."""
    if settings.BADGE_SIGNING_KEY:
        return settings.BADGE_SIGNING_KEY
    path = settings.DATA_DIR / "badge-signing-key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        made = path.with_name(f"{path.name}.{os.getpid()}")
        made.touch(mode=0o600)
        made.write_bytes(KeyFactory(KeyType.ED25519).generate_keypair()[0])
        with suppress(FileExistsError):  # somebody was quicker: theirs is the key
            os.link(made, path)
        made.unlink()
    return path.read_text()


def _public_jwk() -> dict:
    key = load_pem_private_key(private_key().encode(), password=None)
    return OKPAlgorithm.to_jwk(key.public_key(), as_dict=True)


def issuer_id(municipality: Municipality) -> str:
    """The municipality as a did:web: whoever knows its host knows where its key is."""
    return did_web_from_url(f"https://{municipality.address.partition('://')[2]}")


def did_document(municipality: Municipality) -> dict:
    """Where the key of the municipality is published."""
    return build_did_document(issuer_id(municipality), [("nyckel", _public_jwk())])


def credential_of(completion: Completion) -> OpenBadgeCredential:
    """The completion, which has `lasts_through`, as a credential; the same whoever asks in whatever language."""
    person, municipality = completion.person, completion.person.municipality
    last = completion.lasts_through
    with override(settings.LANGUAGE_CODE):
        achievement = Achievement(
            id=f"urn:uuid:{completion.course_key}",
            name=completion.course_title,
            description=_("%(course)s, edition %(number)d")
            % {"course": completion.course_title, "number": completion.edition.number},
            criteria_narrative=_("The course has been completed. How it is known: %(how)s.")
            % {"how": completion.get_evidence_level_display()},
            achievement_type="Course",
        )
    return OpenBadgeCredential(
        id=check_address(completion),
        issuer=Issuer(id=issuer_id(municipality), name=municipality.name, url=f"{municipality.address}/"),
        recipient_id=None,
        identifiers=[_holder(person, salt=completion.uuid.hex)],
        achievement=achievement,
        issuance_date=_midnight(completion.completed_on),
        expiration_date=_midnight(last + DAY) if last else None,
        credential_status=[status_entry(_list_address(municipality), "revocation", completion.pk)],
    )


def _holder(person: Person, *, salt: str) -> IdentityObject:
    """Who holds it, as a sum that whoever knows the address can compare; of some, of a number that says nothing."""
    if person.email and not person.is_protected:
        return IdentityObject.create(person.email, salt)
    return IdentityObject.create(str(person.uuid), salt, identity_type="systemId")


def _midnight(day: date) -> datetime:
    return make_aware(datetime.combine(day, time()))


def signed(completion: Completion) -> str:
    """The credential as a signed VC-JWT."""
    return _signed(credential_of(completion).to_jwt_payload(), completion.person.municipality)


def _signed(payload: dict, municipality: Municipality) -> str:
    headers = {"typ": "vc+jwt", "kid": f"{issuer_id(municipality)}#nyckel"}
    return jwt.encode(payload, private_key(), algorithm=ALGORITHM, headers=headers)


def picture(completion: Completion) -> bytes:
    """The credential baked into a picture, which can be shown and checked."""
    svg = render_to_string("records/badge.svg", {"completion": completion})
    return baking.bake_svg(
        svg.encode(), signed(completion), element=baking.SVG_ELEMENT_OB3, namespace=baking.SVG_NS_OB3
    )


def _list_address(municipality: Municipality) -> str:
    return municipality.address_of("records:taken_back")


def taken_back(municipality: Municipality, *, now: datetime) -> str:
    """The signed list of which of the municipality's credentials have been taken back (Bitstring Status List)."""
    own = Completion.objects.filter(person__municipality=municipality)
    numbers: Iterable[int] = own.exclude(withdrawal=None).values_list("pk", flat=True)
    highest = own.order_by("-pk").values_list("pk", flat=True).first() or 0
    size = max(DEFAULT_SIZE_BITS, (highest // 8 + 1) * 8)
    address = _list_address(municipality)
    told = build_status_list_credential(
        issuer_id(municipality), address, "revocation", numbers, size, issued=now, valid_until=now + LIST_HOLDS
    )
    payload = {**told, "iss": told["issuer"], "jti": address, "nbf": int(now.timestamp())}
    return _signed(payload, municipality)
