"""A proof can be printed, checked by anybody and carried along, and tells no more than it must."""

import base64
import gzip
import hashlib
import json
import re
from datetime import date, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import jwt
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.urls import reverse

from learning.access.models import Try
from learning.access.throttle import PER_PLACE
from learning.organisation.models import Person
from learning.records.models import Completion
from learning.records.services import withdraw
from tests.factories import make_course, make_municipality, make_person, make_unit, moment, take_check

DAY = date(2026, 3, 2)
LAST = date(2028, 3, 1)


@pytest.fixture(autouse=True)
def _on_a_day(time_machine, settings, tmp_path):
    settings.DATA_DIR = tmp_path  # where the key is kept
    time_machine.move_to(moment(DAY), tick=False)


@pytest.fixture
def person(unit):
    return make_person(unit, first_name="Åsa", last_name="Lund", email="asa.lund@example.org")


@pytest.fixture
def done(person, course):
    take_check(person, course, DAY)
    return Completion.objects.get()


def check(client, completion, **options):
    return client.get(reverse("records:proof_check", args=[completion.uuid]), **options)


def take_back(completion):
    return withdraw(completion=completion, reason="Fel person.", by=completion.person, on=DAY)


# For people


@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_pdf_is_tagged_and_says_its_language_and_title(client, done, person, language):
    client.force_login(person)
    client.cookies["django_language"] = language
    answer = client.get(reverse("records:proof_pdf", args=[done.uuid]))
    assert answer["Content-Type"] == "application/pdf"
    pdf = answer.content
    for mark in (b"<pdfuaid:part>1<", b"/Marked true", b"/StructTreeRoot", b"/Title", f"/Lang({language})".encode()):
        assert mark in pdf


def test_anybody_sees_whether_a_proof_holds_and_of_whom_the_initials_only(client, done, person):
    answer = check(client, done)
    page = answer.content.decode()
    assert (answer.status_code, answer["X-Robots-Tag"]) == (200, "noindex")
    assert "Å. L." in page
    assert done.course_title in page
    for private in ("Åsa", "Lund", person.email, str(person.uuid)):
        assert private not in page


def test_a_protected_holder_has_no_initials(client, done, person):
    Person.objects.filter(pk=person.pk).update(is_protected=True)
    assert "Å. L." not in check(client, done).content.decode()


def test_valid_expired_and_taken_back_are_told_apart(client, done, time_machine):
    def told():
        page = check(client, done).content.decode()
        return re.search(r"notice--(\w+)", page[page.index("<h1") :])[1]

    assert told() == "success"
    time_machine.move_to(moment(LAST + timedelta(days=1)), tick=False)
    assert told() == "attention"
    take_back(done)
    assert told() == "error"


def test_a_number_that_nothing_has_and_one_of_another_municipality_answer_alike_and_count_as_guesses(client, done):
    foreign = make_municipality("Annan")
    take_check(make_person(make_unit(foreign)), course := make_course(foreign, slug="annan"), DAY)
    other = Completion.objects.get(course=course)
    answers = [client.get(reverse("records:proof_check", args=[uuid])) for uuid in (uuid4(), other.uuid)]
    assert [answer.status_code for answer in answers] == [404, 404]
    by_nature = r'[0-9a-f-]{36}|name="csrfmiddlewaretoken" value="\w+"'
    assert len({re.sub(by_nature, "", answer.content.decode()) for answer in answers}) == 1
    assert Try.objects.count() == 2
    check(client, done)
    assert Try.objects.count() == 2
    assert check(client, other, headers={"host": foreign.site.hostname}).status_code == 200
    Try.objects.bulk_create([Try(key=Try.objects.first().key, at=moment(DAY)) for _ in range(PER_PLACE)])
    assert check(client, done).status_code == 429


# For programs: verified by hand, by another implementation than the one that signs


def published_key(client) -> tuple[str, Ed25519PublicKey]:
    """The key that the municipality publishes by did:web, and its name."""
    document = client.get("/.well-known/did.json").json()
    [method] = document["verificationMethod"]
    assert document["assertionMethod"] == [method["id"]]
    return method["id"], Ed25519PublicKey.from_public_bytes(decoded(method["publicKeyJwk"]["x"]))


def decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def verified(client, token: str) -> dict:
    """What the token says, if the published key has signed it. Raises InvalidSignature."""
    name, key = published_key(client)
    signed, _, signature = token.rpartition(".")
    header, payload = (json.loads(decoded(part)) for part in signed.split("."))
    assert header == {"alg": "EdDSA", "typ": "vc+jwt", "kid": name}
    key.verify(decoded(signature), signed.encode())
    return payload


def badge(client, completion) -> str:
    client.force_login(completion.person)
    return client.get(reverse("records:proof_jwt", args=[completion.uuid])).content.decode()


def is_taken_back(client, credential: dict) -> bool:
    """As a verifier finds it: the bit of the credential in the list that its issuer has signed."""
    status = credential["credentialStatus"]
    listed = verified(client, client.get(reverse("records:taken_back")).content.decode())
    assert (listed["id"], listed["issuer"]) == (status["statusListCredential"], credential["issuer"]["id"])
    bits = gzip.decompress(decoded(listed["credentialSubject"]["encodedList"].removeprefix("u")))
    index = int(status["statusListIndex"])
    return bool(bits[index // 8] >> (7 - index % 8) & 1)


def test_the_badge_verifies_by_the_published_key_and_says_what_open_badges_asks(client, done, person):
    credential = verified(client, badge(client, done))
    assert credential["@context"][0] == "https://www.w3.org/ns/credentials/v2"
    assert {"VerifiableCredential", "OpenBadgeCredential"} <= set(credential["type"])
    assert credential["id"].endswith(reverse("records:proof_check", args=[done.uuid]))
    assert credential["issuer"]["name"] == person.municipality.name
    assert credential["issuer"]["type"] == ["Profile"]
    assert datetime.fromisoformat(credential["validFrom"]) == datetime(2026, 3, 2, tzinfo=ZoneInfo("Europe/Stockholm"))
    assert datetime.fromisoformat(credential["validUntil"]) == datetime(2028, 3, 2, tzinfo=ZoneInfo("Europe/Stockholm"))
    achievement = credential["credentialSubject"]["achievement"]
    assert achievement["name"] == done.course_title
    assert {"id", "type", "name", "description", "criteria"} <= set(achievement)
    [holder] = credential["credentialSubject"]["identifier"]
    assert holder["identityHash"] == "sha256$" + hashlib.sha256((person.email + holder["salt"]).encode()).hexdigest()
    for private in ("Åsa", "Lund", person.email):
        assert private not in json.dumps(credential, ensure_ascii=False)


def test_tampered_expired_and_taken_back_are_told_apart(client, done, time_machine):
    token = badge(client, done)
    _name, key = published_key(client)
    header, payload, signature = token.split(".")
    forged = json.loads(decoded(payload)) | {"name": "En annan kurs"}
    other = base64.urlsafe_b64encode(json.dumps(forged).encode()).decode().rstrip("=")
    with pytest.raises(InvalidSignature):
        verified(client, f"{header}.{other}.{signature}")
    credential = verified(client, token)
    assert not is_taken_back(client, credential)
    take_back(done)
    assert is_taken_back(client, credential)
    time_machine.move_to(moment(LAST), tick=False)
    assert jwt.decode(token, key, algorithms=["EdDSA"])["name"] == done.course_title
    time_machine.move_to(moment(LAST + timedelta(days=1)), tick=False)
    with pytest.raises(jwt.ExpiredSignatureError):
        jwt.decode(token, key, algorithms=["EdDSA"])


def test_the_picture_holds_the_same_badge(client, done):
    token = badge(client, done)
    picture = client.get(reverse("records:proof_svg", args=[done.uuid])).content.decode()
    assert re.search(r'credential[^>]*verify="([^"]+)"', picture)[1] == token


def test_a_key_of_the_environment_signs_instead_of_the_one_that_is_kept(client, done, settings, tmp_path):
    badge(client, done)
    [kept] = tmp_path.iterdir()
    assert kept.stat().st_mode & 0o777 == 0o600
    settings.BADGE_SIGNING_KEY = kept.read_text()
    kept.unlink()
    verified(client, badge(client, done))
    assert not list(tmp_path.iterdir())


def test_a_protected_holder_is_a_number_that_says_nothing(client, done, person):
    Person.objects.filter(pk=person.pk).update(is_protected=True)
    [holder] = verified(client, badge(client, done))["credentialSubject"]["identifier"]
    assert holder["identityType"] == "systemId"
