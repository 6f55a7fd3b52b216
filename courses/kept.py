"""Published lessons, kept in the memory of each process by the revision that was published.

A lesson is asked for with every card, and its row is long; which revision is published is a short question.
"""

from copy import copy
from functools import lru_cache

from django.db import connection
from wagtail.blocks import StreamValue

from learning.translations import in_language

from .models import LessonPage

# Asked with every card, and Django would need longer to put it together than the database to answer.
_PUBLIC = """
    SELECT id, translation_key, live_revision_id, path FROM wagtailcore_page
    WHERE live AND url_path = %s AND NOT EXISTS (SELECT 1 FROM wagtailcore_pageviewrestriction)
"""


def lesson_at(url_path: str, language: str) -> LessonPage | None:
    """The published lesson at the address as a reader of the language meets it, in one query.

    None also while any page of the site is kept private: that is rare, and then Wagtail asks what it asks.
    """
    with connection.cursor() as cursor:
        cursor.execute(_PUBLIC, [url_path])
        found = cursor.fetchone()
    if found is None:
        return None
    *_others, revision, _path = found
    kept = _kept(*found, language) if revision else _read(found[0], language)
    return _apart(kept) if kept else None


def _read(pk: int, language: str) -> LessonPage | None:
    lesson = LessonPage.objects.filter(pk=pk).first()
    return lesson and in_language(lesson, language)


@lru_cache(maxsize=500)
def _kept(pk: int, key, revision: int, path: str, language: str) -> LessonPage | None:
    """The lesson as it was read first since the revision was published and the page put in its place."""
    return _read(pk, language)


def _apart(lesson: LessonPage) -> LessonPage:
    """A copy that shares nothing that is filled in by reading: what the cards point at is asked for anew."""
    own = copy(lesson)
    own.cards = StreamValue(lesson.cards.stream_block, list(lesson.cards.raw_data), is_lazy=True)
    return own
