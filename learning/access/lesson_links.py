"""Links that open one person's lessons and nothing else: used again until their last day, revoked all at once.

Whoever opens one presses a button, and a session of narrow reach begins. Its backend is its mark, and in it one is
nobody to every view that does not open itself (`rules.open_by_link`).
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.middleware import get_user
from django.contrib.auth.models import AnonymousUser
from django.core.signing import BadSignature, Signer
from django.db.models import Exists, F, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.middleware.csrf import rotate_token
from django.utils.formats import date_format
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from wagtail.models import Page

from learning.errors import LearningError
from learning.organisation.models import Appointment, Employment, Person

from .models import LinkSerial

BACKEND = "learning.access.backends.LessonBackend"
LONGEST = timedelta(hours=12)  # of a session


class LinkRefused(LearningError):
    """The link lets nobody in. Why is told of its last day only: anything else would tell of its person."""

    status = 400

    def __init__(self, reason: str = ""):
        super().__init__(reason or _("It has been stopped, or a part of it is missing. Nothing was lost."))


@dataclass(frozen=True)
class LessonLink:
    """What a link says: who may go on where, and the language in which it was sent."""

    person: Person
    page_id: int
    language: str


def lesson_url(person: Person, page: Page, *, through: date) -> str:
    """The whole address at which the person goes on with the lesson or the course, or comes to the proof of it.

    It works through the day, and in the language of the moment.
    """
    token = _signer().sign_object([person.pk, page.pk, through.toordinal(), serial_of(person), get_language()])
    return person.municipality.address_of("records:lesson_link", token)


def read_link(token: str, *, on: date) -> LessonLink:
    """What the link says, if it lets its person in on the day. Raises LinkRefused."""
    try:
        person_id, page_id, through, serial, language = _signer().unsign_object(token)
    except BadSignature as forged:
        raise LinkRefused from forged
    if on.toordinal() > through:
        last_day = date_format(date.fromordinal(through), "j F Y")
        raise LinkRefused(_("It could be used through %(day)s. Nothing was lost.") % {"day": last_day})
    person = learner(person_id, on=on)
    if person is None or person.link_serial != serial:
        raise LinkRefused
    return LessonLink(person, page_id, language)


def _signer() -> Signer:
    return Signer(salt="learning.access.lesson_links", sep=".")


def revoke(person: Person) -> None:
    """Let no link that the person has been sent work any more, and end the sessions that they began."""
    LinkSerial.objects.update_or_create(
        person=person, defaults={"serial": F("serial") + 1}, create_defaults={"serial": 1}
    )


def serial_of(person: Person) -> int:
    """How often the person's links have been revoked."""
    return LinkSerial.objects.filter(person=person).values_list("serial", flat=True).first() or 0


def learner(person_id: int, *, on: date) -> Person | None:
    """The person, as links let them in on the day: active, and employed or appointed."""
    in_force = [Exists(model.objects.on(on).filter(person=OuterRef("pk"))) for model in (Employment, Appointment)]
    serial = LinkSerial.objects.filter(person=OuterRef("pk")).values("serial")
    people = Person.objects.filter(in_force[0] | in_force[1], is_active=True, municipality__isnull=False)
    people = people.select_related("municipality__site__root_page")
    person = people.annotate(link_serial=Coalesce(Subquery(serial), 0)).filter(pk=person_id).first()
    if person:
        # So a session ends with the link that began it, and is never taken over by one of the whole reach.
        whole = person.get_session_auth_hash
        person.get_session_auth_hash = lambda: f"{whole()}.{person.link_serial}"
    return person


def enter(request, person: Person, *, now: datetime) -> None:
    """Begin a session of narrow reach for a `learner`.

    As Django's `login`, but that it notes no signing in: that would use up a one-time link that is on its way.
    """
    if SESSION_KEY in request.session:
        request.session.flush()
    else:
        request.session.cycle_key()
    request.session[SESSION_KEY] = str(person.pk)
    request.session[BACKEND_SESSION_KEY] = BACKEND
    request.session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    request.session.set_expiry(now + LONGEST)
    request.user = person
    rotate_token(request)


def is_by_link(request) -> bool:
    """Whether the session has the narrow reach of a link."""
    return request.session.get(BACKEND_SESSION_KEY) == BACKEND


def shut_out(request) -> None:
    """Let whoever came by a link be nobody for the rest of the request."""
    request.user = SimpleLazyObject(lambda: AnonymousUser() if is_by_link(request) else get_user(request))
