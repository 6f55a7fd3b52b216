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
from wagtail.models import DraftStateMixin, Page, ReferenceIndex
from wagtail.signal_handlers import disable_reference_index_auto_update
from wagtail.snippets.blocks import SnippetChooserBlock

from learning.errors import LearningError
from learning.once import once
from learning.organisation.models import Municipality
from learning.rich import RICH, without_keys
from learning.translations import Text, languages, texts
from quizzes.forms import faults
from quizzes.grading import PLACING
from quizzes.models import KnowledgeCheck, Option, PoolItem, Question, Quota

from .blocks import CardStream
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
    kept: dict[str, str] = field(default_factory=dict)  # key → what the part is called here


def course_names(catalogue: Path = CATALOGUE) -> set[str]:
    """The courses that come with the product."""
    return {path.name for path in catalogue.iterdir() if path.is_dir()}


def read_course(slug: str, catalogue: Path = CATALOGUE) -> Source:
    """The files of the course. Raises CourseFileWrong for a file that is missing, no TOML, or no mirror of its own."""
    files = _Files(catalogue / slug)
    lessons = [files.told(path) for path in files.numbered("lessons")]
    questions = []
    for path in files.numbered("questions") + files.numbered("pool"):
        topic = lessons[_number(path) - 1]["title"]
        questions += [{**question, "topic": topic} for question in files.told(path)["questions"]]
    source = Source(
        slug=slug,
        course=files.told(files.folder / "course.toml"),
        facts=files.told(files.folder / "facts.toml")["facts"],
        routes=files.told(files.folder / "routes.toml")["routes"],
        lessons=lessons,
        questions=questions,
    )
    files.refuse_stray()
    return source


# What stands the same in a file and in its mirror in another language; other texts are told anew.
SAME = {
    *["id", "slug", "type", "kind", "to", "question", "fact", "number", "url", "level", "ending", "illustration"],
    "prevention_levels",
}
PARTS = ["facts", "routes", "questions"]


class _Files:
    """The files of a course, with their mirrors in other languages: the same files in a folder of the language."""

    def __init__(self, folder: Path):
        self.folder, self.used = folder, set()
        self.languages = [language for language in languages() if (folder / language).is_dir()]

    def numbered(self, kind: str) -> list[Path]:
        return sorted(self.folder.glob(f"{kind}/*.toml"), key=_number)

    def told(self, path: Path) -> dict:
        """What the file says; each part has what its mirrors say under `mirrors`, by language."""
        told, name = _read(path), path.relative_to(self.folder)
        self.used.add(name)
        mirrors = {language: _read(self.folder / language / name) for language in self.languages}
        for language, mirror in mirrors.items():
            _must_mirror(told, mirror, f"{language}/{name}")
        for kind in PARTS:
            for number, part in enumerate(told.get(kind, [])):
                part["mirrors"] = {language: mirror[kind][number] for language, mirror in mirrors.items()}
        return told if any(kind in told for kind in PARTS) else {**told, "mirrors": mirrors}

    def refuse_stray(self) -> None:
        """Refuse mirrors of nothing."""
        for language in self.languages:
            for path in (self.folder / language).rglob("*.toml"):
                if path.relative_to(self.folder / language) not in self.used:
                    raise _no_mirror(f"{language}/{path.relative_to(self.folder / language)}")


def _must_mirror(told, mirror, place: str, name: str = "") -> None:
    """Refuse a mirror that differs in anything but its texts. Raises CourseFileWrong with where it does."""
    if isinstance(told, dict) and isinstance(mirror, dict):
        for key in [*told, *mirror]:
            if key not in told or key not in mirror:
                raise _no_mirror(f"{place}: {key}")
            _must_mirror(told[key], mirror[key], f"{place}: {key}", key)
    elif isinstance(told, list) and isinstance(mirror, list) and len(told) == len(mirror):
        for number, (one, other) in enumerate(zip(told, mirror, strict=True), start=1):
            _must_mirror(one, other, f"{place} {number}", name)
    elif not (isinstance(told, str) and isinstance(mirror, str) and name not in SAME) and told != mirror:
        raise _no_mirror(place)


