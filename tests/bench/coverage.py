"""Figures of a country of 1.2 million people, 290 municipalities, 20,000 units, 5 requirements and 4 years: the ledger
beside the direct count of the standings in the same database.

Run by `make bench`, against the database that DATABASE_URL names. Where it is empty, the country is built in it, which
takes some ten minutes; one that is there is measured again. BENCH_SHARE=0.01 makes it a hundredth, for a try.

Municipalities and requirements are made with the real verbs; units and people are copied in. Each person follows one of
2,000 histories drawn by chance (hired, moved, a second employment, leave, completions, the end), whose standings the
real derivation tells, and which the database lays out in the person's own units. The ledger is counted by the real
recount. Of the largest, a middling and the smallest municipality there are completions and leaves too, so that the real
verify can hold everything against the records, after what is done there.
"""

import os
import random
import resource
import sys
import time
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta

import django
from dateutil.relativedelta import relativedelta

SHARE = float(os.environ.get("BENCH_SHARE", "1"))
PEOPLE, MUNICIPALITIES, UNITS = round(1_200_000 * SHARE), max(round(290 * SHARE), 5), round(20_000 * SHARE)
HISTORIES = 2000
FIRST, TODAY = date(2022, 3, 1), date(2026, 3, 17)
# Of whom each requirement is asked.
RULES = [
    {},
    {"role_words": ["lärare"]},
    {"population": "elected"},
    {"grace_days": 60},
    {"role_words": ["chef"], "grace_days": 90},
]
ROLES = ["Lärare", "Lärare", "Undersköterska", "Undersköterska", "Kock", "Handläggare", "Enhetschef", "Vaktmästare"]
TIMES = 15


@contextmanager
def timed(what: str):
    start = time.perf_counter()
    yield
    print(f"{what:<52} {time.perf_counter() - start:10.1f} s    peak {peak():5.0f} MB", flush=True)


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def least(what: str, act, beside: float = 0) -> float:
    """The least time of several in ms, a second long at least, so that it tells of nothing else on the machine."""
    times = []
    while len(times) < TIMES or sum(times) < 1000:
        start = time.perf_counter()
        act()
        times.append(1000 * (time.perf_counter() - start))
    told = f"   the direct count takes {beside / min(times):,.0f} × that" if beside else ""
    print(f"{what:<52} {min(times):10.2f} ms{told}", flush=True)
    return min(times)


def run(statement: str, parameters=()) -> list[tuple]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else []


def copy(table: str, rows: list) -> None:
    from django.db import connection

    with connection.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN") as stream:
        for row in rows:
            stream.write_row(row)


# The country


def found() -> tuple[list, list]:
    """The municipalities, and the courses that all of them ask for."""
    from tests.factories import make_course, make_municipality, make_requirement

    municipalities = [make_municipality(f"Kommun {n}") for n in range(MUNICIPALITIES)]
    courses = [make_course(municipality) for municipality in municipalities[: len(RULES)]]
    for municipality in municipalities:
        for n, (course, rule) in enumerate(zip(courses, RULES, strict=True)):
            make_requirement(course, municipality, rule, key=f"krav-{n}", starts_on=FIRST)
    return municipalities, courses


def sizes(total: int) -> list[int]:
    """How many each municipality has of something: few are large, and many small."""
    weights = [1 / (n + 10) for n in range(MUNICIPALITIES)]
    return [max(round(total * weight / sum(weights)), 12) for weight in weights]


