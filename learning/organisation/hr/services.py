"""The way of an HR file: received, its columns confirmed, compared, confirmed, applied, and undone if need be.

The heavy steps run in the background (`work`); each is one transaction, so that whatever stops it leaves the register
as it was. What a file holds is kept without personnummer, and only until it has been applied.
"""

import gzip
import hashlib
import io
import json
import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import date, datetime, timedelta
from itertools import islice

from django.core.cache import caches
from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from learning.bulk import insert
from learning.errors import LearningError
from learning.organisation.models import HrFinding, HrImport, HrProfile, Municipality, Person, Population
from learning.organisation.reorganisation import carry_late

from . import columns as hr_columns
from .compare import Comparison
from .findings import Finding
from .register import apply_steps, fingerprint, state_of, undo_steps
from .rows import Reader, settle
from .tables import Line, UnreadableFile, read_table

logger = logging.getLogger(__name__)
State = HrImport.State
Kind = HrFinding.Kind
# Where an import goes back to when its work fails.
BEFORE = {State.COMPARING: State.COLUMNS, State.APPLYING: State.COMPARED, State.UNDOING: State.APPLIED}

# An export that was cut short must not end everybody's employment.
MAX_SHARE_ENDED = 0.2
FEW_ENDINGS = 10
BATCH = 2000
# So that whoever reads an old file sees that something stood there.
PROTECTED = {"protected": True}
# So long is kept what a file holds of rows that were not read, or that nobody has confirmed.
KEPT = timedelta(days=90)
# Work that has not been heard of for so long has been interrupted.
SILENCE = timedelta(minutes=2)


class TooManyEndings(LearningError):
    """The file lacks a larger share of the register than an ordinary period explains."""


class NotNow(LearningError):
    """The import is not where this can be done."""


def receive(
    *,
    municipality: Municipality,
    filename: str,
    content: bytes,
    on: date,
    population: str = Population.EMPLOYEE,
    by: Person | None = None,
) -> HrImport:
    """Take in a file that lists the population on the day; its columns as last time, or guessed.

    Raises UnreadableFile.
    """
    table = read_table(content)
    packed, rows = _pack(table.lines)
    hr_import = HrImport(
        municipality=municipality,
        filename=filename[:255],
        sha256=hashlib.sha256(content).hexdigest(),
        as_of=on,
        population=population,
        # Registers of elected officials and lists of partners are seldom kept in the HR system.
        own_ids=population != Population.EMPLOYEE,
        uploaded_by=by,
        headings=table.headings,
        left_out=table.left_out,
        lines=packed,
        rows=rows,
        opens_units=municipality.units.count() == 1,
    )
    if profile := _profile(hr_import):
        hr_import.columns, hr_import.own_ids = profile.columns, profile.own_ids
    else:
        hr_import.columns = settle(hr_columns.guess(table.headings, population), table.headings, table.sample)
    hr_import.save()
    return hr_import


def knows_columns(hr_import: HrImport) -> bool:
    """Whether a file with these headings has been read before."""
    return _profile(hr_import) is not None


@transaction.atomic
def choose_columns(
    *, hr_import: HrImport, columns: dict[str, str], opens_units: bool, own_ids: bool | None = None
) -> None:
    """Decide which column holds what, remember it for the next file with these headings, and compare anew.

    `own_ids` says that the ids are not those of the HR system; those of employees always are. Raises UnreadableFile
    where a needed column is missing.
    """
    _expect(hr_import, State.COLUMNS, State.COMPARED)
    check_columns(hr_import, columns)
    if own_ids is not None:
        hr_import.own_ids = own_ids and hr_import.population != Population.EMPLOYEE
    profile = _profile(hr_import) or HrProfile(
        municipality=hr_import.municipality, population=hr_import.population, headings=sorted(hr_import.headings)
    )
    profile.columns, profile.own_ids = columns, hr_import.own_ids
    profile.save()
    hr_import.columns, hr_import.opens_units = columns, opens_units
    _start(hr_import, State.COMPARING, "columns", "opens_units", "own_ids")


def check_columns(hr_import: HrImport, columns: dict[str, str]) -> None:
    """Refuse columns that a file cannot be read by."""
    if reason := hr_columns.why_not(columns, hr_import.population):
        raise UnreadableFile(_("The file cannot be read yet, and nothing was changed. %(reason)s") % {"reason": reason})


