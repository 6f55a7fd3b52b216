"""Periods of whole days. `ends_on` is the last day, inclusive; empty means until further notice."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

DAY = timedelta(days=1)
# Other years are slips of the pen, such as 202 or 9999.
FIRST_YEAR, LAST_YEAR = 1900, 2100


@dataclass(frozen=True)
class Span:
    """Days from one through another; `last` None is until further notice. `what` is what the span is about."""

    first: date
    last: date | None
    what: object = None

    def holds(self, day: date) -> bool:
        return self.first <= day and (self.last is None or day <= self.last)

    @property
    def after(self) -> date | None:
        """The first day after the span; None where no day comes after it."""
        return None if self.last in (None, date.max) else self.last + DAY


def shifted(day: date, days: int) -> date:
    """The day so many days later; where the calendar ends, its end."""
    return date.fromordinal(min(max(day.toordinal() + days, 1), date.max.toordinal()))


def possible_day(day: date | None) -> None:
    """Refuse a slip of the pen."""
    if day and not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValidationError(
            gettext("Write a year from %(first)s through %(last)s."),
            params={"first": FIRST_YEAR, "last": LAST_YEAR},
        )


class DayField(models.DateField):
    """A day whose year is no slip of the pen."""

    default_validators = [possible_day]

    def deconstruct(self):
        """A plain DateField to migrations: they import nothing of ours."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.DateField", args, kwargs


def in_force(dated, day: date) -> bool:
    """Whether the dated thing is in force on the day."""
    return dated.starts_on <= day and (dated.ends_on is None or day <= dated.ends_on)


class DatedQuerySetMixin:
    """The words that every dated thing is asked with."""

    def on(self, day: date):
        """Those in force on the day."""
        return self.filter(Q(starts_on__lte=day), Q(ends_on__isnull=True) | Q(ends_on__gte=day))

    def overlapping(self, first: date, last: date | None):
        """Those in force on any day from the first through the last; None is until further notice."""
        begun = self if last is None else self.filter(starts_on__lte=last)
        return begun.exclude(ends_on__lt=first)

    def still_open(self):
        """Those without a last day."""
        return self.filter(ends_on__isnull=True)


class DatedQuerySet(DatedQuerySetMixin, models.QuerySet):
    pass


class Dated(models.Model):
    """Something in force from one day through another."""

    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(
        _("through"), null=True, blank=True, help_text=_("The last day. Empty means until further notice.")
    )

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="%(app_label)s_%(class)s_ends_after_it_starts",
            )
        ]

    @property
    def days(self) -> str:
        """The period in words."""
        return f"{self.starts_on} – {self.ends_on or gettext('until further notice')}"

    def another(self, **values):
        """A row, not yet written, that says the same but for these values."""
        fields = [field.attname for field in self._meta.concrete_fields if not field.primary_key]
        row = type(self)(**{name: getattr(self, name) for name in fields})
        for name, value in values.items():
            setattr(row, name, value)
        return row

    def holds(self, day: date) -> bool:
        """Whether it is in force on the day."""
        return in_force(self, day)

    def clean(self):
        super().clean()
        wrong = {}
        for name in ("starts_on", "ends_on"):
            try:
                possible_day(getattr(self, name))
            except ValidationError as error:
                wrong[name] = error
        if wrong:
            raise ValidationError(wrong)