def open_units(municipalities: list) -> None:
    """Departments of some fifteen units each, on the paths that treebeard would give them."""
    from learning.bulk import insert
    from learning.organisation.models import OrgUnit

    def rows():
        for municipality, number in zip(municipalities, sizes(UNITS), strict=True):
            root, departments = municipality.root, max(number // 16, 2)
            children = (number - 1 - departments) // departments
            for n in range(1, departments + 1):
                department = OrgUnit._get_path(root.path, 2, n)
                yield department, 2, children, f"Förvaltning {n}", "förvaltning", "", FIRST, None
                for m in range(1, children + 1):
                    yield OrgUnit._get_path(department, 3, m), 3, 0, f"Enhet {n}.{m}", "enhet", "", FIRST, None
            OrgUnit.objects.filter(pk=root.pk).update(numchild=departments)

    names = ["path", "depth", "numchild", "name", "kind", "code", "starts_on", "ends_on"]
    insert(OrgUnit, names, list(rows()))


def enrol(municipalities: list) -> None:
    """The people, and for each the history and the two units that it takes place in; 500 are in one unit."""
    from learning.bulk import insert
    from learning.organisation.models import OrgUnit, Person

    chance = random.Random(1)
    names = ["municipality_id", "external_id", "first_name", "last_name", "email", "is_protected", "password"]
    numbers = sizes(PEOPLE)
    insert(
        Person,
        names,
        (
            (municipality.pk, str(n), f"Kim{n % 97}", f"Nr{n % 4999}", None, False, "!")
            for municipality, number in zip(municipalities, numbers, strict=True)
            for n in range(number)
        ),
    )
    columns = "person bigint, municipality bigint, history int, one bigint, other bigint"
    run(f"CREATE TABLE bench_person ({columns})")
    for municipality in municipalities:
        leaves = OrgUnit.objects.under(municipality.root).filter(depth=3).values_list("pk", flat=True)
        crowded, *others = leaves
        rows = []
        for n, pk in enumerate(Person.objects.filter(municipality=municipality).values_list("pk", flat=True)):
            one, other = chance.sample(others, 2)
            rows.append((pk, municipality.pk, chance.randrange(HISTORIES), crowded if n < 500 else one, other))
        copy("bench_person", rows)
    run("ANALYZE bench_person")


# The histories


def draw(chance: random.Random, courses: list):
    """A history; its units are 1 and 2."""
    from learning.coverage.derive import Done, History
    from learning.dated import Span
    from learning.plans.meant import Work

    def some_day(first: date, last: date) -> date:
        return first + timedelta(days=chance.randrange(max((last - first).days, 1)))

    population = "elected" if chance.random() < 0.03 else "employee"
    role = chance.choice(ROLES)
    begun = date(2010, 1, 1) if chance.random() < 0.65 else some_day(FIRST, TODAY)
    ends = some_day(begun, TODAY) if begun >= FIRST and chance.random() < 0.3 else None
    if begun < FIRST and chance.random() < 0.3:
        ends = some_day(FIRST, TODAY)
    work = [Span(begun, ends, Work(1, population, role))]
    at = some_day(max(begun, FIRST), TODAY)
    if chance.random() < 0.2 and begun < at and not (ends and ends < at):
        kept = at - timedelta(days=1)
        work = [Span(begun, kept, Work(1, population, role)), Span(at, ends, Work(2, population, role))]
    elif chance.random() < 0.05:
        work.append(Span(at, max(at, ends) if ends else None, Work(2, "employee", chance.choice(ROLES))))
    leave = ()
    if chance.random() < 0.15:
        first = some_day(max(begun, FIRST), TODAY)
        leave = (Span(first, first + timedelta(days=chance.randrange(14, 400))),)
    done = []
    for course in courses:
        day = some_day(max(begun, FIRST), TODAY + timedelta(days=400))
        while day < TODAY and chance.random() < 0.8:
            through = day + relativedelta(months=24, days=-1)
            done.append(Done(on=day, through=through, course=course.key))
            day = through - timedelta(days=chance.randrange(-60, 60))
    return History(work=tuple(work), leave=leave, done=tuple(done))


def lay_out(table: str, columns: str, rows) -> None:
    """A table of the bench's own."""
    run(f"CREATE TABLE {table} ({columns})")
    copy(table, list(rows))
    run(f"ANALYZE {table}")


def lay_out_standings(municipalities: list, histories: list) -> None:
    """The standings of everybody, as the real derivation tells them of each history."""
    from learning.coverage.derive import standings
    from learning.coverage.services import demand_of

    def rows():
        for requirement in municipalities[0].requirements.all():
            demand = demand_of(requirement)
            for n, history in enumerate(histories):
                done = tuple(one for one in history.done if one.course == demand.course)
                for row in standings(replace(history, done=done), demand):
                    why = str(row.cause), row.since, row.due_on
                    yield n, requirement.key, row.unit, row.first, row.last, int(row.status), *why

    columns = "history int, key text, slot int, starts_on date, ends_on date, status smallint, cause text"
    lay_out("bench_standing", f"{columns}, since date, due_on date", rows())
    # As a dump is loaded: indexes and foreign keys come after the rows. What is measured has them.
    table = "coverage_standing"
    indexes = run("SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s AND indexname !~ 'pkey$'", [table])
    keys = run(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'f'",
        [table],
    )
    for name, _definition in keys:
        run(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    for name, _definition in indexes:
        run(f"DROP INDEX {name}")
    run(
        f"""
        INSERT INTO {table} (person_id, requirement_id, unit_id, starts_on, ends_on, status, cause, since, due_on)
        SELECT p.person, q.id, {UNIT}, s.starts_on, s.ends_on, s.status, s.cause, s.since, s.due_on
        FROM bench_person p JOIN plans_requirement q ON q.municipality_id = p.municipality
        JOIN bench_standing s ON s.history = p.history AND s.key = q.key
        """
    )
    for _name, definition in indexes:
        run(definition)
    for name, definition in keys:
        run(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition} NOT VALID")


UNIT = "CASE slot WHEN 1 THEN p.one ELSE p.other END"


def lay_out_records(sample: list, histories: list) -> None:
    """Everybody's employments, and the leaves and completions of the sample."""
    numbered = list(enumerate(histories))
    lay_out(
        "bench_work",
        "history int, slot int, role text, population text, is_main bool, starts_on date, ends_on date",
        (
            (n, span.what.unit, span.what.role, span.what.population, not place, span.first, span.last)
            for n, history in numbered
            for place, span in enumerate(history.work)
        ),
    )
    leaves = ((n, span.first, span.last) for n, history in numbered for span in history.leave)
    lay_out("bench_leave", "history int, starts_on date, ends_on date", leaves)
    done = ((n, str(one.course), one.on, one.through) for n, history in numbered for one in history.done)
    lay_out("bench_done", "history int, course uuid, on_day date, through date", done)
    run(
        f"""
        INSERT INTO organisation_employment
        (person_id, unit_id, role, population, is_main, external_no, starts_on, ends_on)
        SELECT p.person, {UNIT}, w.role, w.population, w.is_main, '', w.starts_on, w.ends_on
        FROM bench_person p JOIN bench_work w USING (history)
        """
    )
    where = [[municipality.pk for municipality in sample]]
    run(
        """
        INSERT INTO organisation_leave (person_id, reason, starts_on, ends_on)
        SELECT p.person, 'other', starts_on, ends_on FROM bench_person p JOIN bench_leave USING (history)
        WHERE p.municipality = ANY(%s)
        """,
        where,
    )
    run(
        """
        INSERT INTO records_completion
        (uuid, person_id, course_key, course_title, edition_id, completed_on, valid_through, evidence_level, time,
        recorded_at)
        SELECT gen_random_uuid(), p.person, d.course, 'Kurs', e.id, d.on_day, d.through, 'checked', 1, now()
        FROM bench_person p JOIN bench_done d USING (history) JOIN courses_edition e ON e.course_key = d.course
        WHERE p.municipality = ANY(%s)
        """,
        where,
    )


# What is measured

KEPT = ["standing", "posting", "balance"]

DIRECT = """
    SELECT best, COUNT(*) FROM (
        SELECT person_id, MIN(status) AS best FROM coverage_standing WHERE requirement_id = ANY(%s)
        AND starts_on <= %s AND (ends_on IS NULL OR ends_on >= %s) GROUP BY person_id
    ) people GROUP BY best ORDER BY best
"""


def direct(requirements: list, day: date) -> dict[int, int]:
    """The same figure, counted from the standings."""
    return dict(run(DIRECT, [[requirement.pk for requirement in requirements], day, day]))


def municipalities_on(day: date) -> dict[str, list[int]]:
    """The numbers of every municipality towards the first requirement on the day."""
    from learning.coverage import ledger
    from learning.plans.models import Requirement

    roots = Requirement.objects.filter(key="krav-0").values_list("pk", "municipality__root", "municipality__root__path")
    return {path: numbers for (path, _day), numbers in ledger.numbers(roots, [day]).items()}


def country_on(day: date) -> dict[int, int]:
    """Status → how many in the whole country."""
    from learning.coverage import figures
    from learning.plans.models import Requirement

    counts = figures.together(Requirement.objects.filter(key="krav-0"), day).counts
    return {int(status): number for status, number in counts.items() if number}


def measure(municipalities: list, sample: list) -> None:
    from learning.coverage import figures
    from learning.organisation.models import OrgUnit
    from learning.plans.models import Requirement

    day = TODAY - timedelta(days=400)
    first = [municipality.requirements.get(key="krav-0") for municipality in municipalities]
    largest, middling = sample[0], sample[1]
    requirement, root = first[0], OrgUnit.objects.get(pk=largest.root_id)
    leaf = OrgUnit.objects.under(root).filter(depth=3).last()
    months = [FIRST + relativedelta(months=n, days=-1) for n in range(1, 49)]
    assert direct(first, day) == country_on(day)
    beside = min(timed_once(lambda: direct(first, day)) for _time in range(3))
    print(f"{'the country at a date, counted directly':<52} {beside:10.2f} ms", flush=True)
    least("the country at a date", lambda: country_on(day), beside)
    least("the country late in a month", lambda: country_on(months[30] - timedelta(days=1)), beside)
    least("the country on the last day of a month", lambda: country_on(months[30]), beside)
    least("the country today", lambda: country_on(TODAY), timed_once(lambda: direct(first, TODAY)))
    assert direct(first, TODAY) == country_on(TODAY)
    least("all municipalities at a date", lambda: municipalities_on(day))
    beside = timed_once(lambda: direct([requirement], day))
    least("the largest municipality at a date", lambda: figures.at(requirement, root, day), beside)
    least("one unit at a date", lambda: figures.at(requirement, leaf, day))
    least("all units of the largest municipality at a date", lambda: figures.tree(requirement, root, day))
    least("48 months of the largest municipality", lambda: figures.series(requirement, root, months))
    least("48 months of one unit", lambda: figures.series(requirement, leaf, months))
    asked = Requirement.objects.get(municipality=middling, key="krav-0")
    least("48 months of a middling municipality", lambda: figures.series(asked, middling.root, months))
    assert figures.series(requirement, root, months) == [figures.at(requirement, root, one) for one in months]


def timed_once(act) -> float:
    start = time.perf_counter()
    act()
    return 1000 * (time.perf_counter() - start)


def complete(municipality, on: date = TODAY) -> None:
    """Somebody who lacks the course completed it on the day: from the commit until every figure above tells."""
    from django.db import transaction

    from learning.coverage import figures
    from learning.coverage.models import Standing, Status
    from learning.organisation.models import OrgUnit
    from learning.records.models import EvidenceLevel
    from learning.records.services import record_completion

    requirement = municipality.requirements.get(key="krav-0")
    course = requirement.course
    root, months = OrgUnit.objects.get(pk=municipality.root_id), [FIRST + relativedelta(months=n) for n in range(1, 49)]
    lacking = Standing.objects.on(TODAY).filter(requirement=requirement, status=Status.NOT_STARTED)
    times = []
    # Whoever works in two units comes twice.
    own = {standing.person_id: standing for standing in lacking.select_related("person", "unit").order_by("pk")[:100]}
    for standing in list(own.values())[:TIMES]:
        unit, committed = standing.unit, []
        above = [unit, unit.get_parent(), root]
        before = [figures.at(requirement, one, TODAY).competent for one in above]
        with transaction.atomic():
            transaction.on_commit(lambda at=committed: at.append(time.perf_counter()))
            record_completion(person=standing.person, course=course, on=on, evidence_level=EvidenceLevel.CHECKED)
        after = [figures.at(requirement, one, TODAY).competent for one in above]
        figures.series(requirement, root, [*months, TODAY])
        country_on(TODAY)
        times.append(1000 * (time.perf_counter() - committed[0]))
        assert after == [number + 1 for number in before]
    people = Standing.objects.filter(requirement=requirement).values("person").distinct().count()
    told = "a completion" if on == TODAY else "one that is told a year late"
    what = f"{told}, visible everywhere, of {people:,}"
    print(f"{what:<52} {min(times):10.2f} ms   the slowest of {TIMES}: {max(times):.2f} ms", flush=True)


def move_500(municipality) -> None:
    """A unit with 500 people moves to another department today, and back."""
    from django.utils import timezone

    from learning.coverage.models import Mark
    from learning.organisation.models import OrgUnit, Reorganisation
    from learning.organisation.reorganisation import move_unit, undo_reorganisation

    unit = OrgUnit.objects.get(pk=run("SELECT one FROM bench_person ORDER BY person LIMIT 1")[0][0])
    departments = OrgUnit.objects.filter(path__startswith=municipality.root.path, depth=2)
    people = run("SELECT COUNT(*) FROM bench_person WHERE one = %s", [unit.pk])[0][0]
    with timed(f"a unit with {people} people moved, and all derived"):
        move_unit(unit=unit, to=departments.exclude(pk=unit.get_parent().pk).first(), on=TODAY)
    assert not Mark.objects.exists()
    with timed("the move undone, and all derived"):
        undo_reorganisation(reorganisation=Reorganisation.objects.latest("pk"), now=timezone.now())
    assert not Mark.objects.exists()


def verify(sample: list) -> None:
    from learning.coverage.verify import differences

    with timed(f"verify of {len(sample)} municipalities"):
        found = [str(one) for municipality in sample for one in differences(municipality)]
    assert not found, found[:3]


def build() -> None:
    """The country, and its ledger."""
    from learning.coverage import ledger
    from learning.coverage.services import held_back
    from learning.plans.models import Requirement

    with timed("municipalities and requirements"), held_back():
        municipalities, courses = found()
    with timed("units and people"):
        open_units(municipalities)
        enrol(municipalities)
    chance = random.Random(2)
    histories = [draw(chance, courses) for _history in range(HISTORIES)]
    with timed("records"):
        lay_out_records(sample_of(municipalities), histories)
    with timed("standings"):
        lay_out_standings(municipalities, histories)
    with timed("the ledger, counted from them"):
        for requirement in Requirement.objects.order_by("pk"):
            ledger.recount(requirement, TODAY)
    with timed("what the planner knows"):
        run("VACUUM ANALYZE")


def sample_of(municipalities: list) -> list:
    """The largest, a middling and the smallest."""
    return [municipalities[0], municipalities[len(municipalities) // 2], municipalities[-1]]


def main() -> None:
    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection

    from learning.organisation.models import Municipality

    settings.DEBUG = False
    call_command("migrate", verbosity=0)
    if "bench_person" not in connection.introspection.table_names():
        build()
    for table in ("organisation_person", "organisation_orgunit", *map("coverage_{}".format, KEPT)):
        rows, size = run(f"SELECT COUNT(*), pg_total_relation_size('{table}') FROM {table}")[0]
        print(f"{table:<52} {rows:12,} rows {size / 2**20:8,.0f} MB", flush=True)
    municipalities = list(Municipality.objects.filter(requirements__key="krav-0").order_by("pk"))
    sample = sample_of(municipalities)
    measure(municipalities, sample)
    for municipality in sample:
        complete(municipality)
    complete(sample[0], TODAY - timedelta(days=365))
    move_500(municipalities[0])
    verify(sample)
    print(f"peak {peak():.0f} MB")


if __name__ == "__main__":
    sys.exit(main())
