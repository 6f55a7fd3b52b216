"""What reaches people: the outbox that every mail goes through, and what is known of each person's mailbox."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from learning.organisation.models import Municipality, Person

from .kinds import kind_of
from .schedule.models import MailPlan as MailPlan  # with it, Django finds the schedule's tables


class State(models.TextChoices):
    """Where a message is."""

    WAITING = "waiting", pgettext_lazy("a mail", "Waiting")
    SENT = "sent", pgettext_lazy("a mail", "Sent")
    CANCELLED = "cancelled", pgettext_lazy("a mail", "Not called for")
    FAILED = "failed", pgettext_lazy("a mail", "Failed")
    BOUNCED = "bounced", pgettext_lazy("a mail", "Came back")


class Why(models.TextChoices):
    """Why a message was not sent."""

    SETTLED = "settled", _("What it was about had settled itself.")
    NOT_EMPLOYED = "not_employed", _("The person was not employed.")
    NO_ADDRESS = "no_address", _("The person had no address.")
    DEAD_ADDRESS = "dead_address", _("Mail to the address had come back.")
    REFUSED = "refused", _("The person did not want mails of the kind.")
    UNKNOWN_KIND = "unknown_kind", _("No such mail is made any longer.")
    NOT_TAKEN = "not_taken", _("The mail server refused the address.")
    GIVEN_UP = "given_up", _("It was tried again and again, and then given up.")
    CAME_BACK = "came_back", _("It came back: it could not be handed over.")
    NOT_ASKED = "not_asked", _("It was no longer asked: done, on leave, exempt or in another place.")
    PROTECTED = "protected", _("The person’s identity is protected.")
    SWITCHED_OFF = "switched_off", _("The municipality had switched its mailings off.")


class MessageQuerySet(models.QuerySet):
    def due(self, now: datetime):
        """Those that wait and may be taken now, the longest waiting first; none of municipalities that pause."""
        paused = Pause.objects.filter(municipality=OuterRef("person__municipality"))
        return self.filter(~Exists(paused), state=State.WAITING, due_at__lte=now).order_by("due_at", "pk")

    def of(self, municipality: Municipality):
        """Those to the people of the municipality."""
        return self.filter(person__municipality=municipality)


class Message(models.Model):
    """A mail to a person: what it is about. What it says is made when it is sent. Only services change it."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="messages")
    kind = models.CharField(_("kind"), max_length=50)
    subject_key = models.CharField(max_length=200)
    about = models.JSONField(default=dict)  # ids only
    message_id = models.CharField(max_length=200, unique=True)
    send_after = models.DateTimeField(_("not before"))
    # When it may be taken next: as asked; or when the lease of who sends it ends; or when it is tried again.
    due_at = models.DateTimeField(_("next try"))
    state = models.CharField(_("state"), max_length=20, choices=State, default=State.WAITING)
    why = models.CharField(_("why"), max_length=20, choices=Why, blank=True)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    error = models.CharField(_("last error"), max_length=100, blank=True)  # without personal data
    queued_at = models.DateTimeField(_("queued"), auto_now_add=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    subject = models.CharField(_("subject"), max_length=255, blank=True)
    language = models.CharField(_("language"), max_length=10, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("mail")
        verbose_name_plural = _("mails")
        constraints = [
            models.UniqueConstraint(fields=["person", "kind", "subject_key"], name="one_message_per_person_and_subject")
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state=State.WAITING), name="message_waiting"),
            models.Index(fields=["state", "kind"], name="message_by_state_and_kind"),
        ]

    def __str__(self):
        return f"{self.kind}: {self.person}"

    @property
    def kind_title(self) -> str:
        """What the kind is called."""
        kind = kind_of(self.kind)
        return str(kind.title) if kind else self.kind

    @property
    def can_be_sent_again(self) -> bool:
        """Whether it was neither handed over nor waits."""
        return self.state not in (State.WAITING, State.SENT)


class Pause(models.Model):
    """While it stands, nothing is sent to anybody in the municipality; what is queued waits."""

    municipality = models.OneToOneField(Municipality, on_delete=models.CASCADE, related_name="mail_pause")
    since = models.DateTimeField(_("since"))
    by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("by"))

    class Meta:
        verbose_name = _("pause of all mail")
        verbose_name_plural = _("pauses of all mail")

    def __str__(self):
        return f"{self.municipality}, {self.since:%Y-%m-%d %H:%M}"


class MailChoice(models.Model):
    """What a person has chosen: the language of the mails, and which kinds not to get."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="mail_choice")
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES, default="sv")
    refused = models.JSONField(_("kinds not wanted"), default=list)

    class Meta:
        verbose_name = _("choice of mails")
        verbose_name_plural = _("choices of mails")

    def __str__(self):
        return f"{self.person}: {self.language}"


class MailboxQuerySet(models.QuerySet):
    def dead(self):
        """Those whose person still has the address that mail came back from."""
        return self.exclude(dead_address="").filter(dead_address=F("person__email"))


class Mailbox(models.Model):
    """What has come back from a person's mailbox: that the address does not work, or that they are away."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="mailbox")
    # Another address is not that which mail came back from; nobody need say so.
    dead_address = models.EmailField(_("address that does not work"), blank=True)
    dead_since = models.DateTimeField(_("mail came back"), null=True)
    error = models.CharField(_("why"), max_length=100, blank=True)
    away_until = models.DateTimeField(_("away until"), null=True)

    objects = MailboxQuerySet.as_manager()

    class Meta:
        verbose_name = _("mailbox")
        verbose_name_plural = _("mailboxes")

    def __str__(self):
        return f"{self.person}"


class Run(models.Model):
    """The last run of a task of the clock: how the admin sees that the worker is alive."""

    task = models.CharField(_("task"), max_length=200, unique=True)
    ended_at = models.DateTimeField(_("ended"))
    error = models.CharField(_("error"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("run")
        verbose_name_plural = _("runs")

    def __str__(self):
        return f"{self.task}, {self.ended_at:%Y-%m-%d %H:%M}"


class KeptMail(models.Model):
    """A mail that stays on the machine and can be read there: the demonstration sends nobody anything."""

    message_id = models.CharField(max_length=200, blank=True)
    address = models.EmailField(_("to"))
    subject = models.CharField(_("subject"), max_length=255)
    kept_at = models.DateTimeField(_("sent"), auto_now_add=True)
    content = models.TextField()

    class Meta:
        verbose_name = _("kept mail")
        verbose_name_plural = _("kept mails")
        ordering = ["-kept_at", "-pk"]

    def __str__(self):
        return self.subject
