"""The ledger: what changes from day to day in each unit, kept with the standings, so that no figure counts people.

A posting says what changes on a day in a unit with all below it; a balance, what all postings through a day come to:
the end of a month, and of a whole municipality each day. The figure of a day is the last balance by then and the
postings since, whichever balances there are.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from functools import cache, reduce
from itertools import chain, groupby, islice, pairwise
from operator import add, itemgetter, sub

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet, Subquery

from learning.bulk import insert
from learning.dated import DAY
from learning.organisation.models import OrgUnit
from learning.plans.models import Requirement

from .models import Balance, Posting, Standing, Status

COLUMNS = [status.name.lower() for status in Status]
PLACES = {int(status): place for place, status in enumerate(Status)}
KEY = ["requirement_id", "unit_id", "on"]
ROW = ["unit__path", "person", "status", "starts_on", "ends_on"]
BATCH = 1000

Row = tuple[str, int, int, date, date | None]  # a standing: path of the unit, person, status, first and last day
Numbers = list[int]  # one for each status
NOTHING = [0] * len(COLUMNS)
Changes = dict[tuple[str, date], Numbers]  # by path of the unit, and day


def changes(rows: Iterable[Row]) -> Changes:
    """What these standings change in each unit and those above it: a person counts once, by the best status there."""
    own = defaultdict(list)
    for path, person, status, first, last in rows:
        own[person].append((first, last or date.max, PLACES[status], path))
    found = defaultdict(lambda: [0] * len(COLUMNS))
    for spans in own.values():
        spans.sort()
        if all(one[1] < other[0] for one, other in pairwise(spans)):
            # In one place at a time, it is the same in every unit above.
            for first, last, place, path in spans:
                for above in _line(path):
                    found[above, first][place] += 1
                    if last != date.max:
                        found[above, last + DAY][place] -= 1
        else:
            for above in {above for *_days, path in spans for above in _line(path)}:
                _add_best(found, above, [span for span in spans if span[3].startswith(above)])
    return {key: numbers for key, numbers in found.items() if any(numbers)}


def _add_best(found: Changes, path: str, spans: list[tuple]) -> None:
    """Add what one person's standings of a unit and those below it change there."""
    days = {first for first, *_rest in spans} | {last + DAY for _first, last, *_rest in spans if last != date.max}
    before = None
    for day in sorted(days):
        best = min((place for first, last, place, _path in spans if first <= day <= last), default=None)
        for place, change in ((before, -1), (best, 1)):
            if place is not None:
                found[path, day][place] += change
        before = best


@cache
def _line(path: str) -> tuple[str, ...]:
    """The path, and those of all units above."""
    return tuple(path[:end] for end in range(OrgUnit.steplen, len(path) + 1, OrgUnit.steplen))


def plus(numbers: Numbers, others: Iterable[int]) -> Numbers:
    """The numbers of both together."""
    return list(map(add, numbers, others))


def through(day: date, entries: Iterable[tuple[date, Numbers]]) -> Numbers:
    """What the changes of one unit come to on the day."""
    return reduce(plus, (numbers for on, numbers in entries if on <= day), NOTHING)


def numbers(asked: QuerySet, days: Iterable[date]) -> dict[tuple[str, date], Numbers]:
    """The numbers of each unit that is asked for (requirement, unit and its path) on each of the days.

    One statement, whatever is asked. Each day goes on from the one before, so that no posting is read twice.
    """
    days = sorted(set(days))
    found = {}
    for path, place, is_whole, *numbers in sorted(_asked(LOOKED_UP[connection.vendor], asked, days), key=itemgetter(1)):
        goes_on = place and not is_whole
        found[path, days[place]] = plus(found[path, days[place - 1]], numbers) if goes_on else numbers
    return found


def total(asked: QuerySet, day: date) -> Numbers:
    """The numbers of all units that are asked for (requirement, unit and its path) on the day, added up.

    Where each has a balance of that very day, as municipalities have through today, nothing else is read.
    """
    sums = ", ".join(f"COALESCE(SUM({column}), 0)" for column in COLUMNS)
    kept = f'asked CROSS JOIN days LEFT JOIN coverage_balance kept ON {OWN} AND kept."on" = day'
    [(lacking, *numbers)] = _asked(f"SELECT COUNT(*) - COUNT(kept.unit_id), {sums} FROM {kept}", asked, [day])
    if lacking:
        [numbers] = _asked(f"SELECT {sums} FROM ({LOOKED_UP[connection.vendor]}) found", asked, [day])
    return list(numbers)