@transaction.atomic
def confirm(*, hr_import: HrImport, by: Person | None, endings: int | None = None) -> None:
    """Let the compared file become the register.

    `endings` confirms that so many employments end. Raises TooManyEndings where they are unusually many and the
    number is another.
    """
    _expect(hr_import, State.COMPARED)
    if many_endings(hr_import) and endings != hr_import.counts.get(Kind.ENDED, 0):
        raise TooManyEndings(
            _(
                "The file would end %(missing)d of %(all)d employments, so it may have been cut short. "
                "Nothing was changed. Check the file, or confirm the endings."
            )
            % {"missing": hr_import.counts[Kind.ENDED], "all": hr_import.counts["employed"]}
        )
    hr_import.confirmed_by = by
    _start(hr_import, State.APPLYING, "confirmed_by")


def many_endings(hr_import: HrImport) -> bool:
    """Whether the file ends more employments than an ordinary period explains."""
    ended = hr_import.counts.get(Kind.ENDED, 0)
    return ended > FEW_ENDINGS and ended > MAX_SHARE_ENDED * hr_import.counts.get("employed", 0)


@transaction.atomic
def discard(*, hr_import: HrImport) -> None:
    """Put the file away; the register was not changed by it."""
    _expect(hr_import, State.COLUMNS, State.COMPARED)
    hr_import.findings.all().delete()
    hr_import.state, hr_import.lines = State.DISCARDED, b""
    hr_import.save(update_fields=["state", "lines"])


@transaction.atomic
def undo(*, hr_import: HrImport) -> None:
    """Let the register become what it was before the file. Only the latest applied file can be undone."""
    _expect(hr_import, State.APPLIED)
    latest = HrImport.objects.filter(municipality=hr_import.municipality, state=State.APPLIED)
    if latest.order_by("-applied_at", "-pk").first() != hr_import:
        raise NotNow(_("A later file has been applied since. Undo that first. Nothing was changed."))
    _start(hr_import, State.UNDOING)


def _expect(hr_import: HrImport, *states: str) -> None:
    """Hold the import, and refuse what cannot be done from where it is."""
    hr_import.refresh_from_db(from_queryset=HrImport.objects.select_for_update())
    if hr_import.state not in states:
        raise NotNow(
            _("The file is in another state now: %(state)s. Nothing was changed.")
            % {"state": hr_import.get_state_display()}
        )


def _start(hr_import: HrImport, state: str, *fields: str) -> None:
    from learning.organisation.tasks import work_on_import

    hr_import.state, hr_import.message, hr_import.worked_at = state, "", None
    hr_import.save(update_fields=["state", "message", "worked_at", *fields])
    transaction.on_commit(lambda: work_on_import.delay(hr_import.pk))


@transaction.atomic
def import_file(
    *,
    municipality: Municipality,
    filename: str,
    content: bytes,
    on: date,
    now: datetime,
    population: str = Population.EMPLOYEE,
    own_ids: bool | None = None,
    opens_units: bool = False,
    allow_endings: bool = False,
) -> HrImport:
    """Make the register of the day equal to the file at once, with the columns of last time or as guessed.

    The same file twice changes nothing. Raises UnreadableFile, or TooManyEndings (unless `allow_endings`); then
    nothing was changed.
    """
    hr_import = receive(municipality=municipality, filename=filename, content=content, on=on, population=population)
    check_columns(hr_import, hr_import.columns)
    if own_ids is not None:
        hr_import.own_ids = own_ids and population != Population.EMPLOYEE
    hr_import.opens_units = opens_units
    _compare(hr_import, now)
    hr_import.save()
    confirm(hr_import=hr_import, by=None, endings=hr_import.counts.get(Kind.ENDED) if allow_endings else None)
    _apply(hr_import, now)
    hr_import.save()
    return hr_import


# In the background


def work(hr_import_pk: int, *, now: datetime) -> None:
    """Do what the import waits for. Twice does no harm; interrupted, it leaves everything as it was."""
    HrImport.objects.filter(pk=hr_import_pk).update(worked_at=now)
    try:
        with transaction.atomic():
            _work(hr_import_pk, now)
    except Exception:
        logger.exception("The work on HR import %s failed", hr_import_pk)
        hr_import = HrImport.objects.get(pk=hr_import_pk)
        hr_import.state = BEFORE.get(hr_import.state, hr_import.state)
        hr_import.message = _("Something went wrong. The register is as it was before. Try again.")
        hr_import.save(update_fields=["state", "message"])
    finally:
        caches["progress"].delete(_progress_key(hr_import_pk))


