"""Finding published courses and lessons by their words, and what is shown of each."""

import re
from dataclasses import dataclass
from itertools import pairwise

from wagtail.models import Page
from wagtail.search.query import And, PlainText

from learning import words
from learning.organisation.models import Municipality
from learning.translations import in_language

from .models import CoursePage, LessonPage

LONGEST = 100  # characters of what is asked for
MOST_WORDS = 8
MOST = 50  # pages that are shown
EXCERPT = 160  # characters

WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Hit:
    """A course or a lesson that was found; texts are in pieces, each with whether it is what was asked for."""

    page: CoursePage | LessonPage
    course: CoursePage
    title: list[tuple[str, bool]]
    excerpt: list[tuple[str, bool]]

    @property
    def is_lesson(self) -> bool:
        return isinstance(self.page, LessonPage)


def find(query: str, *, municipality: Municipality, language: str) -> list[Hit]:
    """What is published in the municipality with all words of the query, or beginnings of them; by title first.

    Each as a reader of the language meets it, where it is found in that.

    Nothing that is private, whoever asks, and no lesson whose course is not published.
    """
    asked = WORD.findall(query[:LONGEST].lower())[:MOST_WORDS]
    if not asked:
        return []
    public = Page.objects.live().public().descendant_of(municipality.site.root_page)
    keys = _with_words(public, asked)
    courses = {course.path: course for course in CoursePage.objects.filter(pk__in=public.values("pk"))}
    lessons = LessonPage.objects.filter(pk__in=keys).order_by("path")
    found = [(course, course) for course in courses.values() if course.pk in keys]
    found += [(one, courses[above]) for one in lessons if (above := one.path[: -Page.steplen]) in courses]
    hits = [_hit(page, in_language(course, language), asked, municipality, language) for page, course in found]
    return sorted(hits, key=lambda hit: (-sum(is_asked for _text, is_asked in hit.title), hit.page.path))


def _with_words(pages, asked: list[str]) -> set[int]:
    """The keys of the pages: with words that begin so, or, where the database knows Swedish, with forms of them."""
    beginnings = pages.autocomplete(And([PlainText(word) for word in asked]), order_by_relevance=False)
    forms = pages.search(" ".join(asked), operator="and", order_by_relevance=False)
    return {page.pk for results in (beginnings, forms) for page in results}


def _hit(page, course: CoursePage, asked: list[str], municipality: Municipality, language: str) -> Hit:
    is_asked = re.compile(rf"\b(?:{'|'.join(asked)})\w*", re.IGNORECASE)
    shown = in_language(page, language)
    ways = [(one, one.open_words()) for one in ([page] if shown is page else [shown, page])]
    told, passages = next((way for way in ways if any(map(is_asked.search, [way[0].title, *way[1]]))), ways[0])
    said = [words.fill(passage, municipality) for passage in passages if passage]
    passage = max(said, key=lambda text: len({match.lower() for match in is_asked.findall(text)}), default="")
    return Hit(told, course, _pieces(told.title, is_asked), _pieces(_around(passage, is_asked), is_asked))


def _around(passage: str, is_asked: re.Pattern) -> str:
    """So much of the passage as an excerpt may be, from a little before what is asked for."""
    if len(passage) <= EXCERPT:
        return passage
    match = is_asked.search(passage)
    start = max(0, min(match.start() if match else 0, len(passage)) - EXCERPT // 3)
    start = passage.rfind(" ", 0, start) + 1
    end = passage.rfind(" ", start, start + EXCERPT) if start + EXCERPT < len(passage) else len(passage)
    return ("… " if start else "") + passage[start:end] + (" …" if end < len(passage) else "")


def _pieces(text: str, is_asked: re.Pattern) -> list[tuple[str, bool]]:
    """The text cut where what is asked for begins and ends."""
    edges = [0, *(edge for match in is_asked.finditer(text) for edge in match.span()), len(text)]
    return [(text[a:b], number % 2 == 1) for number, (a, b) in enumerate(pairwise(edges)) if a < b]
