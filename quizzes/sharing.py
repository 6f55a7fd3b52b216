"""Questions that municipalities give each other: the one opening between them (decision 14)."""

from django.core.files.base import ContentFile
from django.db import transaction
from wagtail.images import get_image_model
from wagtail.images.models import AbstractImage

from learning.access.editors import editors_collection
from learning.organisation.models import Municipality, Person

from .models import Option, Question

COPIED = ("kind", "text", "image_alt", "feedback", "topic", "objective", "level", "must_pass", "translations")


@transaction.atomic
def copy_question(*, question: Question, to: Municipality, by: Person) -> Question:
    """A draft of one's own that says what the question said when it was copied, and where it comes from."""
    own = Question(municipality=to, live=False, has_unpublished_changes=True, origin=_origin(question))
    for name in COPIED:
        setattr(own, name, getattr(question, name))
    own.image = question.image and _own_image(question.image, to, by)
    names = ("sort_order", "text", "place", "correct", "feedback")
    own.options = [Option(**{name: getattr(option, name) for name in names}) for option in question.options.all()]
    own.save()
    own.save_revision(user=by, log_action="wagtail.create")
    return own


def _origin(question: Question) -> str:
    """Whom the question comes from, and whom they had it from."""
    length = Question._meta.get_field("origin").max_length
    return " ← ".join(filter(None, [question.municipality.name, question.origin]))[:length]


def _own_image(image: AbstractImage, to: Municipality, by: Person) -> AbstractImage:
    """The picture in the collection of the municipality; one that is there already serves."""
    model, collection = get_image_model(), editors_collection(to)
    there = model.objects.filter(collection=collection, file_hash=image.get_file_hash()).first()
    if there:
        return there
    with image.open_file() as file:
        content = ContentFile(file.read(), name=image.filename)
    return model.objects.create(
        title=image.title, file=content, file_hash=image.file_hash, collection=collection, uploaded_by_user=by
    )
