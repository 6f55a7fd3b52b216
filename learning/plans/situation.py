"""What the situation picture asks of those who write lessons, and what the yearly report tells of it."""

from datetime import date

from django.utils.translation import gettext as _

from learning.organisation.models import Municipality

from .models import SituationPicture, Topic


def needs(municipality: Municipality):
    """The topics of the newest published picture that a lesson is to be written about.

    Never stored: a lesson that is unpublished or deleted brings its need back.
    """
    newest = municipality.situation_pictures.newest_first().first()
    topics = Topic.objects.filter(picture=newest) if newest else Topic.objects.none()
    return topics.without_lesson().select_related("picture")


def told(municipality: Municipality, on: date, by: date) -> dict | None:
    """The picture of the day's year or the newest before it, as plain data; None where none was published by then.

    It is often published (`by`) when its year has ended. Its words and lessons are those of now: a picture that was
    corrected is told as corrected.
    """
    pictures = municipality.situation_pictures.newest_first()
    published = pictures.filter(year__lte=on.year, first_published_at__date__lte=by)
    newest, before = [*published.prefetch_related("topics__lessons")[:2], None, None][:2]
    if newest is None:
        return None
    topics = list(newest.topics.all())
    lacking = set(Topic.objects.filter(picture=newest).without_lesson())
    return {
        "year": newest.year,
        "title": newest.title,
        "made_by": newest.made_by,
        "handed_over_on": newest.handed_over_on and newest.handed_over_on.isoformat(),
        "handed_over_to": newest.handed_over_to,
        "summary": newest.summary,
        "topics": [_topic(topic, is_lacking=topic in lacking) for topic in topics],
        **_beside(before, topics),
    }


def _topic(topic: Topic, *, is_lacking: bool) -> dict:
    """A topic with its lessons, or what is said in their place."""
    return {
        "title": topic.title,
        "text": topic.text,
        "change": str(topic.get_change_display()),
        "lessons": [lesson.title for lesson in topic.lessons.all() if lesson.live],
        "is_lacking": is_lacking,
        "instead": _("A lesson is to be written.") if is_lacking else topic.no_lesson_because,
    }


def _beside(before: SituationPicture | None, topics: list[Topic]) -> dict:
    """What has come and gone since the picture before, by the titles of topics. In the first, nothing has."""
    if before is None:
        return {"since": None, "new": [], "gone": []}
    earlier = {_key(topic): topic.title for topic in before.topics.all() if topic.change != Topic.Change.GONE}
    now = {_key(topic): topic.title for topic in topics if topic.change != Topic.Change.GONE}
    return {
        "since": before.year,
        "new": [title for key, title in now.items() if key not in earlier],
        "gone": [title for key, title in earlier.items() if key not in now],
    }


def _key(topic: Topic) -> str:
    return topic.title.strip().casefold()
