"""How a situation picture is written: what looks secret is refused, draft or not, and what was written stays."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Case, OuterRef, Subquery, When
from django.db.models.functions import Length, Substr
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.models import Page

from courses.models import LessonPage
from learning.access.references import OwnReferencesForm

from .openness import LooksSecret, Reader, refusal


def text_fields(model) -> list[models.Field]:
    """The fields that one writes in."""
    fields = (field for field in model._meta.get_fields() if isinstance(field, models.CharField | models.TextField))
    return [field for field in fields if field.editable and not field.choices]


def expect_open(picture) -> None:
    """Refuse a picture in which anything looks secret. Raises LooksSecret."""
    rows = [picture, *picture.topics.all()]
    written = [(field.verbose_name, getattr(row, field.name)) for row in rows for field in text_fields(type(row))]
    reader = Reader(picture.municipality, [text for _label, text in written])
    found = [refusal(capfirst(label), findings) for label, text in written if (findings := reader.found(text))]
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
            row.add_error(name, refusal(row.fields[name].label, findings))
        return not found
