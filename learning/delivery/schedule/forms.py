"""What a coordinator is asked of when and how much is mailed."""

from datetime import date

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from courses.models import CoursePage
from learning.organisation.models import Municipality

from .models import WORKING_DAYS, CourseSchedule, MailPlan, between
from .planner import Pace


class WeekdaysField(forms.TypedMultipleChoiceField):
    """Days of the week; Monday is 0."""

    def __init__(self, **kwargs):
        super().__init__(choices=WEEKDAYS.items(), coerce=int, widget=forms.CheckboxSelectMultiple, **kwargs)


class DaysField(forms.CharField):
    """Days, one a line."""

    widget = forms.Textarea(attrs={"rows": 4})

    def prepare_value(self, value):
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value) -> list[str]:
        try:
            return sorted({date.fromisoformat(line).isoformat() for line in super().to_python(value).split()})
        except ValueError as error:
            raise forms.ValidationError(_("Write each day as 2027-02-22, one a line.")) from error


class MailPlanForm(forms.ModelForm):
    """When a municipality sends, and how much."""

    weekdays = WeekdaysField(label=gettext_lazy("Days on which anything is sent"))
    quiet_days = DaysField(
        label=gettext_lazy("Quiet days"), required=False, help_text=MailPlan._meta.get_field("quiet_days").help_text
    )

    class Meta:
        model = MailPlan
        fields = [
            *["weekdays", "opens", "closes", "quiet_days", "per_week"],
            *["remind_before", "remind_every", "most_reminders"],
            *["escalate_after", "escalate_above_after", "digest_day"],
        ]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial["weekdays"] = self.instance.weekdays or WORKING_DAYS

    def clean(self):
        opens, closes = self.cleaned_data.get("opens"), self.cleaned_data.get("closes")
        if opens is not None and closes is not None and closes <= opens:
            self.add_error("closes", _("The hours must end after they begin."))
        return self.cleaned_data


class CourseForm(forms.Form):
    """How often the lessons of one course come."""

    per_week = forms.IntegerField(label=gettext_lazy("Lessons a week"), validators=between(1, 5))
    weekdays = WeekdaysField(label=gettext_lazy("Days"))

    def __init__(self, course: CoursePage, pace: Pace, data=None):
        super().__init__(
            data,
            prefix=f"kurs-{course.pk}",
            initial={"per_week": pace.per_week, "weekdays": sorted(pace.weekdays)},
        )
        self.course = course

    def save(self) -> None:
        """Keep it, where it is not the usual."""
        asked = Pace(self.cleaned_data["per_week"], frozenset(self.cleaned_data["weekdays"]))
        rows = CourseSchedule.objects.filter(course=self.course)
        if asked == Pace():
            rows.delete()
        else:
            values = {"per_week": asked.per_week, "weekdays": sorted(asked.weekdays)}
            CourseSchedule.objects.update_or_create(course=self.course, defaults=values)


def course_forms(municipality: Municipality, data=None) -> list[CourseForm]:
    """A form for each course of the municipality."""
    courses = CoursePage.objects.live().descendant_of(municipality.site.root_page).order_by("path")
    kept = {row.course_id: row.pace for row in CourseSchedule.objects.filter(course__in=courses)}
    return [CourseForm(course, kept.get(course.pk, Pace()), data) for course in courses]
