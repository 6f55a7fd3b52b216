"""How a survey is written, answered and opened."""

from django import forms
from django.apps import apps
from django.core.exceptions import ValidationError
from django.forms.formsets import DELETION_FIELD_NAME
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from modelcluster.forms import BaseChildFormSet
from wagtail.admin.panels import InlinePanel

from learning.access.references import OwnReferencesForm

LONGEST = 1000  # of what is written in one's own words


class SurveyForm(OwnReferencesForm):
    """A survey with its questions; a draft may be half written."""

    def is_valid(self):
        if not super().is_valid():
            return False
        if self.is_deferred_validation:
            return True
        rows = [row for row in self.formsets["items"].cleaned_data if row and not row.get("DELETE")]
        for fault in faults(self.cleaned_data, rows):
            self.add_error(None, _("%(fault)s What you wrote is kept here.") % {"fault": fault})
        return not self.errors


def faults(survey: dict, items: list[dict]):
    """What keeps it from being asked, in words."""
    if survey["kind"] == "course" and not survey.get("course"):
        yield _("Choose the course that it is asked around.")
    if survey["kind"] == "needs" and survey.get("course"):
        yield _("A survey of what elected officials need belongs to no course: leave the course empty.")
    if sum(item["kind"] == "text" for item in items) > 1:
        yield _("Ask for one’s own words once at most: what many write can point somebody out.")
    for item in items:
        if item["kind"] == "choice" and len(item["options"].split("\n")) < 2:
            yield _("Give “%(text)s” at least two options, one to a line.") % {"text": item["text"]}


class KeepAnsweredFormSet(BaseChildFormSet):
    """Refuses to change or remove what has been asked, and keeps all else that was written."""

    KEPT = ("kind", "text", "options", "most")

    def clean(self):
        super().clean()
        if not self._is_answered():
            return
        asked = [form for form in self.initial_forms if form.instance.pk]
        for form in (form for form in self.deleted_forms if form in asked):
            form.data = form.data.copy()
            form.data[form.add_prefix(DELETION_FIELD_NAME)] = ""
            self._refuse(form)
        for form in asked:
            if set(self.KEPT) & set(form.changed_data):
                self._refuse(form)

    def _is_answered(self) -> bool:
        return apps.get_model("surveys", "Tally").objects.filter(wave__survey=self.instance.pk).exists()

    def _refuse(self, form):
        was = type(form.instance).objects.filter(pk=form.instance.pk).values_list("text", flat=True).first()
        raise ValidationError(
            _(
                "“%(text)s” has been answered, so it stays as it is, or its figures would speak of something else. "
                "Nothing was changed. Add a question, or write another survey and unpublish this one."
            )
            % {"text": was}
        )


class KeepAnsweredPanel(InlinePanel):
    """An inline panel that keeps what has been answered."""

    def get_form_options(self):
        options = super().get_form_options()
        options["formsets"][self.relation_name]["formset"] = KeepAnsweredFormSet
        return options


class AnswerForm(forms.Form):
    """The questions of a survey in the reader's language, none of which must be answered."""

    def __init__(self, *args, items, **kwargs):
        super().__init__(*args, **kwargs)
        self.items = {f"item-{item.pk}": item for item in items}
        for name, item in self.items.items():
            self.fields[name] = _FIELDS[item.kind](item)

    def clean(self):
        data = super().clean()
        if not self.errors and not any(data.values()):
            raise ValidationError(_("Nothing is answered yet. Answer one question at least, or leave the page."))
        return data

    def chosen(self) -> dict[int, list[str]]:
        """Id of an item → the values that were chosen."""
        return {item.pk: self._values(name) for name, item in self.items.items() if item.kind != "text"}

    def texts(self) -> dict[int, str]:
        """Id of an item → what was written."""
        return {item.pk: self.cleaned_data[name] for name, item in self.items.items() if item.kind == "text"}

    def _values(self, name: str) -> list[str]:
        value = self.cleaned_data[name]
        return value if isinstance(value, list) else [value] if value else []


class _SeveralField(forms.MultipleChoiceField):
    def __init__(self, *, most: int, **kwargs):
        super().__init__(**kwargs)
        self.most = most

    def validate(self, value):
        super().validate(value)
        if len(value) > self.most:
            raise ValidationError(_("Choose %(most)s at most."), params={"most": self.most})


class Scale(forms.RadioSelect):
    """Radio buttons that stand in a row where there is room."""


def _statement(item):
    return forms.ChoiceField(label=item.text, choices=item.choices, required=False, widget=Scale)


def _choice(item):
    if item.most == 1:
        return forms.ChoiceField(label=item.text, choices=item.choices, required=False, widget=forms.RadioSelect)
    return _SeveralField(
        label=item.text,
        choices=item.choices,
        required=False,
        most=item.most,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Choose %(most)s at most.") % {"most": item.most},
    )


def _words(item):
    return forms.CharField(
        label=item.text,
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Name nobody, and write nothing by which somebody can be recognised."),
    )


_FIELDS = {"statement": _statement, "choice": _choice, "text": _words}


class WaveForm(forms.Form):
    """When a round opens, and the last day on which it can be answered."""

    starts_on = forms.DateField(label=gettext_lazy("Opens"), widget=forms.DateInput(attrs={"type": "date"}))
    ends_on = forms.DateField(label=gettext_lazy("Last day to answer"), widget=forms.DateInput(attrs={"type": "date"}))
