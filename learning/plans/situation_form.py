"""How a situation picture is written: what looks secret is refused, draft or not, and what was written stays."""

from collections.abc import Iterable, Iterator

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Case, OuterRef, Subquery, When
from django.db.models.functions import Length, Substr
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.models import Page

from courses.models import LessonPage, Route
from learning.access.references import OwnReferencesForm
from learning.errors import LearningError
from learning.organisation.models import Municipality

from .secret import Finding, Kind, found_in, last_names_in


class LooksSecret(LearningError):
    """Something in the picture looks secret; nothing was saved."""


# What something looks like, and what to do about it.
ADVICE = {
    Kind.PERSONAL_NUMBER: (
        gettext_lazy("a personal identity number"),
        gettext_lazy("Write what was seen, and not who it was."),
    ),
    Kind.TELEPHONE: (
        gettext_lazy("somebody’s telephone number"),
        gettext_lazy("Leave it out. Numbers that anybody may call are kept as routes; those may be written here too."),
    ),
    Kind.MAIL: (gettext_lazy("an e-mail address"), gettext_lazy("Write a group or a function instead.")),
    Kind.CAR: (gettext_lazy("a registration plate"), gettext_lazy("Write what was seen, and not whose it was.")),
    Kind.MARKING: (
        gettext_lazy("a mark of secrecy"),
        gettext_lazy(
            "Take away all that it marks. If secrecy is what you write about, do so in a sentence, such as “routines "
            "for secrecy”."
        ),
    ),
    Kind.CASE: (
        gettext_lazy("the number of a case"),
        gettext_lazy("Leave it out: whoever has the number finds the person. Numbers of KS and KF may be written."),
    ),
    Kind.ADDRESS: (
        gettext_lazy("a street address"),
        gettext_lazy("Write the kind of place instead, such as a school or a square."),
    ),
    Kind.NAME: (
        gettext_lazy("the name of somebody on the municipality’s register"),
        gettext_lazy("Write a group or a function instead."),
    ),
}


def told(label: str, findings: Iterable[Finding]) -> str:
    """That a field is not saved, why, what was found in it, and what to do about each."""
    found = []
    for finding in findings:
        looks_like, advice = ADVICE[finding.kind]
        words = {"words": finding.words, "looks_like": looks_like, "advice": advice}
        found.append(_("“%(words)s” looks like %(looks_like)s. %(advice)s") % words)
    head = _("%(field)s: this is not saved, since the picture may be read by anybody.") % {"field": label}
    return " ".join([head, *found])


def text_fields(model) -> list[models.Field]:
    """The fields that one writes in."""
    fields = (field for field in model._meta.get_fields() if isinstance(field, models.CharField | models.TextField))
    return [field for field in fields if field.editable and not field.choices]


AT_A_TIME = 10_000  # databases take no more than some ten thousands of words in one question


def _names(municipality: Municipality, last_names: list[str]) -> Iterator[tuple[str, str]]:
    """First and last names of those on the register who are called one of these."""
    for start in range(0, len(last_names), AT_A_TIME):
        people = municipality.person_set.filter(last_name__in=last_names[start : start + AT_A_TIME])
        yield from people.order_by().values_list("first_name", "last_name").distinct()


class Reader:
    """Reads texts of a municipality for what looks secret; asks the register once."""

    def __init__(self, municipality: Municipality, texts: Iterable[str]):
        routes = Route.objects.filter(municipality=municipality).exclude(number="")
        self.public = [municipality.contact_email, *routes.values_list("number", flat=True)]
        self.names = list(_names(municipality, sorted(last_names_in("\n".join(texts)))))

    def found(self, text: str) -> list[Finding]:
        return found_in(text, names=self.names, public=self.public)


def expect_open(picture) -> None:
    """Refuse a picture in which anything looks secret. Raises LooksSecret."""
    rows = [picture, *picture.topics.all()]
    written = [(field.verbose_name, getattr(row, field.name)) for row in rows for field in text_fields(type(row))]
    reader = Reader(picture.municipality, [text for _label, text in written])
    found = [told(capfirst(label), findings) for label, text in written if (findings := reader.found(text))]
    if found:
        raise LooksSecret(" ".join(found))


class TopicForm(WagtailAdminModelForm):
    """A topic, with the lessons of the municipality to tick; those that are ticked stand first."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        field, municipality = self.fields["lessons"], self.for_user and self.for_user.municipality
        if municipality:
            field.queryset = field.queryset.descendant_of(municipality.site.root_page)
        path = Substr(OuterRef("path"), 1, Length(OuterRef("path")) - Page.steplen)
        course = Subquery(Page.objects.filter(path=path).values("title"))
        ticked = [lesson.pk for lesson in self.initial.get("lessons", ())]
        # With nothing ticked, the order would be by a number, which databases take for a column.
        order = [Case(When(pk__in=ticked, then=0), default=1)] if ticked else []
        field.queryset = field.queryset.annotate(course_title=course).order_by(*order, "path")
        field.label_from_instance = _lesson_label

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("no_lesson_because") and cleaned.get("lessons"):
            words = _("You have ticked a lesson too. Untick it, or leave this empty.")
            self.add_error("no_lesson_because", words)
        return cleaned


def _lesson_label(lesson: LessonPage) -> str:
    told = f"{lesson.course_title}: {lesson.title}"
    return told if lesson.live else _("%(lesson)s (draft)") % {"lesson": told}


class SituationForm(OwnReferencesForm):
    """A picture with its topics."""

    class Media:
        css = {"all": ["css/authoring.css"]}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        # Two drafts may not come to be of the same year.
        self.fields["year"].disabled = bool(self.instance.pk)

    def clean_year(self):
        year = self.cleaned_data["year"]
        others = type(self.instance).objects.filter(municipality=self.instance.municipality_id, year=year)
        if year and not self.instance.pk and others.exists():
            raise ValidationError(_("There is a picture of that year already. Open it instead."))
        return year

    def is_valid(self):
        is_valid = super().is_valid()
        return self._is_open and is_valid

    @cached_property
    def _is_open(self) -> bool:
        """Whether nothing in it looks secret; what does is told at its field."""
        if not self.is_bound:
            return True
        topics = self.formsets["topics"]
        rows = [self, *(row for row in topics.forms if row not in topics.deleted_forms)]
        written = [
            (row, field.name, row.cleaned_data.get(field.name) or "")
            for row in rows
            for field in text_fields(type(row.instance))
            if hasattr(row, "cleaned_data")
        ]
        reader = Reader(self.instance.municipality, [text for _row, _name, text in written])
        found = [(row, name, findings) for row, name, text in written if (findings := reader.found(text))]
        for row, name, findings in found:
            row.add_error(name, told(row.fields[name].label, findings))
        return not found