def _no_mirror(place: str) -> CourseFileWrong:
    return CourseFileWrong(
        _("%(place)s is not as in the Swedish file: only texts may differ. Nothing was changed.") % {"place": place}
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
    # Wagtail would note what a part points at after each row of each of its saves, and where it is found after each
    # save; here both are noted once.
    with disable_reference_index_auto_update(), once():
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

    def _part(self, kind: str, data: dict, new, fill, save=None):
        """Make or change one part, unless its file is unchanged or an editor has changed it since.

        `fill(part, data)` writes into a part what a file tells; `save` keeps it. A part whose translations alone have
        changed is left as it is otherwise, with all ids.
        """
        key = f"{self.source.slug}/{kind}/{data.get('id', data.get('slug', ''))}".rstrip("/")
        told = {name: value for name, value in data.items() if name not in ("mirrors", "translations")}
        translations = data.get("mirrors") or data.get("translations")
        digests = {"source_sha256": _digest(told), "translations_sha256": _digest(translations) if translations else ""}
        entry = self.entries.get(key)
        part = type(new).objects.filter(pk=entry.object_id).first() if entry else None
        if entry and digests == {name: getattr(entry, name) for name in digests}:
            self.outcome.counts["unchanged"] += 1
            return part
        if entry and (part is None or part.latest_revision_id != entry.revision_id):
            self.outcome.kept[key] = str(part or _("what has been removed"))
            return part
        if entry is None or entry.source_sha256 != digests["source_sha256"]:
            part = part or new
            fill(part, told)
            (save or _save)(part)
        translations = self._translations(part, fill, data)
        if translations != part.translations:
            part.translations = translations
            part.save()
        revision = part.save_revision()
        if isinstance(part, DraftStateMixin):
            revision.publish()
        ReferenceIndex.create_or_update_for_object(part)
        values = {**digests, "object_id": part.pk, "revision_id": revision.pk}
        CatalogueEntry.objects.update_or_create(municipality=self.municipality, key=key, defaults=values)
        self.outcome.counts["changed" if entry else "made"] += 1
        return part

    def _translations(self, part, fill, data: dict) -> dict:
        """The part's translations: those of its mirrors, or those that came with it by the place of each text."""
        found = {language: entries for language, entries in data.get("translations", {}).items() if entries}
        for language, mirror in data.get("mirrors", {}).items():
            told = type(part)()
            fill(told, {**data, **mirror})
            of = {text.place: text.source for text in texts(part)}
            found[language] = {text.place: {"of": of[text.place], text.key: text.source} for text in texts(told)}
            if lacking := of.keys() - found[language].keys():
                raise _no_mirror(f"{self.source.slug}/{language}, {data.get('id', data.get('slug'))}: {min(lacking)}")
        by_place = {text.place: text for text in texts(part)}
        return {
            language: {by_place[place].path: self._entry(by_place[place], entry) for place, entry in entries.items()}
            for language, entries in found.items()
            if language in languages()
        }

    def _entry(self, text: Text, entry: dict) -> dict:
        told = entry[text.key].strip()
        return {"of": entry["of"].strip(), text.key: without_keys(as_written(told)) if text.is_rich else told}

    def _fact(self, data: dict) -> FactSnippet:
        def fill(fact, data):
            for name in ("text", "source", "as_of", "check_by"):
                setattr(fact, name, data[name])
            fact.url = data.get("url", "")

        return self._part("facts", data, FactSnippet(municipality=self.municipality, key=data["id"]), fill)

    def _route(self, data: dict, order: int) -> Route:
        def fill(route, data):
            route.situation, route.action = data["situation"], data["action"]
            route.number, route.url = data.get("number", ""), data.get("url", "")
            route.audience = data.get("audience", Route.Audience.ALL)
            route.checked_on = data.get("checked_on")
            route.sort_order = order

        return self._part("routes", data, Route(municipality=self.municipality, key=data["id"]), fill)

    def _recording(self, data: dict) -> Recording:
        def fill(recording, data):
            recording.title, recording.length = data["title"], timedelta(seconds=data["seconds"])
            recording.transcript = self.source.rich(data["transcript"])
            recording.file = self.source.recording(data["file"])
            recording.captions = [
                Captions(language=one["language"], file=ContentFile(one["text"].encode(), "captions.vtt"))
                for one in data["captions"]
            ]

        def save(recording):
            for captions in recording.captions.all():
                captions.full_clean(exclude=["recording"])
            _save(recording)

        new = Recording(municipality=self.municipality, key=data["id"])
        return self._part("recordings", data, new, fill, save)

    def _question(self, data: dict) -> Question:
        def fill(question, data):
            question.kind, question.text = data["kind"], data["text"]
            question.topic, question.must_pass = data["topic"], data.get("must_pass", False)
            for name in ("feedback", "objective", "level"):
                setattr(question, name, data.get(name, ""))
            picture = data.get("image")
            question.image = self.source.image(picture["file"]) if picture else None
            question.image_alt = picture["alt"] if picture else ""
            rows = [{"text": "", "place": "", "correct": False, "feedback": "", **option} for option in data["options"]]
            right = sum(bool(row["correct"]) for row in rows)
            if data["kind"] not in PLACING and right != data.get("choose", 1):
                raise CourseFileWrong(
                    _("The question %(id)s has %(right)d right options. Nothing was changed.")
                    % {"id": data["id"], "right": right}
                )
            if wrong := faults({"kind": data["kind"]}, rows):
                raise CourseFileWrong(
                    _("The question %(id)s does not hold: %(problem)s Nothing was changed.")
                    % {"id": data["id"], "problem": " ".join(wrong)}
                )
            question.options = [
                Option(text=row["text"], place=row["place"], correct=row["correct"], feedback=row["feedback"])
                for row in rows
            ]

        def save(question):
            for option in question.options.all():
                option.full_clean(exclude=["question"])
            _save(question)

        return self._part("questions", data, Question(municipality=self.municipality, key=data["id"]), fill, save)

    def _check(self, data: dict) -> KnowledgeCheck:
        pool = [question["id"] for question in self.source.questions if question.get("check")]
        mirrors = {language: mirror["check"] for language, mirror in self.source.course.get("mirrors", {}).items()}

        def fill(check, data):
            check.title, check.introduction = data["title"], self.source.rich(data.get("introduction", ""))
            check.draw, check.pass_percent = data["draw"], data["pass_percent"]
            check.wait_hours, check.minutes = data.get("wait_hours", 0), data.get("minutes")
            check.asks_confidence = data.get("asks_confidence", False)
            check.quotas = [Quota(topic=topic, number=number) for topic, number in data.get("quotas", {}).items()]
            check.prefers_weak = data.get("prefers_weak", False)
            check.pool = [PoolItem(question=self.questions[key]) for key in pool if self.questions[key]]

        data = {**data, "pool": pool, **({"mirrors": mirrors} if mirrors else {})}
        return self._part("check", data, KnowledgeCheck(municipality=self.municipality), fill)

    def _course(self, data: dict, check: KnowledgeCheck) -> CoursePage:
        own = {name: value for name, value in data.items() if name != "check"}

        def fill(course, data):
            course.title, course.draft_title = data["title"], data["title"]
            course.search_description = data["summary"]
            course.introduction = self.source.rich(data["introduction"])
            course.audience = data.get("audience", "")
            course.level, course.validity_months = data["level"], data.get("validity_months")
            course.outside_months = data.get("outside_months")
            course.prevention_levels = data.get("prevention_levels", [])
            course.review_on, course.check_ref = data.get("review_on"), check
            course.outcomes = [Outcome(text=text) for text in data["outcomes"]]

        return self._part("course", own, CoursePage(slug=data["slug"]), fill, _saved_below(self._index))

    def _index(self) -> CourseIndexPage:
        """The course list of the site, made with the first course."""
        home = self.municipality.site.root_page
        index = CourseIndexPage.objects.child_of(home).first()
        return index or home.add_child(instance=CourseIndexPage(title="Kurser", slug="kurser"))

    def _lesson(self, data: dict, course: CoursePage) -> LessonPage:
        def fill(lesson, data):
            lesson.title, lesson.draft_title = data["title"], data["title"]
            lesson.search_description = data["summary"]
            lesson.objective, lesson.minutes = data["objective"], data.get("minutes", 3)
            lesson.illustration = data.get("illustration", "")
            lesson.sources = [LessonSource(text=text) for text in data.get("sources", [])]
            lesson.cards = LessonPage.cards.field.stream_block.normalize(
                [(card["type"], self._card(card)) for card in data["cards"]]
            )
            self._check_cards(lesson)

        def above():
            course.refresh_from_db()
            return course

        return self._part("lessons", data, LessonPage(slug=data["slug"]), fill, _saved_below(above))

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


def _digest(data) -> str:
    return hashlib.sha256(json.dumps(data, sort_keys=True, default=str).encode()).hexdigest()


def _save(part) -> None:
    part.full_clean()
    part.save()


def _saved_below(parent: Callable[[], Page]) -> Callable[[Page], None]:
    """How a page is kept: as it is, or, if it is new, below the parent."""
    return lambda page: page.save() if page.pk else parent().add_child(instance=page)


def _described(image: AbstractImage | None, content: dict) -> AbstractImage | None:
    """The image with what is said of it where it stands, as Wagtail's block keeps it."""
    if image:
        image.decorative, image.contextual_alt_text = content["decorative"], content["alt"]
    return image
