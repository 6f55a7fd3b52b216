"""Forms of Wagtail's editor, filled in as an editor does."""

from django.test import Client
from django.urls import reverse
from wagtail.test.utils.form_data import inline_formset, nested_form_data, rich_text, streamfield

from courses.models import LessonPage
from quizzes.models import Option


def signed_in(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def text_card(words: str = "Text.") -> tuple:
    return ("text", {"heading": "Rubrik", "body": rich_text(f"<p>{words}</p>"), "image": {"image": ""}})


def question_card(question) -> tuple:
    return ("question", {"question": question.pk})


def lesson_form(*cards, **fields) -> dict:
    form = {"title": "Ny lektion", "slug": "ny-lektion", "objective": "Du kan.", "minutes": "3"}
    form |= {"sources": inline_formset([]), "comments": inline_formset([]), "cards": streamfield(cards)}
    return nested_form_data({**form, **fields})


def edit_address(page) -> str:
    return reverse("wagtailadmin_pages:edit", args=[page.pk])


def add_address(course) -> str:
    return reverse("wagtailadmin_pages:add", args=["courses", "lessonpage", course.pk])


def make_draft(course, *cards, **fields) -> LessonPage:
    """A lesson that nobody has published, with the cards (values as Python writes them)."""
    lesson = LessonPage(**{"title": "Utkast", "objective": "Du kan.", "live": False} | fields)
    lesson.cards = LessonPage.cards.field.stream_block.normalize(list(cards))
    course.refresh_from_db()
    course.add_child(instance=lesson)
    lesson.save_revision(user=fields.get("owner"))
    return lesson


def take_feedback_from(question) -> str:
    """Leave an option of the question without feedback, as an old import might; returns what the option says."""
    option = question.options.first()
    Option.objects.filter(pk=option.pk).update(feedback="")
    return option.text
