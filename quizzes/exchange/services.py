"""Questions out of the bank as a file, and those of a file into the bank as drafts."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from types import ModuleType

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from learning.access.pictures import own_picture
from learning.errors import LearningError
from learning.organisation.models import Municipality, Person
from quizzes.grading import Kind
from quizzes.models import Option, Question, QuestionFile

from . import gift, moodle, qti
from .items import (
    MOST_BYTES,
    Item,
    ItemOption,
    ItemPicture,
    Losses,
    NotCarried,
    QuestionFileWrong,
    Read,
    Written,
    checked,
    clean,
    decoded,
    fitting,
    tidied,
)

FORMATS = {"gift": gift, "moodle": moodle, "qti": qti}
KEPT = timedelta(days=1)  # so long a file waits to be confirmed


class FileGone(LearningError):
    """The file is no longer kept."""


# Out


def export(questions: Iterable[Question], form: ModuleType) -> Written:
    """The questions as a file of the format, and what of them could not be carried."""
    losses, items = Losses(), []
    for number, question in enumerate(questions, start=1):
        try:
            items.append(fitting(_item(question, lambda what, at=(number, question.text): losses.part(*at, what))))
        except NotCarried as why:
            losses.question(number, question.text, why)
    written = form.write(items)
    return Written(written.content, losses.told() + written.left_out)


def _item(question: Question, lost) -> Item:
    if any(question.translations.values()):
        lost(_("Texts in other languages"))
    return tidied(
        Item(
            kind=question.kind,
            text=clean(question.text),
            options=tuple(_option(option, question.kind) for option in question.options.all()),
            feedback=clean(question.feedback),
            topic=clean(question.topic),
            objective=clean(question.objective),
            level=question.level,
            must_pass=question.must_pass,
            key=question.key,
            picture=_picture(question, lost),
        )
    )


def _option(option: Option, kind: str) -> ItemOption:
    """The option with what its kind has use for."""
    return ItemOption(
        text=clean(option.text),
        place=clean(option.place) if kind in (Kind.MATCH, Kind.SORT) else "",
        correct=option.correct and kind in (Kind.SINGLE, Kind.MULTIPLE),
        feedback=clean(option.feedback),
    )


def _picture(question: Question, lost) -> ItemPicture | None:
    if question.image is None:
        return None
    try:
        with question.image.file.open("rb") as file:
            return ItemPicture(checked(file.read()), clean(question.image_alt))
    except (OSError, QuestionFileWrong):
        lost(_("Pictures that are neither JPEG, PNG, GIF nor WebP"))
        return None


# In


def read(content: bytes) -> Read:
    """The questions of a file, whichever the format. Raises QuestionFileWrong for one that has none."""
    if len(content) > MOST_BYTES:
        raise QuestionFileWrong(
            _("The file is larger than %(most)d MB. Divide it. Nothing was changed.") % {"most": MOST_BYTES // 10**6}
        )
    found = format_of(content).read(content)
    if not found.items and not found.left_out:
        raise QuestionFileWrong(_("There are no questions in the file. Nothing was changed."))
    return found


def format_of(content: bytes) -> ModuleType:
    """Which format the content is, by what it begins with."""
    if content.startswith(b"PK"):
        return qti
    start = decoded(content[:5000]).lstrip()
    if "\x00" in start:
        raise QuestionFileWrong(_("The file is neither GIFT, Moodle XML nor a package of QTI 3. Nothing was changed."))
    if not start.startswith("<"):
        return gift
    return moodle if "<quiz" in start else qti


def receive(*, municipality: Municipality, name: str, content: bytes, now: datetime) -> QuestionFile:
    """Keep the file until it is confirmed, for a day. Raises QuestionFileWrong for one without questions."""
    read(content)
    QuestionFile.objects.filter(brought_at__lt=now - KEPT).delete()
    return QuestionFile.objects.create(municipality=municipality, name=name[:300], content=content, brought_at=now)


def here_already(municipality: Municipality, items: Iterable[Item]) -> set[str]:
    """The keys of those that the municipality has."""
    keys = [item.key for item in items]
    return set(Question.objects.filter(municipality=municipality, key__in=keys).values_list("key", flat=True))


@transaction.atomic
def bring(*, file: QuestionFile, by: Person) -> tuple[int, int]:
    """Make drafts of the questions of the file that the municipality does not have: how many, and how many it had.

    What is there already is left as it is, whoever has changed it. All or nothing. Raises FileGone, QuestionFileWrong.
    """
    kept = QuestionFile.objects.select_for_update().filter(pk=file.pk).first()
    if kept is None:
        raise FileGone(_("The file has been brought in already, or is no longer kept. Bring it again."))
    items = read(bytes(kept.content)).items
    had = here_already(kept.municipality, items)
    new = [item for item in items if item.key not in had]
    try:
        with transaction.atomic():
            for item in new:
                _draft(item, kept, by)
    except IntegrityError as error:
        raise FileGone(_("Somebody else brought the same questions just now. Nothing was changed.")) from error
    kept.delete()
    return len(new), len(had)


def _draft(item: Item, file: QuestionFile, by: Person) -> Question:
    question = Question(
        municipality=file.municipality,
        origin=file.name,
        **{name: getattr(item, name) for name in _SAME},
    )
    question.options = [
        Option(**{name: getattr(option, name) for name in ("text", "place", "correct", "feedback")})
        for option in item.options
    ]
    if item.picture:
        question.image = own_picture(file.municipality, item.picture.content)
        question.image_alt = item.picture.alt[:300]
    return question.begin_draft(by=by)


_SAME = ("key", "kind", "text", "feedback", "topic", "objective", "level", "must_pass")
