"""Turns a course written as files (docs/catalogue.md) into pages, questions, facts and routes.

Loading is repeatable: an unchanged file changes nothing, and what an editor has changed since is kept.
"""

import hashlib
import json
import tomllib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.files import File
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext as _
from markdown_it import MarkdownIt
from wagtail import blocks
from wagtail.admin.rich_text.converters.contentstate import ContentstateConverter
from wagtail.images.blocks import ImageBlock
from wagtail.images.models import AbstractImage
from wagtail.snippets.blocks import SnippetChooserBlock

from learning.errors import LearningError
from learning.organisation.models import Municipality
from quizzes.models import KnowledgeCheck, Option, PoolItem, Question

from .blocks import RICH, CardStream
from .models import (
    Captions,
    CatalogueEntry,
    CourseIndexPage,
    CoursePage,
    FactSnippet,
    LessonPage,
    LessonSource,
    Outcome,
    Recording,
    Route,
)
from .review import let_colleagues_read

CATALOGUE = Path(__file__).parent / "catalogue"


class CourseFileWrong(LearningError):
    """A course file does not follow docs/catalogue.md; the text names the file and what is missing."""


def _html(markdown: str) -> str:
    """Markdown as the rich text that editors go on with; HTML in the source is shown, not obeyed."""
    return as_written(MarkdownIt("commonmark", {"html": False}).render(markdown))


def as_written(html: str) -> str:
    """What an author could have written of the HTML, and nothing else."""
    if not html.strip():
        return ""
    converter = ContentstateConverter(RICH)
    return converter.to_database_format(converter.from_database_format(html))


def _no_image(name: str) -> None:
    return None


def _no_recording(name: str) -> File:
    raise KeyError(name)


@dataclass
class Source:
    """A course as its files tell it."""

    slug: str
    course: dict
    facts: list[dict]
    routes: list[dict]
    lessons: list[dict]
    questions: list[dict]  # each with its topic: the title of its lesson
    # How its texts become rich text, and how images and recordings are found by name: files have Markdown and none.
    rich: Callable[[str], str] = _html
    image: Callable[[str], AbstractImage | None] = _no_image
    recording: Callable[[str], File] = _no_recording
    recordings: list[dict] = field(default_factory=list)


@dataclass
class LoadOutcome:
    """What a load did: how many parts were made, changed, left as they were, and which were kept for an editor."""

    counts: Counter = field(default_factory=Counter)
    kept: list[str] = field(default_factory=list)


def course_names(catalogue: Path = CATALOGUE) -> set[str]:
    """The courses that come with the product."""
    return {path.name for path in catalogue.iterdir() if path.is_dir()}


def read_course(slug: str, catalogue: Path = CATALOGUE) -> Source:
    """The files of the course. Raises CourseFileWrong for a file that is missing or not TOML."""
    folder = catalogue / slug
    lessons = [_read(path) for path in sorted(folder.glob("lessons/*.toml"), key=_number)]
    questions = []
    for path in sorted(folder.glob("questions/*.toml"), key=_number) + sorted(folder.glob("pool/*.toml"), key=_number):
        topic = lessons[_number(path) - 1]["title"]
        questions += [{**question, "topic": topic} for question in _read(path)["questions"]]
    return Source(
        slug=slug,
        course=_read(folder / "course.toml"),
        facts=_read(folder / "facts.toml")["facts"],
        routes=_read(folder / "routes.toml")["routes"],
        lessons=lessons,
        questions=questions,
    )


def _number(path: Path) -> int:
    return int(path.stem.split("-", 1)[0])


def _read(path: Path) -> dict:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise CourseFileWrong(
            _("%(file)s cannot be read: %(error)s") % {"file": f"{path.parent.name}/{path.name}", "error": error}
        ) from error


@transaction.atomic
def load_course(*, municipality: Municipality, source: Source) -> LoadOutcome:
    """Bring the course into the municipality's site. Raises CourseFileWrong; then nothing was changed."""
    return _Loader(municipality, source).load()