def _work(hr_import_pk: int, now: datetime) -> None:
    # Who comes second, because a message was sent twice, leaves it to the first.
    lock = {"skip_locked": True} if connection.features.has_select_for_update_skip_locked else {}
    hr_import = HrImport.objects.select_for_update(**lock, of=("self",)).filter(pk=hr_import_pk).first()
    if hr_import is None or not hr_import.is_working:
        return
    # One file at a time: what was compared must still hold while it is applied.
    Municipality.objects.hold(hr_import.municipality_id)
    held = hr_import.lines
    {State.COMPARING: _compare, State.APPLYING: _apply, State.UNDOING: _undo}[hr_import.state](hr_import, now)
    # The lines are many; they are written anew only where they are others.
    fields = {field.name for field in HrImport._meta.concrete_fields if not field.primary_key}
    hr_import.save(update_fields=fields - {"lines"} if hr_import.lines is held else fields)


def interrupted(now: datetime) -> Iterable[int]:
    """The imports whose work nobody has been heard of for a while."""
    waiting = HrImport.objects.filter(state__in=HrImport.WORKING)
    return waiting.exclude(worked_at__gt=now - SILENCE).values_list("pk", flat=True)


def _compare(hr_import: HrImport, now: datetime) -> None:
    hr_import.findings.all().delete()
    hr_import.digest = state_of(hr_import.municipality)
    counts, comparison = Counter(), comparison_of(hr_import)
    findings = comparison.findings()
    while batch := list(islice(findings, BATCH)):
        counts.update(finding.kind for finding in batch)
        insert(HrFinding, ["hr_import_id", *Finding._fields], ((hr_import.pk, *finding) for finding in batch))
    counts["employed"] = comparison.register.employed(comparison.populations).count()
    hr_import.counts, hr_import.state = dict(counts), State.COMPARED


def _apply(hr_import: HrImport, now: datetime) -> None:
    if state_of(hr_import.municipality) != hr_import.digest:
        return _compare_again(hr_import, now)
    steps = hr_import.findings.exclude(steps=[]).values_list("steps", flat=True)
    try:
        with transaction.atomic():
            apply_steps(hr_import, steps.order_by("pk").iterator(BATCH), tell=_teller(hr_import))
    except IntegrityError:
        # Such as an address that somebody in another municipality has got since.
        logger.warning("The steps of HR import %s do not fit any more", hr_import.pk, exc_info=True)
        return _compare_again(hr_import, now)
    carry_late(hr_import.municipality, made_by=hr_import)
    protected = _protected_by(hr_import)
    hr_import.lines = _lines_to_correct(hr_import, protected)
    forget_names(protected, applying=hr_import)
    hr_import.digest = fingerprint(hr_import)
    hr_import.state, hr_import.applied_at = State.APPLIED, now


def _compare_again(hr_import: HrImport, now: datetime) -> None:
    _compare(hr_import, now)
    hr_import.message = _(
        "The register has changed since the file was compared, so nothing was applied. Look at the changes again."
    )


def _undo(hr_import: HrImport, now: datetime) -> None:
    if fingerprint(hr_import) != hr_import.digest:
        hr_import.state, hr_import.message = State.APPLIED, _changed_again()
        return
    try:
        with transaction.atomic():
            kept = undo_steps(hr_import)
    except IntegrityError:
        # Such as an address that somebody else has been given.
        hr_import.state, hr_import.message = State.APPLIED, _changed_again()
        return
    # What the file ended may go on in a unit that has been reorganised since.
    carry_late(hr_import.municipality)
    hr_import.state, hr_import.undone_at = State.UNDONE, now
    if kept:
        hr_import.message = _(
            "%(people)d people who came with the file have done something since, and stay without employment."
        ) % {"people": kept}


def _changed_again() -> str:
    return _("The file cannot be undone: some of what it changed has been changed again since. Nothing was changed.")


def comparison_of(hr_import: HrImport) -> Comparison:
    """The file against the register as it is now."""
    columns = hr_import.columns
    reader = Reader(hr_import.headings, columns, hr_import.population)
    return Comparison(
        hr_import.municipality,
        reader.rows(_unpack(hr_import.lines)),
        on=hr_import.as_of,
        population=hr_import.population,
        series=hr_import.series,
        opens_units=hr_import.opens_units,
        tells_leave="leave_reason" in columns or "leave_from" in columns,
        tells_roles="role" in columns,
        tells_protection="protected" in columns,
    )


def sample(hr_import: HrImport, number: int = 20) -> list[Line]:
    """The first lines of the file."""
    return list(islice(_unpack(hr_import.lines), number))


def kept_through(hr_import: HrImport) -> date:
    """The last day on which what a file holds is kept."""
    return timezone.localdate(hr_import.uploaded_at + KEPT)


def forget_old_lines(now: datetime) -> None:
    """Put away what waits since long, and keep of the others no longer what has not been corrected."""
    today = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    old = HrImport.objects.filter(uploaded_at__lt=today - KEPT)
    for hr_import in old.filter(state__in=[State.COLUMNS, State.COMPARED]).defer("lines"):
        discard(hr_import=hr_import)
    old.exclude(state__in=HrImport.WORKING).exclude(lines=b"").update(lines=b"")


