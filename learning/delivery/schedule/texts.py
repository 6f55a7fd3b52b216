"""Texts for those whom mail does not reach, to be sent as SMS from a service of the municipality's own."""

import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from learning.bulk import in_batches
from learning.delivery.kinds import NotCalledFor
from learning.delivery.models import Message, State
from learning.delivery.services import Asked, queue_all
from learning.organisation.models import Person

from .composing import story_of
from .gathering import employed, reachable, sent_to, tasks_of
from .hours import local
from .models import MailPlan
from .planner import OFFER, Planned, next_mail

# The alphabet of GSM (3GPP TS 23.038); those of the second take two places each.
GSM = set("@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿")
GSM |= set("abcdefghijklmnopqrstuvwxyzäöñüà")
EXTENDED = set("^{}\\[~]|€")
ALPHABET = GSM | EXTENDED
PLAIN = str.maketrans({"–": "-", "’": "'", "”": '"', "…": "...", "\u00a0": " "})
LONGEST = 160  # of one SMS in that alphabet


@dataclass(frozen=True)
class Text:
    """What one person is to be sent."""

    person: Person
    language: str
    text: str
    kind: str


def in_gsm(text: str) -> str:
    """The text in the alphabet of GSM: other signs as their nearest letters, or left out."""
    found = ""
    for sign in text.translate(PLAIN):
        known = [sign] if sign in ALPHABET else unicodedata.normalize("NFKD", sign)
        found += "".join(one for one in known if one in ALPHABET)
    return found


def places(text: str) -> int:
    """How many places of an SMS the text takes in the alphabet of GSM."""
    return sum(2 if sign in EXTENDED else 1 for sign in text)


def fitted(words: str, url: str) -> str:
    """The words and the address in one SMS: the words are cut where both do not fit, the address never is."""
    words, room = in_gsm(words), LONGEST - places(url) - 1
    while words and places(words) > room:
        words = words[:-1]
    return f"{words.rstrip()} {url}".strip()


@transaction.atomic
def take_out(*, plan: MailPlan, now: datetime) -> list[Text]:
    """What those whom mail does not reach are to be sent now, as if it were mailed; it is noted as sent.

    Whoever has been sent as much as a week allows is left out, and so is what was taken out today already.
    """
    MailPlan.objects.select_for_update().get(pk=plan.pk)
    slot = next(plan.hours.slots(now), None)
    if plan.started_at is None or slot is None:
        return []
    on = local(now).date()
    people = employed(plan.municipality, on).exclude(pk__in=reachable(plan.municipality, on))
    return [text for batch in in_batches(people) for text in _texts(plan, batch, now, slot)]


def _texts(mail_plan: MailPlan, batch: Collection[int], now: datetime, slot: datetime) -> list[Text]:
    people = Person.objects.select_related("municipality__site", "mail_choice").in_bulk(batch)
    sent, texts, asked = sent_to(batch, now), [], []
    for pk, tasks in tasks_of(mail_plan.municipality, batch, local(now).date()).items():
        planned = next_mail(tasks, sent.get(pk, ()), mail_plan.hours, mail_plan.limits, slot)
        if planned is None or planned.kind == OFFER:
            continue
        if text := _text(people[pk], planned, now):
            texts.append(text)
            asked.append(Asked(pk, planned.kind, planned.subject, now, {**planned.ids, "way": "sms"}))
    _note_sent(mail_plan, asked, now)
    return texts


def _text(person: Person, planned: Planned, now: datetime) -> Text | None:
    choice = getattr(person, "mail_choice", None)
    language = choice.language if choice else settings.LANGUAGE_CODE
    message = Message(person=person, kind=planned.kind, about=planned.ids)
    with override(language):
        try:
            story = story_of(message, now)
        except NotCalledFor:
            return None
        if story is None:
            return None
        words = _("Kunskapsläget: %(what)s") % {"what": story.lesson or story.course}
        return Text(person, language, fitted(words, story.url), planned.kind)


def _note_sent(mail_plan: MailPlan, asked: list[Asked], now: datetime) -> None:
    """Note them as sent, so that the week's limit counts them."""
    queue_all(municipality=mail_plan.municipality, asked=asked)
    subjects = {(one.person_id, one.kind, one.subject) for one in asked}
    rows = Message.objects.filter(person__in={person for person, _kind, _subject in subjects}, state=State.WAITING)
    own = [row.pk for row in rows if (row.person_id, row.kind, row.subject_key) in subjects]
    Message.objects.filter(pk__in=own).update(state=State.SENT, sent_at=now, subject=_("Taken out as an SMS text"))