def _asked(question: str, asked: QuerySet, days: list[date]) -> list[tuple]:
    """What the question finds of the units in `asked` and the `days`, each with its place and the day before."""
    spans = zip(range(len(days)), [date.min, *days], days, strict=False)
    units, parameters = asked.query.sql_with_params()
    statement = f"""
        WITH asked (requirement_id, unit_id, path) AS ({units}),
        days (place, before, day) AS (VALUES {", ".join(["(%s, %s, %s)"] * len(days))})
        {question}
    """
    with connection.cursor() as cursor:
        cursor.execute(statement, [*parameters, *chain.from_iterable(spans)])
        return cursor.fetchall()


# The last balance since the day before, with which the numbers are whole, and the postings after it; without one, the
# postings since that day. PostgreSQL looks them up unit by unit, and not at all after a balance of the day itself;
# SQLite has no LATERAL, and joins and groups instead.
OWN = "kept.requirement_id = asked.requirement_id AND kept.unit_id = asked.unit_id"
BALANCES = f'FROM coverage_balance kept WHERE {OWN} AND kept."on" > before AND kept."on" <= day'
SINCE = f'{OWN} AND kept."on" > COALESCE(last."on", before) AND kept."on" <= day'
LATERAL = f"""
    SELECT path, place, last."on" IS NOT NULL AS is_whole,
    {", ".join(f"COALESCE(last.{one}, 0) + COALESCE(since.{one}, 0) AS {one}" for one in COLUMNS)}
    FROM asked CROSS JOIN days
    LEFT JOIN LATERAL (SELECT * {BALANCES} ORDER BY kept."on" DESC LIMIT 1) last ON TRUE
    CROSS JOIN LATERAL (
        SELECT {", ".join(f"SUM({one}) AS {one}" for one in COLUMNS)} FROM coverage_posting kept
        WHERE last."on" IS DISTINCT FROM day AND {SINCE}
    ) since
"""
JOINED = f"""
    SELECT path, place, last."on" IS NOT NULL AS is_whole,
    {", ".join(f"COALESCE(MAX(last.{one}), 0) + COALESCE(SUM(kept.{one}), 0) AS {one}" for one in COLUMNS)}
    FROM asked CROSS JOIN days
    LEFT JOIN coverage_balance last ON last.requirement_id = asked.requirement_id AND last.unit_id = asked.unit_id
    AND last."on" = (SELECT MAX(kept."on") {BALANCES})
    LEFT JOIN coverage_posting kept ON {SINCE}
    GROUP BY path, place, last."on"
"""
LOOKED_UP = {"postgresql": LATERAL, "sqlite": JOINED}


# Keeping


@contextmanager
def following(people: Collection[int]) -> Iterator[None]:
    """Let the ledger follow whatever becomes of these people's standings meanwhile. Within a transaction."""
    before = _standings_of(people)
    yield
    after = _standings_of(people)
    changed = defaultdict(lambda: ([], []))
    for requirement, person in before.keys() | after.keys():
        was, becomes = before.get((requirement, person), set()), after.get((requirement, person), set())
        if was != becomes:
            changed[requirement][0].extend(was)
            changed[requirement][1].extend(becomes)
    hold(changed)
    for requirement, (was, becomes) in changed.items():
        difference = changes(becomes)
        for key, numbers in changes(was).items():
            difference[key] = list(map(sub, difference.get(key, NOTHING), numbers))
        _post(requirement, {key: numbers for key, numbers in difference.items() if any(numbers)})


def _standings_of(people: Collection[int]) -> dict[tuple[int, int], set[Row]]:
    """(Requirement, person) → the standings of these people."""
    found = defaultdict(set)
    rows = Standing.objects.filter(person__in=people)
    for requirement, *row in rows.values_list("requirement", *ROW):
        found[requirement, row[1]].add(tuple(row))
    return found


def hold(requirements: Iterable[int]) -> None:
    """Let nobody else write in the ledgers of these until the transaction ends; taken in order, against deadlocks."""
    held = Requirement.objects.select_for_update(no_key=True).filter(pk__in=list(requirements))
    list(held.order_by("pk").values_list("pk"))


def _post(requirement: int, difference: Changes) -> None:
    """Add the changes to the postings, and to those balances that are of a later day."""
    if not difference:
        return
    units = _units(path for path, _day in difference)
    rows = sorted((units[path], day, numbers) for (path, day), numbers in difference.items())
    _write(Posting, [(requirement, unit, day, *numbers) for unit, day, numbers in rows])
    first = min(day for _unit, day, _numbers in rows)
    later = defaultdict(list)
    kept = Balance.objects.filter(requirement=requirement, unit__in=set(units.values()), on__gte=first)
    for unit, on in kept.values_list("unit", "on"):
        later[unit].append(on)
    balances = []
    for unit, own in groupby(rows, key=lambda row: row[0]):
        entries = [(day, numbers) for _unit, day, numbers in own]
        balances += ((requirement, unit, on, *through(on, entries)) for on in later[unit])
    _write(Balance, balances)