class _Loader:
    def __init__(self, municipality: Municipality, source: Source):
        self.municipality, self.source = municipality, source
        self.outcome = LoadOutcome()
        self.entries = {entry.key: entry for entry in CatalogueEntry.objects.filter(municipality=municipality)}
        self.questions: dict[str, Question] = {}
        self.facts: dict[str, FactSnippet] = {}
        self.recordings: dict[str, Recording] = {}

    def load(self) -> LoadOutcome:
        try:
            for data in self.source.facts:
                self.facts[data["id"]] = self._fact(data)
            for order, data in enumerate(self.source.routes):
                self._route(data, order)
            for data in self.source.recordings:
                self.recordings[data["id"]] = self._recording(data)
            for data in self.source.questions:
                self.questions[data["id"]] = self._question(data)
            check = self._check(self.source.course["check"])
            course = self._course(self.source.course, check)
            for data in self.source.lessons:
                self._lesson(data, course)
        except KeyError as missing:
            raise CourseFileWrong(
                _("The course “%(course)s” lacks %(key)s. Nothing was changed.")
                % {"course": self.source.slug, "key": missing}
            ) from missing
        course.current_edition()
        let_colleagues_read(self._index(), self.municipality)
        return self.outcome

    def _part(self, kind: str, data: dict, model, write):
        """Make or change one part, unless its file is unchanged or an editor has changed it since.

        `write(instance)` fills, saves and returns the instance (None: a new one).
        """
        key = f"{self.source.slug}/{kind}/{data.get('id', data.get('slug', ''))}".rstrip("/")
        digest = hashlib.sha256(json.dumps(data, sort_keys=True, default=str).encode()).hexdigest()
        entry = self.entries.get(key)
        instance = model.objects.filter(pk=entry.object_id).first() if entry else None
        if entry and entry.source_sha256 == digest:
            self.outcome.counts["unchanged"] += 1
            return instance
        if entry and (instance is None or instance.latest_revision_id != entry.revision_id):
            self.outcome.kept.append(key)
            return instance
        instance = write(instance)
        revision = instance.save_revision()
        if hasattr(instance, "url_path"):
            revision.publish()
        values = {"source_sha256": digest, "object_id": instance.pk, "revision_id": revision.pk}
        CatalogueEntry.objects.update_or_create(municipality=self.municipality, key=key, defaults=values)
        self.outcome.counts["changed" if entry else "made"] += 1
        return instance

    def _fact(self, data: dict) -> FactSnippet:
        def write(fact):
            fact = fact or FactSnippet(municipality=self.municipality, key=data["id"])
            for name in ("text", "source", "as_of", "check_by"):
                setattr(fact, name, data[name])
            fact.url = data.get("url", "")
            fact.full_clean()
            fact.save()
            return fact

        return self._part("facts", data, FactSnippet, write)

    def _route(self, data: dict, order: int) -> Route:
        def write(route):
            route = route or Route(municipality=self.municipality, key=data["id"])
            route.situation, route.action = data["situation"], data["action"]
            route.number, route.url = data.get("number", ""), data.get("url", "")
            route.audience = data.get("audience", Route.Audience.ALL)
            route.checked_on = data.get("checked_on")
            route.sort_order = order
            route.save()
            return route

        return self._part("routes", data, Route, write)

    def _recording(self, data: dict) -> Recording:
        def write(recording):
            recording = recording or Recording(municipality=self.municipality, key=data["id"])
            recording.title, recording.length = data["title"], timedelta(seconds=data["seconds"])
            recording.transcript = self.source.rich(data["transcript"])
            recording.file = self.source.recording(data["file"])
            recording.captions = [
                Captions(language=one["language"], file=ContentFile(one["text"].encode(), "captions.vtt"))
                for one in data["captions"]
            ]
            recording.full_clean()
            for captions in recording.captions.all():
                captions.full_clean(exclude=["recording"])
            recording.save()
            return recording

        return self._part("recordings", data, Recording, write)

    def _question(self, data: dict) -> Question:
        def write(question):
            question = question or Question(municipality=self.municipality, key=data["id"])
            question.kind, question.text = data["kind"], data["text"]
            question.topic, question.must_pass = data["topic"], data.get("must_pass", False)
            right = sum(bool(option.get("correct")) for option in data["options"])
            if right != data.get("choose", 1):
                raise CourseFileWrong(
                    _("The question %(id)s has %(right)d right options. Nothing was changed.")
                    % {"id": data["id"], "right": right}
                )
            question.options = [
                Option(text=option["text"], correct=option.get("correct", False), feedback=option["feedback"])
                for option in data["options"]
            ]
            question.full_clean()
            for option in question.options.all():
                option.full_clean(exclude=["question"])
            question.save()
            return question

        return self._part("questions", data, Question, write)

    def _check(self, data: dict) -> KnowledgeCheck:
        pool = [question["id"] for question in self.source.questions if question.get("check")]

        def write(check):
            check = check or KnowledgeCheck(municipality=self.municipality)
            check.title, check.introduction = data["title"], self.source.rich(data.get("introduction", ""))
            check.draw, check.pass_percent = data["draw"], data["pass_percent"]
            check.pool = [PoolItem(question=self.questions[key]) for key in pool if self.questions[key]]
            check.save()
            return check

        return self._part("check", {**data, "pool": pool}, KnowledgeCheck, write)

    def _course(self, data: dict, check: KnowledgeCheck) -> CoursePage:
        own = {name: value for name, value in data.items() if name != "check"}

        def write(course):
            new = course is None
            course = course or CoursePage(slug=data["slug"])
            course.title, course.draft_title = data["title"], data["title"]
            course.search_description = data["summary"]
            course.introduction = self.source.rich(data["introduction"])
            course.audience = data.get("audience", "")
            course.level, course.validity_months = data["level"], data.get("validity_months")
            course.prevention_levels = data.get("prevention_levels", [])
            course.review_on, course.check_ref = data.get("review_on"), check
            course.outcomes = [Outcome(text=text) for text in data["outcomes"]]
            if new:
                self._index().add_child(instance=course)
            return course

        return self._part("course", own, CoursePage, write)

    def _index(self) -> CourseIndexPage:
        """The course list of the site, made with the first course."""
        home = self.municipality.site.root_page
        index = CourseIndexPage.objects.child_of(home).first()
        return index or home.add_child(instance=CourseIndexPage(title="Kurser", slug="kurser"))

    def _lesson(self, data: dict, course: CoursePage) -> LessonPage:
        def write(lesson):
            new = lesson is None
            lesson = lesson or LessonPage(slug=data["slug"])
            lesson.title, lesson.draft_title = data["title"], data["title"]
            lesson.search_description = data["summary"]
            lesson.objective, lesson.minutes = data["objective"], data.get("minutes", 3)
            lesson.illustration = data.get("illustration", "")
            lesson.sources = [LessonSource(text=text) for text in data.get("sources", [])]
            lesson.cards = LessonPage.cards.field.stream_block.normalize(
                [(card["type"], self._card(card)) for card in data["cards"]]
            )
            self._check_cards(lesson)
            if new:
                course.refresh_from_db()
                course.add_child(instance=lesson)
            return lesson

        return self._part("lessons", data, LessonPage, write)

    def _check_cards(self, lesson: LessonPage) -> None:
        """Hold the cards to what authors are held to in the editor."""
        try:
            lesson.cards = lesson.cards.stream_block.clean(lesson.cards)
        except ValidationError as error:
            raise CourseFileWrong(
                _("The cards of “%(lesson)s” do not hold: %(problem)s. Nothing was changed.")
                % {"lesson": lesson.title, "problem": error.as_json_data()}
            ) from error
        if stops := lesson.stops():
            raise CourseFileWrong(
                _("The cards of “%(lesson)s” do not hold: %(problem)s. Nothing was changed.")
                % {"lesson": lesson.title, "problem": " ".join(map(str, stops))}
            )

    def _card(self, card: dict) -> dict:
        """The card's value, with its texts rendered and its ids resolved."""
        fields = CardStream.base_blocks[card["type"]].child_blocks
        return {name: self._content(fields[name], content) for name, content in card.items() if name != "type"}

    def _content(self, field: blocks.Block, content):
        if isinstance(field, blocks.RichTextBlock):
            return self.source.rich(content)
        if isinstance(field, SnippetChooserBlock):
            return self._pointed_at(field.target_model)[content]
        if isinstance(field, ImageBlock):
            return _described(self.source.image(content["file"]), content)
        return content

    def _pointed_at(self, model: type) -> dict:
        """What cards point at by key."""
        return {Question: self.questions, FactSnippet: self.facts, Recording: self.recordings}[model]


def _described(image: AbstractImage | None, content: dict) -> AbstractImage | None:
    """The image with what is said of it where it stands, as Wagtail's block keeps it."""
    if image:
        image.decorative, image.contextual_alt_text = content["decorative"], content["alt"]
    return image
