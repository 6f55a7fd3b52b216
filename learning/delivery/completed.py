"""The mail that says that one's proof is ready."""

from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from learning.records.models import Completion, EvidenceLevel

from .kinds import Mail, composes
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
    return _mail(Completion(course_title="Grundläggande kunskap om VBE", completed_on=today, valid_through=today))


@composes(
    "completed",
    title=gettext_lazy("Your proof when you have completed a course"),
    why=gettext_lazy("You get this mail because you have just completed a course."),
    sample=_sample,
)
def compose(message: Message, now: datetime) -> Mail | None:
    """The proof, while it stands."""
    completion = Completion.objects.upheld().filter(pk=message.about["completion"]).first()
    return completion and _mail(completion)


def _mail(completion: Completion) -> Mail:
    return Mail(
        subject=_("Your proof: %(course)s") % {"course": completion.course_title},
        template="completed",
        context={
            "completion": completion,
            "url": settings.WAGTAILADMIN_BASE_URL + reverse("records:proof", args=[completion.uuid]),
        },
    )
