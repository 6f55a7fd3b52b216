"""What is remembered of those who try to get in, of their links, of who has read whose name, and of disposals."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from learning.append_only import AppendOnlyModel
from learning.organisation.models import Appointment, Municipality, OrgUnit, Person

from .people import PeopleField


class Try(models.Model):
    """A try that counts for some minutes. In the database: a cache forgets, and counts two at once as one."""

    key = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["key", "at"], name="try_by_key_and_moment")]

    def __str__(self):
        return f"{self.key}, {self.at:%Y-%m-%d %H:%M}"


class AccessEntry(AppendOnlyModel):
    """Names were shown or handed out: to whom, when, in which list, and exactly whose."""

    class What(models.TextChoices):
        """The lists that hold names."""

        UNIT_PEOPLE = "unit_people", _("The people of a unit")
        PEOPLE = "people", _("People in the register")
        PERSON = "person", _("One person in the register")
        FUNCTIONS = "functions", _("Functions")
        HR_FILE = "hr_file", _("HR file")
        REFUSED_ROWS = "refused_rows", _("Rows of an HR file that were not read")
        DISPOSAL = "disposal", _("Disposal")
        MEANT = "meant", _("Whom a requirement means")
        MAILS = "mails", _("Mailings")

    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, related_name="+")
    reader = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("reader"))
    # As they were: a function that ends later takes nothing away from what was done with it.
    functions = models.CharField(_("function"), max_length=200, blank=True)
    at = models.DateTimeField(_("when"))
    what = models.CharField(_("list"), max_length=20, choices=What)
    unit = models.ForeignKey(OrgUnit, null=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("unit"))
    asked = models.CharField(_("what was asked for"), max_length=200, blank=True)
    exported = models.BooleanField(_("taken out as a file"), default=False)
    number = models.PositiveIntegerField(_("number of people"))
    people = PeopleField()

    class Meta:
        verbose_name = _("access")
        verbose_name_plural = _("access log")
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["municipality", "-at", "-id"], name="access_by_moment"),
            models.Index(fields=["municipality", "what", "-at", "-id"], name="access_by_list"),
            models.Index(fields=["municipality", "exported", "-at", "-id"], name="access_by_way"),
            models.Index(fields=["reader", "-at"], name="access_by_reader"),
        ]

    def __str__(self):
        return f"{self.reader}: {self.get_what_display()}, {self.at:%Y-%m-%d %H:%M}"

    @property
    def function_names(self) -> str:
        """What the reader was, in words."""
        return ", ".join(str(Appointment.Function(code).label) for code in self.functions.split(",") if code)

    @property
    def list_name(self) -> str:
        """Which list it was, in words."""
        return f"{self.get_what_display()}: {self.unit}" if self.unit else self.get_what_display()


class LinkSerial(models.Model):
    """How often a person's lesson links were revoked: a link carries the number, and works while it is the same."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="+")
    serial = models.PositiveIntegerField(_("times"))

    class Meta:
        verbose_name = _("stop of lesson links")
        verbose_name_plural = _("stops of lesson links")

    def __str__(self):
        return f"{self.person}: {self.serial}"


class Disposal(AppendOnlyModel):
    """People were disposed of by a decision. It says how many and by which rule, and nobody's name."""

    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, related_name="disposals")
    case_number = models.CharField(_("case number"), max_length=50)
    decided_on = models.DateField(_("decided on"))
    months = models.PositiveSmallIntegerField(_("months after the last employment"))
    ended_before = models.DateField(_("last employment ended before"))
    number = models.PositiveIntegerField(_("number of people"))
    counts = models.JSONField(_("rows"))  # key of a table → how many rows were emptied or removed
    sha256 = models.CharField(max_length=64)  # of the people, as they were previewed
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("disposal")
        verbose_name_plural = _("disposals")
        ordering = ["-at", "-pk"]

    def __str__(self):
        return f"{self.case_number} ({self.number})"