def refused_lines(hr_import: HrImport) -> Iterator[tuple[Line, HrFinding]]:
    """The lines that were not read, each with why."""
    refused = {finding.number: finding for finding in hr_import.findings.filter(kind__in=HrFinding.NOT_READ)}
    for line in _unpack(hr_import.lines) if refused else ():
        if line.number in refused:
            yield line, refused[line.number]


def drop_lines(found: Iterable[tuple[Line, HrFinding]]) -> None:
    """Forget these lines, which were not read (as `refused_lines` gives them)."""
    unwanted = defaultdict(set)
    for line, finding in found:
        unwanted[finding.hr_import_id].add(line.number)
    for hr_import in HrImport.objects.filter(pk__in=unwanted):
        numbers = unwanted[hr_import.pk]
        hr_import.lines = _pack(line for line in _unpack(hr_import.lines) if line.number not in numbers)[0]
        hr_import.save(update_fields=["lines"])


def lines_about(findings: QuerySet[HrFinding]) -> list[tuple[Line, HrFinding]]:
    """The lines that were not read, of those that these findings are about."""
    theirs = set(findings.filter(kind__in=HrFinding.NOT_READ).values_list("pk", flat=True))
    return [found for one in _files_of(findings) for found in refused_lines(one) if found[1].pk in theirs]


def blank(findings: QuerySet[HrFinding], **left) -> None:
    """Leave of these findings what is given. What their files wrote can then no longer be undone."""
    files = _files_of(findings)
    findings.update(steps=[], **left)
    files.update(digest="")


def _files_of(findings: QuerySet[HrFinding]) -> QuerySet[HrImport]:
    return HrImport.objects.filter(pk__in=set(findings.order_by().values_list("hr_import", flat=True)))


def forget_names(people: Collection[int], *, applying: HrImport | None = None) -> None:
    """Take the names of people, whose identity is protected now, out of what files said of them.

    Rows about them that were not read go too. A file can then no longer be undone, but for the one that is being
    `applied`: undoing that leaves the names gone.
    """
    findings = HrFinding.objects.about(Person.objects.filter(pk__in=people))
    earlier = findings.exclude(hr_import=applying) if applying else findings
    drop_lines(lines_about(earlier))
    blank(earlier, name="", details=PROTECTED)
    if applying:
        own = findings.filter(hr_import=applying)
        own.filter(kind=Kind.RENAMED).update(details=PROTECTED, steps=[])
        own.update(name="")


def _protected_by(hr_import: HrImport) -> set[int]:
    """The people whose identity became protected with the file."""
    renamed = hr_import.findings.filter(kind=Kind.RENAMED).values_list("steps", flat=True).iterator(BATCH)
    return {pk for steps in renamed for model, pk, _was, now in steps if model == "person" and now.get("is_protected")}


def _lines_to_correct(hr_import: HrImport, protected: Collection[int]) -> bytes:
    """What is kept of a file when it has been applied; nothing of those whose identity it has protected."""
    hidden = set(hr_import.findings.about(Person.objects.filter(pk__in=protected)))
    return _pack(line for line, finding in refused_lines(hr_import) if finding not in hidden)[0]


# What is kept of a file


def _pack(lines: Iterable[Line]) -> tuple[bytes, int]:
    packed, rows, encode = io.BytesIO(), 0, json.JSONEncoder(ensure_ascii=False).encode
    with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=1, mtime=0) as file:
        for line in lines:
            file.write(encode(line).encode() + b"\n")
            rows += 1
    return packed.getvalue(), rows


def _unpack(packed: bytes) -> Iterator[Line]:
    if not packed:
        return
    with gzip.GzipFile(fileobj=io.BytesIO(packed)) as file:
        for text in file:
            number, cells, problem = json.loads(text)
            yield Line(number, tuple(cells), problem)


def _profile(hr_import: HrImport) -> HrProfile | None:
    profiles = hr_import.municipality.hr_profiles.filter(population=hr_import.population)
    return profiles.filter(headings=sorted(hr_import.headings)).first()


# How far it is


def progress_of(hr_import: HrImport) -> int | None:
    """How many per cent of the work is done, if anybody knows."""
    return caches["progress"].get(_progress_key(hr_import.pk))


def _teller(hr_import: HrImport) -> Callable[[int], None]:
    """Notes how many findings of all have been written."""
    total = max(1, hr_import.findings.exclude(steps=[]).count())
    return lambda done: caches["progress"].set(_progress_key(hr_import.pk), min(99, 100 * done // total), 600)


def _progress_key(pk: int) -> str:
    return f"hr-import-{pk}"
