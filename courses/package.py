"""A course as one file, so that municipalities give each other courses: out of the pages, and in again.

The file is a zip of `course.json` (what docs/catalogue.md tells, its texts as HTML), and of pictures and recordings
below `media/`. Routes stay at home: they are each municipality's own, as are the words in slots. Nothing is unpacked
by its name.
"""

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import PurePosixPath

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import DataError, IntegrityError, transaction
from django.db.models.fields.files import FieldFile
from django.utils.translation import gettext as _
from wagtail import blocks
from wagtail.images.blocks import ImageBlock
from wagtail.images.models import AbstractImage
from wagtail.rich_text import RichText

from learning.access.pictures import PictureWrong, own_picture
from learning.archives import UNREADABLE, Archive, ArchiveTooBig
from learning.errors import LearningError
from learning.organisation.models import Municipality
from learning.rich import without_keys
from learning.translated import Translated
from learning.translations import Text, rows
from quizzes.models import KnowledgeCheck, Question

from .loading import CourseFileWrong, LoadOutcome, Source, as_written, load_course
from .models import CoursePage, FactSnippet, LessonPage, Recording

FORMAT, VERSION = "kunskapslaget-course", 1
COURSE, MEDIA = "course.json", "media/"
# What a package may hold: far more than any course needs, and little enough to be read at once.
MOST_BYTES = 100_000_000
MOST_FILES = 200
MOST_TEXT = 5_000_000
MOST_PICTURE = 10_000_000
MEDIA_NAME = re.compile(r"[0-9a-f]{40}\.[a-z0-9]{3,4}")
# The same course gives the same file, whenever it is asked for.
MOMENT = (2020, 1, 1, 0, 0, 0)

_OWN_LINK = re.compile(r'<a [^>]*linktype="[^"]*"[^>]*>(.*?)</a>', re.DOTALL)


class PackageWrong(LearningError):
    """The file is no course package, or not a whole one."""


@dataclass
class Package:
    """A course as a file, and what could not be carried in it, in words."""

    content: bytes
    left_out: list[str]


# Out


def export_course(course: CoursePage) -> Package:
    """The published course as a file."""
    return _Exporter(course).package()


