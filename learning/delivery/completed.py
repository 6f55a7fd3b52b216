"""The mail that says that one's proof is ready."""

from datetime import date, datetime

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from learning.access.lesson_links import lesson_url
from learning.organisation.models import Person
from learning.records.models import Completion, EvidenceLevel

from .kinds import LINK_WORKS, SAMPLE_ADDRESS, SAMPLE_COURSE, Mail, composes
from .models import Message
from .services import queue

# What others report about a person is none of the person's own doing.
OWN = {EvidenceLevel.CHECKED, EvidenceLevel.TAKEN, EvidenceLevel.GROUP, EvidenceLevel.SUPPLEMENTED}


def queue_proof(instance: Completion, created: bool, **kwargs) -> None:
    """Let whoever has just completed a course have a mail with the proof."""
    just_now = timezone.localdate(instance.recorded_at) == instance.completed_on
    if created and just_now and instance.evidence_level in OWN:
        queue(
            person=instance.person,
            kind="completed",
            subject=str(instance.uuid),
            send_after=instance.recorded_at,
            about={"completion": instance.pk},
        )


def _sample() -> Mail:
    today = timezone.localdate()
    completion = Completion(course_title=SAMPLE_COURSE, completed_on=today, valid_through=today)
    return _mail(completion, SAMPLE_ADDRESS)


@composes(
    "completed",
    title=gettext_lazy("Your proof when you have completed a course"),
    why=gettext_lazy("You get this mail because you have just completed a course."),
    sample=_sample,
)
def compose(message: Message, now: datetime) -> Mail | None:
    """The proof, while it stands."""
    completion = Completion.objects.upheld().filter(pk=message.about["completion"]).first()
    if completion is None:
        return None
    return _mail(completion, _url(message.person, completion, timezone.localdate(now)))


def _url(person: Person, completion: Completion, on: date) -> str:
    """Where the proof is: without signing in, as long as its course is there."""
    course = completion.course
    if course is None or not course.live:
        return person.municipality.address_of("records:proof", completion.uuid)
    return lesson_url(person, course, through=on + LINK_WORKS)


def _mail(completion: Completion, url: str) -> Mail:
    return Mail(
        subject=_("Your proof: %(course)s") % {"course": completion.course_title},
        template="completed",
        context={"completion": completion, "url": url},
    )
