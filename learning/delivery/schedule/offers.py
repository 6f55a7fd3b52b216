"""Links by which a person says yes to what is offered, without signing in; they open nothing else."""

from django.core.signing import BadSignature, Signer

from learning.organisation.models import Person
from learning.plans.models import Requirement

from .models import Acceptance

SIGNER = Signer(salt="learning.delivery.offers")


def offer_url(person: Person, requirement: Requirement) -> str:
    """The whole address at which the person says yes."""
    return person.municipality.address_of("delivery:offer", token(person, requirement))


def token(person: Person, requirement: Requirement) -> str:
    """What stands in the address, and nobody else can make."""
    return SIGNER.sign_object([str(person.uuid), requirement.pk])


def read(signed: str) -> tuple[Person, Requirement] | None:
    """Who is offered what; None where we did not make it, or either is gone."""
    try:
        uuid, pk = SIGNER.unsign_object(signed)
    except BadSignature:
        return None
    person = Person.objects.filter(uuid=uuid, is_active=True).select_related("municipality").first()
    requirement = Requirement.objects.filter(pk=pk).select_related("course").first()
    is_own = person and requirement and requirement.municipality_id == person.municipality_id
    return (person, requirement) if is_own and requirement.is_offer else None


def has_accepted(person: Person, requirement: Requirement) -> bool:
    """Whether the person has said yes."""
    return Acceptance.objects.filter(person=person, requirement=requirement).exists()
