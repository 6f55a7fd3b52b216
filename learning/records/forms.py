"""What is asked of those who decide on an exemption, and of those who have learned something elsewhere."""

from datetime import date

from django import forms
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from courses.models import CoursePage
from learning.register.forms import DayField
from learning.translations import in_language

from .evidence import LEVELS, MOST_BYTES, NotAProof, courses_for, kind_of
from .models import Evidence, EvidenceLevel, EvidenceStep, Exemption

Decision = EvidenceStep.Decision
PRIVATE = gettext_lazy("Write nothing about health or other private matters.")


class CourseField(forms.ModelChoiceField):
    """A course by its title in the language of the page."""

    def label_from_instance(self, course: CoursePage) -> str:
        return in_language(course, get_language()).title


class ExemptionForm(forms.Form):
    """From which course, why and until when."""

    course = CourseField(None, label=gettext_lazy("Course"), empty_label=None)
    reason = forms.ChoiceField(label=gettext_lazy("Reason"), choices=Exemption.Reason.choices)
    words = forms.CharField(label=gettext_lazy("In words"), help_text=PRIVATE, max_length=300, required=False)
    starts_on = DayField(label=gettext_lazy("From"))
    ends_on = DayField(label=gettext_lazy("Through"), help_text=gettext_lazy("The last day."))

    def __init__(self, *args, courses, today: date, may_leave_open: bool, **kwargs):
        super().__init__(*args, initial={"starts_on": today}, **kwargs)
        self.today, self.may_leave_open = today, may_leave_open
        self.fields["course"].queryset = courses
        if may_leave_open:
            self.fields["ends_on"].required = False
            self.fields["ends_on"].help_text = _("The last day. Empty means until further notice.")

    def clean(self):
        given = super().clean()
        starts_on, ends_on = given.get("starts_on"), given.get("ends_on")
        if starts_on and starts_on < self.today and not self.may_leave_open:
            self.add_error("starts_on", _("Choose today or a later day. The coordinator can decide on earlier days."))
        if starts_on and ends_on and ends_on < starts_on:
            self.add_error("ends_on", _("The last day cannot come before the first."))
        if given.get("reason") == Exemption.Reason.OTHER and not given.get("words") and "words" not in self.errors:
            self.add_error("words", _("Say which reason."))
        return given


class EvidenceForm(forms.Form):
    """What was learned elsewhere, and when."""

    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=Evidence.Kind.choices)
    what = forms.CharField(label=gettext_lazy("What it was"), max_length=200)
    organiser = forms.CharField(label=gettext_lazy("Organiser"), max_length=200)
    first_day = DayField(label=gettext_lazy("Day"))
    last_day = DayField(
        label=gettext_lazy("Last day"), help_text=gettext_lazy("If it went on for more than a day."), required=False
    )
    hours = forms.DecimalField(label=gettext_lazy("Hours"), min_value=0, max_digits=5, decimal_places=1, required=False)
    words = forms.CharField(
        label=gettext_lazy("What you took with you"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=PRIVATE,
        max_length=1000,
        required=False,
    )
    file = forms.FileField(
        label=gettext_lazy("Proof"),
        help_text=gettext_lazy("PDF, JPEG or PNG, 5 MB at most. You and those who decide can read it."),
        widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png"}),
        required=False,
    )

    def __init__(self, *args, today: date, **kwargs):
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_file(self) -> bytes:
        file = self.cleaned_data["file"]
        content = file.read(MOST_BYTES + 1) if file else b""
        try:
            if content:
                kind_of(content)
        except NotAProof as problem:
            raise forms.ValidationError(str(problem)) from problem
        return content

    def clean(self):
        given = super().clean()
        first, told = given.get("first_day"), given.get("last_day")
        last = told or first
        if first and last:
            given["last_day"] = last
            if last < first:
                self.add_error("last_day", _("The last day cannot come before the first."))
            elif last > self.today:
                words = _("It is told when it is over, and this day has not come yet.")
                self.add_error("last_day" if told else "first_day", words)
        return given

    @property
    def told(self) -> dict:
        """What the verb is told."""
        given = dict(self.cleaned_data)
        return {"content": given.pop("file", b""), **given}


class GroupEvidenceForm(EvidenceForm):
    """What several people did together; whoever registers it was there or knows of it, so there is no file."""

    people = forms.ModelMultipleChoiceField(None, to_field_name="uuid", widget=forms.CheckboxSelectMultiple)
    file = None

    def __init__(self, *args, people, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["people"].queryset = people
        self.fields["people"].label = _("Who took part")
        self.fields["words"].label = _("What it gave")


class DecisionForm(forms.Form):
    """What training elsewhere counts for."""

    decision = forms.ChoiceField(label=gettext_lazy("Decision"), choices=Decision.choices, widget=forms.RadioSelect)
    course = CourseField(None, label=gettext_lazy("Course"), required=False)
    level = forms.ChoiceField(
        label=gettext_lazy("How it is known"),
        choices=[
            (EvidenceLevel.REPORTED, gettext_lazy("On the person’s word")),
            (EvidenceLevel.ATTESTED, gettext_lazy("I have seen the proof")),
        ],
        widget=forms.RadioSelect,
        initial=LEVELS[0],
        required=False,
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("The person reads it. Asked for where it is declined."),
        max_length=300,
        required=False,
    )

    def __init__(self, *args, evidence: Evidence, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["course"].queryset = courses_for(evidence.person)
        self.fields["course"].empty_label = _("Choose where it is accepted")
        # Whether these may be left empty depends on the decision, so nothing is said of that.
        for name in ("course", "level", "reason"):
            self.fields[name].depends = True

    def clean(self):
        given = super().clean()
        needed = {Decision.ACCEPTED: ["course", "level"], Decision.DECLINED: ["reason"]}
        for name in needed.get(given.get("decision"), []):
            if not given.get(name) and name not in self.errors:
                self.add_error(name, _("This is needed for what you have chosen."))
        return given
