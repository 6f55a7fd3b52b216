"""Questions that municipalities give each other: the one opening between them (decision 14)."""

from django.db import transaction
from wagtail.images.models import AbstractImage

from learning.access.pictures import adopted
from learning.organisation.models import Municipality, Person

from .models import Option, Question

COPIED = ("kind", "text", "image_alt", "feedback", "topic", "objective", "level", "must_pass", "translations")


@transaction.atomic
def copy_question(*, question: Question, to: Municipality, by: Person) -> Question:
    """A draft of one's own that says what the question said when it was copied, and where it comes from."""
    own = Question(municipality=to, origin=_origin(question), **{name: getattr(question, name) for name in COPIED})
    own.image = question.image and _own_image(question.image, to, by)
    names = ("sort_order", "text", "place", "correct", "feedback")
    own.options = [Option(**{name: getattr(option, name) for name in names}) for option in question.options.all()]
    return own.begin_draft(by=by)


def _origin(question: Question) -> str:
    """Whom the question comes from, and whom they had it from."""
    length = Question._meta.get_field("origin").max_length
    return " ← ".join(filter(None, [question.municipality.name, question.origin]))[:length]


def _own_image(image: AbstractImage, to: Municipality, by: Person) -> AbstractImage:
    with image.open_file() as file:
        content = file.read()
    return adopted(to, content, image.filename, title=image.title, uploaded_by_user=by)