def _units(paths: Iterable[str]) -> dict[str, int]:
    return dict(OrgUnit.objects.filter(path__in=set(paths)).values_list("path", "pk"))


def _write(model: type[Posting | Balance], rows: Iterable[tuple]) -> None:
    """Add the numbers to those that are kept."""
    table, names = model._meta.db_table, ", ".join(f'"{name}"' for name in [*KEY, *COLUMNS])
    adding = ", ".join(f"{column} = {table}.{column} + excluded.{column}" for column in COLUMNS)
    rows = iter(rows)
    with connection.cursor() as cursor:
        while batch := list(islice(rows, BATCH)):
            values = ", ".join([f"({', '.join(['%s'] * len(batch[0]))})"] * len(batch))
            cursor.execute(
                f"INSERT INTO {table} ({names}) VALUES {values} "
                f'ON CONFLICT (requirement_id, unit_id, "on") DO UPDATE SET {adding}',
                [value for row in batch for value in row],
            )


def counted(requirement: Requirement) -> list[tuple]:
    """The postings (unit, day and numbers) that the standings ask for, in order."""
    standings = Standing.objects.filter(requirement=requirement).values_list(*ROW)
    found = changes(standings.iterator(chunk_size=5000))
    units = _units(path for path, _day in found)
    return sorted((units[path], day, *numbers) for (path, day), numbers in found.items())


def kept(model: type[Posting | Balance], requirement: Requirement) -> QuerySet:
    """Unit, day and numbers of what is kept, in order."""
    rows = model.objects.filter(requirement=requirement).order_by("unit", "on")
    return rows.values_list("unit", "on", *COLUMNS)


@transaction.atomic
def recount(requirement: Requirement, on: date) -> tuple[int, int]:
    """Write the ledger of the requirement anew from the standings, with the balances that `close` would have made.

    Returns how many postings and balances there are.
    """
    hold([requirement.pk])
    postings = counted(requirement)
    balances = list(_summed(postings, {}, requirement.municipality.root_id, on))
    for model, rows in ((Posting, postings), (Balance, balances)):
        model.objects.filter(requirement=requirement).delete()
        insert(model, [*KEY, *COLUMNS], ((requirement.pk, *row) for row in rows))
    return len(postings), len(balances)


@transaction.atomic
def close(requirement: Requirement, on: date) -> int:
    """Sum up each month that has ended by the day and changed something, and of the municipality each day through it.

    Returns how many balances were made.
    """
    hold([requirement.pk])
    root, own = requirement.municipality.root_id, Balance.objects.filter(requirement=requirement)
    covered = own.filter(unit=OuterRef("unit"), on__gte=OuterRef("on"))
    postings = Posting.objects.filter(~Exists(covered), requirement=requirement, on__lte=on)
    rows = list(postings.order_by("unit", "on").values_list("unit", "on", *COLUMNS))
    last = own.filter(unit=OuterRef("unit")).order_by("-on").values("on")[:1]
    kept = own.filter(unit__in={root, *(unit for unit, *_rest in rows)}, on=Subquery(last))
    last_of = {unit: (day, numbers) for unit, day, *numbers in kept.values_list("unit", "on", *COLUMNS)}
    balances = list(_summed(rows, last_of, root, on))
    insert(Balance, [*KEY, *COLUMNS], ((requirement.pk, *row) for row in balances))
    return len(balances)


def _summed(
    postings: Iterable[tuple], last_of: dict[int, tuple[date, Numbers]], root: int, on: date
) -> Iterator[tuple]:
    """The balances of these postings (of a unit together, by day), each unit's from the last that it has.

    Of the months in which there are postings and that have ended by the day; of the root, of each day through it: so
    all municipalities have one of the same day.
    """
    by_unit = {unit: list(own) for unit, own in groupby(postings, key=itemgetter(0))}
    of_root = by_unit.pop(root, [])
    for unit, own in by_unit.items():
        _day, sums = last_of.get(unit, (None, NOTHING))
        ended = (row for row in own if row[1] <= _last_end(on))
        for end, rows in groupby(ended, key=lambda row: _month_end(row[1])):
            sums = reduce(plus, (row[2:] for row in rows), sums)
            yield unit, end, *sums
    yield from _each_day(root, of_root, last_of.get(root), on)


def _each_day(root: int, postings: list[tuple], last: tuple[date, Numbers] | None, on: date) -> Iterator[tuple]:
    """The balances of each day through `on`, from the last that is kept, or from the first posting."""
    if not (last or postings):
        return
    day, sums = last or (postings[0][1] - DAY, NOTHING)
    changed = {row[1]: row[2:] for row in postings}
    while (day := day + DAY) <= on:
        sums = plus(sums, changed.get(day, NOTHING))
        yield root, day, *sums


def _last_end(on: date) -> date:
    """The last day of the month before."""
    return on.replace(day=1) - DAY


def _month_end(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1) - DAY
