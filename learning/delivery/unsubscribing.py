"""Links that refuse a kind of mail for one person, without signing in (RFC 8058). They do not run out."""

from django.core.signing import BadSignature, Signer

from learning.organisation.models import Person

SIGNER = Signer(salt="learning.delivery.unsubscribe")


def unsubscribe_url(person: Person, kind: str) -> str:
    """The whole address at which the person is rid of the kind."""
    return person.municipality.address_of("delivery:unsubscribe", token(person, kind))


def token(person: Person, kind: str) -> str:
    """What stands in the address, and nobody else can make."""
    return SIGNER.sign_object([str(person.uuid), kind])


def read(signed: str) -> tuple[Person, str] | None:
    """Whom and which kind it is of; None where we did not make it, or the person is gone."""
    try:
        uuid, kind = SIGNER.unsign_object(signed)
    except BadSignature:
        return None
    person = Person.objects.filter(uuid=uuid).first()
    return (person, kind) if person else None
