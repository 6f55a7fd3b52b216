"""What an HR export would change in the register. Reads both, writes nothing.

A finding is one thing that the file says about one person or unit: a change with the steps that make it, a row that
is refused, or a warning. The same rows in any order give the same findings.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date

from django.utils.translation import gettext as _

from learning.dated import DAY
from learning.organisation.models import Leave, Municipality

from .columns import LABELS
from .findings import Finding, Kind, step
from .known import Known, Period, Register, Units
from .matching import canonical, chains, main, pair, share_out_emails, until
from .rows import Refusal, Row


def compare(
    municipality: Municipality,
    rows: Iterable[Row | Refusal],
    *,
    on: date,
    opens_units: bool = False,
    tells_leave: bool = False,
) -> Iterator[Finding]:
    """What changes when the register of the day becomes equal to the rows, which are every employment of that day.

    `opens_units` opens units that are named for the first time; else their rows are refused. Where the file
    `tells_leave`, who has none in it is back.
    """
    by_person, refused = defaultdict(list), []
    for row in rows:
        if isinstance(row, Row):
            by_person[row.hr_id].append(row)
        else:
            refused.append(row)
    comparison = Comparison(Register(municipality, on), opens_units=opens_units, tells_leave=tells_leave)
    for refusal in sorted(refused, key=lambda refusal: refusal.number):
        yield comparison.refuse(refusal.number, refusal.hr_id, refusal.column, refusal.reason)
    comparison.begin(by_person)
    for hr_id in sorted(by_person):
        yield from comparison.person(hr_id, by_person.pop(hr_id))
    yield from comparison.missing()


class Comparison:
    """One file against one register."""

    def __init__(self, register: Register, *, opens_units: bool, tells_leave: bool):
        self.register, self.on = register, register.on
        self.units = Units(register.municipality, register.on)
        self.opens_units, self.tells_leave = opens_units, tells_leave
        self.opens_on = self.on
        self.emails: dict[str, str] = {}
        self.denied: set[str] = set()
        self.gone: set[str] = set()
        self.populations: set[str] = set()
        self.matched: set[int] = set()
        self.refused: set[str] = set()
        self.nameless: int | None = None

    def begin(self, by_person: dict[str, list[Row]]) -> None:
        """Look at the whole file for what no single person tells."""
        if self.units.is_empty:
            # A register that begins knows no better: its units are as old as the oldest employment in them.
            days = (row.starts_on for rows in by_person.values() for row in rows if row.starts_on)
            self.opens_on = min([self.on, *days])
        self.units.heed(row for rows in by_person.values() for row in rows)
        self.gone = self._gone(by_person)
        self.emails, self.denied = share_out_emails(self.register, by_person, self.gone)

    def _gone(self, by_person: dict[str, list[Row]]) -> set[str]:
        """Those who have no employment when the file has been applied, and so no use for their address."""
        if self.nameless is not None:
            return set()
        populations = {row.population for rows in by_person.values() for row in rows}
        staying = {
            hr_id
            for hr_id, periods in self.register.periods.items()
            if any(period.population not in populations or period.starts_on > self.on for period in periods)
        }
        return self.register.people.keys() - by_person.keys() - self.refused - staying

    def refuse(self, number: int, hr_id: str, column: str, reason: str, kind: str = Kind.REFUSED, **more) -> Finding:
        """A refused row is somebody who is there all the same; where it does not say who, nobody is ended."""
        if hr_id:
            self.refused.add(hr_id)
        elif self.nameless is None:
            self.nameless = number
        return Finding(kind, number, hr_id, column=column, details={"reason": reason, **more})

    def person(self, hr_id: str, rows: list[Row]) -> Iterator[Finding]:
        """Everything about one person."""
        if any(row.protected for row in rows):
            rows = [row._replace(first_name="", last_name="", protected=True) for row in rows]
        rows.sort(key=lambda row: (canonical(row), row.number))
        kept = []
        for row in rows:
            if kept and kept[-1].told == row.told:
                yield self._warn(row, _("The same row stands on line %(line)d too.") % {"line": kept[-1].number})
            else:
                kept.append(row)
        placed = []
        for row in kept:
            if self._is_over(row):
                placed.append((row, None))
                continue
            if self.units.of(row) is None and self.opens_units:
                yield from self.units.open(row, self.opens_on)
            unit = self.units.of(row)
            if unit is None:
                yield self._unknown_unit(row)
            else:
                placed.append((row, unit))
        employments = []
        for population in sorted({row.population for row, _unit in placed}):
            self.populations.add(population)
            group = [(row, unit) for row, unit in placed if row.population == population]
            employments += self._employments(hr_id, population, group)
        known = self.register.people.get(hr_id)
        if known is None and not any(finding.steps for finding in employments):
            yield from employments
            return
        present = sorted((row for row, _unit in placed), key=self._is_over) or kept
        yield from self._identity(hr_id, present, known, employments)
        if self.tells_leave:
            yield from self._leave(hr_id, present)

    def _is_over(self, row: Row) -> bool:
        return row.ends_on is not None and row.ends_on < self.on

    def _warn(self, row: Row, reason: str, column: str = "") -> Finding:
        return Finding(Kind.WARNING, row.number, row.hr_id, _name(row), column, {"reason": reason})

    def _unknown_unit(self, row: Row) -> Finding:
        name = row.unit or row.unit_code
        reason = _("There is no unit called “%(unit)s”.") % {"unit": name}
        column = str(LABELS["unit"])
        return self.refuse(
            row.number, row.hr_id, column, reason, Kind.UNKNOWN_UNIT, unit=name, department=row.department
        )

    # Who they are

    def _identity(self, hr_id: str, rows: list[Row], known, employments: list[Finding]) -> Iterator[Finding]:
        """The person's name and address, and then what is new about their employments."""
        row = rows[0]
        email = self.emails.get(hr_id, known.email if known else None)
        if hr_id in self.denied:
            # Such as a shared mailbox, which signs nobody in.
            told = next(row for row in [*rows, row] if row.email or row is rows[-1])
            yield self._warn(told, _("The e-mail address is somebody else's, so it is left out."), str(LABELS["email"]))
        owner = self.register.owners.get(email)
        if owner in self.gone:
            # An address that is used again must not sign anybody in as the one who had it before.
            before = self.register.people[owner]
            name = "" if before.is_protected else f"{before.first_name} {before.last_name}"
            change = step("person", before.pk, {"email": email}, {"email": None})
            details = {"before": {"email": email}, "after": {"email": ""}}
            yield Finding(Kind.RENAMED, row.number, owner, name, details=details, steps=(change,))
        after = {
            "first_name": row.first_name,
            "last_name": row.last_name,
            "email": email,
            "is_protected": row.protected,
        }
        if known is None:
            make = step("person", None, None, {"external_id": hr_id, **after})
            # The first finding that makes something makes the person too.
            first = next(at for at, finding in enumerate(employments) if finding.steps)
            finding = employments[first]
            employments[first] = finding._replace(kind=Kind.NEW, steps=(make, *finding.steps))
        else:
            before = {name: getattr(known, name) for name in after}
            changed = [name for name in after if before[name] != after[name]]
            if changed:
                before, after = ({name: side[name] for name in changed} for side in (before, after))
                hide = row.protected or known.is_protected
                details = {} if hide else {"before": _shown(before), "after": _shown(after)}
                change = step("person", known.pk, before, after)
                yield Finding(Kind.RENAMED, row.number, hr_id, _name(row), details=details, steps=(change,))
        yield from employments

    # Where they work

    def _employments(self, hr_id: str, population: str, group: list[tuple[Row, int | str | None]]) -> list[Finding]:
        """The employments of one person in one population."""
        periods = [period for period in self.register.periods.get(hr_id, ()) if period.population == population]
        heads, follow_ups, findings = self._heads(group)
        currents, nexts = chains(periods)
        pairs = pair(heads, currents)
        self.matched |= {period.pk for _row, _unit, period in pairs if period}
        main = self._main(hr_id, pairs, periods)
        is_back = not any(period.holds(self.on) for period in periods)
        for row, unit, period in pairs:
            after = follow_ups.get(row.number)
            following = nexts.get(period.pk, []) if period else []
            ends_on = until(row.ends_on, [p.starts_on for p in following] + ([after[0].starts_on] if after else []))
            if period:
                findings += self._compared(row, unit, period, ends_on, row is main)
            elif not self._is_over(row):
                findings.append(self._opened(row, unit, ends_on, row is main, is_back))
            # What is already planned for this employment stands.
            if after and not following:
                findings.append(self._opened(*after, after[0].ends_on, row is main, False))
            findings += self._planned(row, following, row is main)
        if main:
            told = self.matched | {p.pk for _row, _unit, period in pairs if period for p in nexts.get(period.pk, [])}
            left = [period for period in periods if period.pk not in told and period.starts_on > self.on]
            findings += self._planned(main, left, False)
        return findings

    def _main(self, hr_id: str, pairs: list[tuple], periods: list[Period]) -> Row | None:
        """The row of the main employment; none where one that is not in the file goes on as the main one."""
        if self.nameless is not None or hr_id in self.refused:
            others = (p for p in periods if p.pk not in self.matched and p.is_main and p.starts_on <= self.on)
            if next(others, None):
                return None
        return main([(row, period) for row, _unit, period in pairs if not self._is_over(row)], self.on)

    def _planned(self, row: Row, periods: list[Period], is_main: bool) -> list[Finding]:
        """What has not begun follows the employment that it goes on from: main or not."""
        return [
            Finding(
                Kind.CHANGED,
                row.number,
                row.hr_id,
                _name(row),
                details={"before": {"main": period.is_main}, "after": {"main": is_main}, "on": str(period.starts_on)},
                steps=(step("employment", period.pk, {"is_main": period.is_main}, {"is_main": is_main}),),
            )
            for period in periods
            if period.is_main != is_main
        ]

    def _heads(self, group) -> tuple[list[tuple], dict[int, tuple], list[Finding]]:
        """One row for each employment; what follows it, by line; and findings about rows that contradict."""
        heads, follow_ups, findings = [], {}, []
        by_number: dict = defaultdict(list)
        for row, unit in group:
            by_number[row.employment_no or (unit, row.role)].append((row, unit))
        for rows in by_number.values():
            # A period that is over only counts where none goes on.
            (head, unit), *others = [pair for pair in rows if not self._is_over(pair[0])] or rows[-1:]
            heads.append((head, unit))
            for row, unit in others:
                if (
                    head.number not in follow_ups
                    and row.starts_on
                    and row.starts_on > max(self.on, head.starts_on or self.on)
                ):
                    follow_ups[head.number] = (row, unit)
                else:
                    reason = _("The same employment stands on line %(line)d.") % {"line": head.number}
                    findings.append(self.refuse(row.number, row.hr_id, str(LABELS["employment_no"]), reason))
        return heads, follow_ups, findings

    def _opened(self, row: Row, unit: int | str, ends_on: date | None, is_main: bool, is_back: bool) -> Finding:
        """An employment that the register does not have."""
        known = self.register.people.get(row.hr_id)
        ended = [e for e in self.register.ended.get(row.hr_id, ()) if e[1] == row.population]
        # The unit may be younger than the employment: what was before is not known here. Nor does a row that was
        # left out by mistake and comes back change the days that are already told.
        told = [e[5] for e in ended if is_back or (e[0] == row.employment_no and (e[0] or e[2:4] == (unit, row.role)))]
        starts_on = max([row.starts_on or self.on, self.units.starts_on[unit], *(day + DAY for day in told)])
        kind = Kind.NEW if known is None else Kind.BACK if is_back and ended else Kind.ADDED
        after = {
            "hr_id": row.hr_id,
            "person": known.pk if known else None,
            "unit": unit,
            "role": row.role,
            "population": row.population,
            "is_main": is_main,
            "external_no": row.employment_no,
            "starts_on": starts_on,
            "ends_on": max(ends_on, starts_on) if ends_on else None,
        }
        steps = [step("employment", None, None, after)]
        if is_main and starts_on < self.on and self._had_main(row, starts_on):
            # Another one was the main employment until now.
            earlier = after | {"is_main": False, "ends_on": self.on - DAY}
            steps = [step("employment", None, None, fields) for fields in (earlier, after | {"starts_on": self.on})]
        details = {"unit": self.units.names[unit], "role": row.role, "on": starts_on.isoformat()}
        return Finding(kind, row.number, row.hr_id, _name(row), details=details, steps=tuple(steps))

    def _had_main(self, row: Row, since: date, but: int | None = None) -> bool:
        """Whether another employment of the person was the main one on any day from then until that of the file."""
        current = [
            p for p in self.register.periods.get(row.hr_id, ()) if p.pk != but and p.population == row.population
        ]
        ended = [e for e in self.register.ended.get(row.hr_id, ()) if e[1] == row.population]
        return any(p.is_main and p.starts_on < self.on for p in current) or any(e[4] and e[5] >= since for e in ended)

    def _compared(
        self, row: Row, unit: int | str | None, period: Period, ends_on: date | None, is_main: bool
    ) -> list[Finding]:
        """An employment that the register has: the same, or split in two where something about it is new."""
        name, hr_id = _name(row), row.hr_id
        if self._is_over(row):
            return self._last_day(row, period, max(ends_on, period.starts_on), Kind.ENDED)
        no = self._number(row, period)
        starts_on = self._first_day(row, unit, period, is_main)
        if (unit, row.role, is_main) == (period.unit, period.role, period.is_main):
            last_day = max(ends_on, starts_on) if ends_on else None
            findings = self._last_day(row, period, last_day, Kind.LAST_DAY)
            if (starts_on, no) != (period.starts_on, period.no):
                before = {"external_no": period.no, "starts_on": period.starts_on}
                change = step("employment", period.pk, before, {"external_no": no, "starts_on": starts_on})
                details = {"before": {"on": str(period.starts_on)}, "after": {"on": str(starts_on)}}
                findings.append(Finding(Kind.CHANGED, row.number, hr_id, name, details=details, steps=(change,)))
            return findings
        after = {
            "unit": unit,
            "role": row.role,
            "is_main": is_main,
            "external_no": no,
            "ends_on": ends_on,
        }
        # The true day of the change, where the file tells one; else the day of the file.
        is_told = row.starts_on and period.starts_on < row.starts_on <= self.on and is_main == period.is_main
        day = row.starts_on if is_told else self.on
        day = max(day, self.units.starts_on[unit])
        if period.starts_on < day:
            steps = (
                step("employment", period.pk, {"ends_on": period.ends_on}, {"ends_on": day - DAY}),
                step(
                    "employment",
                    None,
                    None,
                    {
                        "hr_id": hr_id,
                        "person": self.register.people[hr_id].pk,
                        "population": row.population,
                        "starts_on": day,
                        **after,
                        "ends_on": max(ends_on, day) if ends_on else None,
                    },
                ),
            )
        else:
            after |= {"starts_on": starts_on, "ends_on": max(ends_on, starts_on) if ends_on else None}
            before = {"unit": period.unit, "role": period.role, "is_main": period.is_main, "external_no": period.no}
            before |= {"starts_on": period.starts_on, "ends_on": period.ends_on}
            steps = (step("employment", period.pk, before, after),)
        kind = Kind.MOVED if unit != period.unit else Kind.CHANGED
        was = {"unit": self.units.names[period.unit], "role": period.role, "main": period.is_main}
        now = {"unit": self.units.names[unit], "role": row.role, "main": is_main}
        differ = [key for key in now if was[key] != now[key]]
        details = {"before": {k: was[k] for k in differ}, "after": {k: now[k] for k in differ}, "on": str(day)}
        return [Finding(kind, row.number, hr_id, name, details=details, steps=steps)]

    def _number(self, row: Row, period: Period) -> str:
        """The number that the row tells, unless another employment had it while this one went on already."""
        ended = self.register.ended.get(row.hr_id, ())
        same = (e for e in ended if e[:2] == (row.employment_no, row.population) and e[5] >= period.starts_on)
        return period.no if next(same, None) else row.employment_no or period.no

    def _first_day(self, row: Row, unit: int | str, period: Period, is_main: bool) -> date:
        """The first day, moved where the file tells another: back, as far as the unit and what is told before allow;

        forward only while the employment has not begun, since days that have been counted are not taken away.
        """
        if row.starts_on is None or (row.starts_on > period.starts_on and period.starts_on <= self.on):
            return period.starts_on
        if is_main and self._had_main(row, row.starts_on, but=period.pk):
            return period.starts_on if period.starts_on <= self.on else max(row.starts_on, self.on)
        told = [e[5] + DAY for e in self.register.ended.get(row.hr_id, ()) if e[1] == row.population]
        first = max([row.starts_on, self.units.starts_on[unit], *told])
        return first if period.starts_on > self.on else min(first, period.starts_on)

    def _last_day(self, row: Row, period: Period, ends_on: date | None, kind: str) -> list[Finding]:
        if ends_on == period.ends_on:
            return []
        change = step("employment", period.pk, {"ends_on": period.ends_on}, {"ends_on": ends_on})
        details = {"unit": self.units.names[period.unit], "on": ends_on.isoformat() if ends_on else ""}
        return [Finding(kind, row.number, row.hr_id, _name(row), details=details, steps=(change,))]

    # When they are away

    def _leave(self, hr_id: str, rows: list[Row]) -> Iterator[Finding]:
        """The person's leave becomes what the file tells; who has none in it is back."""
        told = next((row for row in rows if row.leave_reason), None)
        leave = next((leave for leave in self.register.leaves.get(hr_id, ()) if leave.starts_on <= self.on), None)
        known = self.register.people.get(hr_id)
        if told is None:
            if leave:
                yield self._leave_ends(rows[0], leave, max(self.on - DAY, leave.starts_on))
            return
        if told.leave_through and told.leave_through < self.on:
            if leave:
                yield self._leave_ends(told, leave, max(told.leave_through, leave.starts_on))
            return
        starts_on = told.leave_from or (leave.starts_on if leave else self.on)
        after = {"reason": told.leave_reason, "starts_on": starts_on, "ends_on": told.leave_through}
        details = {"reason": told.leave_reason, "on": str(starts_on)}
        steps = []
        if leave and leave.starts_on < starts_on:
            # Another leave: the one before it keeps its days.
            if starts_on <= self.on or leave.ends_on is None:
                last_day = starts_on - DAY
                if leave.ends_on != last_day:
                    steps.append(step("leave", leave.pk, {"ends_on": leave.ends_on}, {"ends_on": last_day}))
            leave = None
        planned = (other for other in self.register.leaves.get(hr_id, ()) if other.starts_on == starts_on)
        leave = next(planned, leave)
        if leave is None:
            person = known.pk if known else None
            steps.append(step("leave", None, None, {"hr_id": hr_id, "person": person, **after}))
        else:
            before = {name: getattr(leave, name) for name in after}
            if before != after:
                steps.append(step("leave", leave.pk, before, after))
        if steps:
            yield Finding(Kind.ON_LEAVE, told.number, hr_id, _name(told), details=details, steps=tuple(steps))

    def _leave_ends(self, row: Row, leave: Leave, last_day: date) -> Finding | None:
        change = step("leave", leave.pk, {"ends_on": leave.ends_on}, {"ends_on": last_day})
        return Finding(
            Kind.OFF_LEAVE, row.number, row.hr_id, _name(row), details={"on": str(last_day)}, steps=(change,)
        )

    # Who is not there any more

    def missing(self) -> Iterator[Finding]:
        """End the employments that the file no longer holds, in the populations that it speaks of."""
        if self.nameless is not None:
            reason = _("Line %(line)d does not say whom it is about. So nobody's employment is ended.")
            yield Finding(Kind.WARNING, self.nameless, details={"reason": reason % {"line": self.nameless}})
            return
        for hr_id in sorted(self.register.periods):
            if hr_id not in self.refused:
                yield from self._missing(hr_id, self.register.people[hr_id])

    def _missing(self, hr_id: str, known: Known) -> Iterator[Finding]:
        """End what the file does not hold of one person, and warn where functions end with it."""
        name = "" if known.is_protected else f"{known.first_name} {known.last_name}"
        periods = self.register.periods[hr_id]
        if hr_id in self.register.functions and not any(period.pk in self.matched for period in periods):
            if all(period.population in self.populations for period in periods):
                functions = ", ".join(self.register.functions[hr_id])
                reason = _("Not in the file, and so without these functions: %(functions)s.") % {"functions": functions}
                yield Finding(Kind.WARNING, None, hr_id, name, details={"reason": reason})
        for period in periods:
            last_day = max(self.on - DAY, period.starts_on)
            if (
                period.pk in self.matched
                or period.population not in self.populations
                or period.starts_on > self.on
                or period.ends_on == last_day
            ):
                continue
            before, after = {"ends_on": period.ends_on}, {"ends_on": last_day}
            if last_day == self.on and period.is_main:
                before["is_main"], after["is_main"] = True, False
            change = step("employment", period.pk, before, after)
            details = {"unit": self.units.names[period.unit], "on": last_day.isoformat(), "missing": True}
            yield Finding(Kind.ENDED, None, hr_id, name, details=details, steps=(change,))


def _name(row: Row) -> str:
    return "" if row.protected else f"{row.first_name} {row.last_name}"


def _shown(fields: dict) -> dict:
    return {name: value or "" for name, value in fields.items() if name != "is_protected"}