@dataclass
class _Exporter:
    course: CoursePage
    left_out: list[str] = field(default_factory=list)
    media: dict[str, bytes] = field(default_factory=dict)

    def package(self) -> Package:
        lessons = list(self.course.lessons())
        check = self.course.check_ref
        pool = [item.question for item in check.pool.select_related("question")] if check else []
        used = {question.pk: question for lesson in lessons for question in _pointed_at(lesson, Question)}
        facts = {fact.pk: fact for lesson in lessons for fact in _pointed_at(lesson, FactSnippet)}
        recordings = {recording.pk: recording for lesson in lessons for recording in _pointed_at(lesson, Recording)}
        questions = used | {question.pk: question for question in pool}
        told = {
            "format": FORMAT,
            "version": VERSION,
            "course": self._course(check),
            "facts": [
                {**_fact(fact), **self._translations(fact)}
                for fact in sorted(facts.values(), key=lambda fact: fact.key)
            ],
            "lessons": [self._lesson(lesson) for lesson in lessons],
            "questions": [
                {
                    **_question(question, question in pool),
                    **({"image": self._picture(_described(question))} if question.image else {}),
                    **self._translations(question),
                }
                for question in sorted(questions.values(), key=lambda question: question.key)
            ],
            "recordings": [
                self._recording(recording) for recording in sorted(recordings.values(), key=lambda one: one.key)
            ],
        }
        if self.course.measure_ref:
            self.left_out.append(_("What measures before and after the course: each municipality has its own."))
        if any(card.block_type == "routes" for lesson in lessons for card in lesson.cards):
            self.left_out.append(_("Routes and support lines: each municipality shows its own."))
        return Package(self._zip(told), list(dict.fromkeys(self.left_out)))

    def _zip(self, told: dict) -> bytes:
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            text = json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True).encode()
            archive.writestr(zipfile.ZipInfo(COURSE, MOMENT), text, zipfile.ZIP_DEFLATED)
            for name, content in sorted(self.media.items()):
                archive.writestr(zipfile.ZipInfo(MEDIA + name, MOMENT), content)
        return file.getvalue()

    def _course(self, check: KnowledgeCheck | None) -> dict:
        course = self.course
        told = {
            "title": course.title,
            "slug": course.slug,
            "summary": course.search_description,
            "introduction": self._rich(course.introduction),
            "outcomes": [outcome.text for outcome in course.outcomes.all()],
            "audience": course.audience,
            "level": course.level,
            "validity_months": course.validity_months,
            **_set(course, "outside_months"),
            "prevention_levels": course.prevention_levels,
            "review_on": course.review_on and course.review_on.isoformat(),
        }
        if check:
            told["check"] = {
                "title": check.title,
                "introduction": self._rich(check.introduction),
                "draw": check.draw,
                "pass_percent": check.pass_percent,
                "wait_hours": check.wait_hours,
                "minutes": check.minutes,
                "asks_confidence": check.asks_confidence,
                "quotas": dict(check.quotas.values_list("topic", "number")),
                **_set(check, "prefers_weak"),
                **self._translations(check),
            }
        return told | self._translations(course)

    def _lesson(self, lesson: LessonPage) -> dict:
        return {
            "title": lesson.title,
            "slug": lesson.slug,
            "summary": lesson.search_description,
            "objective": lesson.objective,
            "minutes": lesson.minutes,
            "illustration": lesson.illustration,
            "sources": [source.text for source in lesson.sources.all()],
            "cards": [{"type": card.block_type, **self._plain(card.block, card.value)} for card in lesson.cards],
            **self._translations(lesson),
        }

    def _translations(self, thing: Translated) -> dict:
        """What the thing says in other languages, by the place of each text, where it says anything."""
        found = {
            language: {
                row.text.place: {"of": self._carried(row.text, row.of), row.text.key: self._carried(row.text, row.told)}
                for row in rows(thing, language)
                if row.told
            }
            for language in thing.translations
        }
        return {"translations": found} if found else {}

    def _carried(self, text: Text, said: str) -> str:
        return self._rich(said) if text.is_rich else said

    def _plain(self, block: blocks.Block, value):
        """What stands in a block, as JSON: texts, numbers, lists, keys of what is pointed at, names of pictures."""
        if isinstance(block, ImageBlock):
            return self._picture(value) if value else None
        if isinstance(block, blocks.StructBlock):
            found = {name: self._plain(child, value.get(name)) for name, child in block.child_blocks.items()}
            return {name: content for name, content in found.items() if content is not None}
        if isinstance(block, blocks.ListBlock):
            return [self._plain(block.child_block, one) for one in value]
        if isinstance(value, RichText):
            return self._rich(value.source)
        return value.key if isinstance(value, Question | FactSnippet | Recording) else value

    def _rich(self, html: str) -> str:
        if _OWN_LINK.search(html):
            self.left_out.append(_("Links to pages and files of one's own: their words stay."))
        return without_keys(_OWN_LINK.sub(r"\1", html))

    def _picture(self, image: AbstractImage) -> dict:
        return {
            "file": self._file(image.file),
            "decorative": bool(image.decorative),
            "alt": image.contextual_alt_text or "",
        }

    def _recording(self, recording: Recording) -> dict:
        return {
            "id": recording.key,
            "title": recording.title,
            "file": self._file(recording.file),
            "seconds": recording.length.total_seconds(),
            "captions": [
                {"language": captions.language, "text": _content(captions.file).decode("utf-8-sig")}
                for captions in recording.captions.all()
            ],
            "transcript": self._rich(recording.transcript),
            **self._translations(recording),
        }

    def _file(self, file: FieldFile) -> str:
        """The name of the file in the package, by what it holds."""
        content = _content(file)
        name = f"{hashlib.sha1(content, usedforsecurity=False).hexdigest()}{PurePosixPath(file.name).suffix.lower()}"
        self.media[name] = content
        if sum(map(len, self.media.values())) + MOST_TEXT > MOST_BYTES:
            raise PackageWrong(
                _("The pictures and recordings of the course are more than the %(most)d MB that a package may hold.")
                % {"most": MOST_BYTES // 1_000_000}
            )
        return name


def _described(question: Question) -> AbstractImage:
    """The question's picture with what is said of it there."""
    question.image.decorative, question.image.contextual_alt_text = False, question.image_alt
    return question.image


def _content(file: FieldFile) -> bytes:
    with file.open("rb") as opened:
        return opened.read()


def _pointed_at(lesson: LessonPage, model: type) -> Iterator:
    for card in lesson.cards:
        for value in card.value.values():
            if isinstance(value, model):
                yield value


def _fact(fact: FactSnippet) -> dict:
    return {
        "id": fact.key,
        "text": fact.text,
        "source": fact.source,
        "url": fact.url,
        "as_of": fact.as_of.isoformat(),
        "check_by": fact.check_by.isoformat(),
    }


def _question(question: Question, is_in_check: bool) -> dict:
    options = [
        {"text": option.text, "correct": option.correct, "feedback": option.feedback, **_set(option, "place")}
        for option in question.options.all()
    ]
    return {
        "id": question.key,
        "kind": question.kind,
        "choose": sum(option["correct"] for option in options),
        "text": question.text,
        "topic": question.topic,
        "check": is_in_check,
        "must_pass": question.must_pass,
        "options": options,
        **_set(question, "feedback", "objective", "level"),
    }


def _set(thing, *names: str) -> dict:
    """Those of the fields that say something."""
    return {name: getattr(thing, name) for name in names if getattr(thing, name)}


# In


# What a file that somebody wrote by hand may end in; the editor's converter asserts that tags are closed.
BAD = (
    KeyError,
    TypeError,
    ValueError,
    AttributeError,
    AssertionError,
    OverflowError,
    ValidationError,
    DataError,
)


def import_course(*, municipality: Municipality, content: bytes) -> LoadOutcome:
    """Bring the course of a file into the municipality's site, published.

    What is there already with the same ids is changed only where nobody has changed it since it came. Raises
    PackageWrong or CourseFileWrong; then nothing was changed.
    """
    told, media = _read(content)
    try:
        with transaction.atomic():
            return load_course(municipality=municipality, source=_source(told, municipality, media))
    except IntegrityError as error:
        raise PackageWrong(
            _("Something in the package has an id that belongs to another course here. Nothing was changed.")
        ) from error
    except BAD as error:
        raise PackageWrong(
            _("The package does not follow the format, at: %(place)s. Nothing was changed.")
            % {"place": str(error)[:200]}
        ) from error


@dataclass
class _Media:
    """The pictures and recordings of a package."""

    archive: Archive

    def read(self, name: str, most: int) -> bytes:
        """The content. Raises KeyError for what is not there."""
        if not MEDIA_NAME.fullmatch(name):
            raise KeyError(name)
        try:
            return self.archive.read(MEDIA + name, most)
        except ArchiveTooBig as error:
            raise _too_big() from error
        except UNREADABLE as error:
            raise PackageWrong(_("A file in the package cannot be read. Nothing was changed.")) from error


def _read(content: bytes) -> tuple[dict, _Media]:
    """What is told, and the media. Reads no more than is allowed, whatever the file says of its sizes."""
    try:
        archive = Archive(content, most_bytes=MOST_BYTES, most_files=MOST_FILES)
        told = json.loads(archive.read(COURSE, MOST_TEXT))
    except ArchiveTooBig as error:
        raise _too_big() from error
    except (*UNREADABLE, KeyError) as error:
        raise PackageWrong(_("This is no course package. Choose a file that was downloaded as one.")) from error
    if not isinstance(told, dict) or told.get("format") != FORMAT:
        raise PackageWrong(_("This is no course package. Choose a file that was downloaded as one."))
    if told.get("version") != VERSION:
        raise PackageWrong(
            _("The package is of another version (%(version)s) than this site reads. Nothing was changed.")
            % {"version": str(told.get("version"))[:20]}
        )
    return told, _Media(archive)


def _too_big() -> PackageWrong:
    return PackageWrong(_("The package is too big to be a course. Nothing was changed."))


def _source(told: dict, municipality: Municipality, media: _Media) -> Source:
    course = told["course"]
    if "check" not in course:
        raise CourseFileWrong(_("The course has no knowledge check, and could not be completed. Nothing was changed."))
    return Source(
        slug=course["slug"],
        course={**course, "review_on": course.get("review_on") and date.fromisoformat(course["review_on"])},
        facts=[
            {**fact, **{name: date.fromisoformat(fact[name]) for name in ("as_of", "check_by")}}
            for fact in told["facts"]
        ],
        routes=[],
        lessons=told["lessons"],
        questions=told["questions"],
        recordings=told.get("recordings", []),
        rich=as_written,
        image=_Pictures(municipality, media),
        recording=lambda name: ContentFile(media.read(name, settings.RECORDING_MAX_SIZE), name),
    )


@dataclass
class _Pictures:
    """Makes pictures of the package the municipality's own."""

    municipality: Municipality
    media: _Media

    def __call__(self, name: str) -> AbstractImage:
        try:
            return own_picture(self.municipality, self.media.read(name, MOST_PICTURE))
        except PictureWrong as error:
            raise PackageWrong(str(error)) from error
