"""The acts by which people choose what they are sent."""

from django.db import transaction

from learning.organisation.models import Person

from .models import MailChoice


@transaction.atomic
def refuse(*, person: Person, kind: str) -> None:
    """Send the person no mails of the kind; a second time changes nothing."""
    choice, _is_new = MailChoice.objects.select_for_update().get_or_create(person=person)
    if kind not in choice.refused:
        choice.refused.append(kind)
        choice.save(update_fields=["refused"])


def choose(*, person: Person, language: str, refused: list[str]) -> None:
    """Keep what the person has chosen."""
    MailChoice.objects.update_or_create(person=person, defaults={"language": language, "refused": refused})
