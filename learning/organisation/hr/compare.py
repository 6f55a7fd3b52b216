"""What an HR export would change in the register. Reads both, writes nothing.

A finding is one thing that the file says about one person or unit: a change with the steps that make it, a row that
is refused, or a warning. The same rows in any order give the same findings.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date

from django.utils.translation import gettext as _

from learning.dated import DAY
from learning.organisation.models import Leave, Municipality, Population

from .addresses import Addresses
from .columns import labels
from .findings import Finding, Kind, step
from .known import Known, Period, Register
from .matching import canonical, chains, main, pair, until
from .rows import Refusal, Row
from .units import Units


class Comparison:
    """One file against one register: what changes when the register of the day becomes equal to the rows.

    The rows are every employment of that day, in the populations that they speak of; no other employments are
    touched, nor people whose ids are of another series. `opens_units` opens units that are named for the first time;
    else their rows are refused. Where the file `tells_leave`, who has none in it is back; where it does not
    `tells_roles`, they stay as they are, and where it does not `tells_protection`, so does whoever is protected.
    """

    def __init__(
        self,
        municipality: Municipality,
        rows: Iterable[Row | Refusal],
        *,
        on: date,
        population: str = Population.EMPLOYEE,
        series: str = "",
        opens_units: bool = False,
        tells_leave: bool = False,
        tells_roles: bool = True,
        tells_protection: bool = True,
    ):
        self.register, self.on, self.labels = Register(municipality, on, series), on, labels(population)
        self.units = Units(municipality, on)
        self.opens_units, self.tells_leave, self.tells_roles = opens_units, tells_leave, tells_roles
        self.tells_protection = tells_protection
        self.by_person: dict[str, list[Row]] = defaultdict(list)
        self.refusals: list[Refusal] = []
        for row in rows:
            if isinstance(row, Row):
                self.by_person[row.hr_id].append(row)
            else:
                self.refusals.append(row)
        self.refusals.sort(key=lambda refusal: refusal.number)
        # A refused row is somebody who is there all the same; where it does not say who, nobody is ended.
        self.refused = {refusal.hr_id for refusal in self.refusals if refusal.hr_id}
        self.nameless = next((refusal.number for refusal in self.refusals if not refusal.hr_id), None)
        self._spell_ids()
        self.opens_on = on
        if self.units.is_empty:
            # A register that begins knows no better: its units are as old as the oldest employment in them.
            self.opens_on = min([on, *(row.starts_on for row in self._rows() if row.starts_on)])
        self.units.heed(self._rows())
        self.populations = self._populations()
        self.addresses = Addresses(self.register, self.by_person, self.populations, ends=self._is_gone)
        self.matched: set[int] = set()

    def _rows(self) -> Iterator[Row]:
        return (row for rows in self.by_person.values() for row in rows)

    def _spell_ids(self) -> None:
        """Write each id with as many zeros as the register has."""
        for short, hr_id in self.register.ids_otherwise(self.by_person.keys() | self.refused).items():
            rows = self.by_person.pop(short, [])
            if rows:
                self.by_person[hr_id] = [row._replace(hr_id=hr_id) for row in rows]
            if short in self.refused:
                self.refused.add(hr_id)
                self.refusals = [replace(one, hr_id=hr_id) if one.hr_id == short else one for one in self.refusals]

    def _populations(self) -> set[str]:
        """Those that the file speaks of, in a unit that is known."""
        populations = set()
        for row in self._rows():
            if row.population not in populations and (
                self.opens_units or self._is_over(row) or self.units.of(row) or self.units.heirs(row)
            ):
                populations.add(row.population)
        return populations

    def _is_gone(self, hr_id: str) -> bool:
        """Whether the file ends what employment the person has in its populations."""
        return self.nameless is None and hr_id not in self.by_person and hr_id not in self.refused

    def findings(self) -> Iterator[Finding]:
        """Everything that the file says; to be read once."""
        for refusal in self.refusals:
            reason = {"reason": refusal.reason}
            yield Finding(Kind.REFUSED, refusal.number, refusal.hr_id, column=refusal.column, details=reason)
        if self.nameless is not None:
            reason = _("Line %(line)d does not say whom it is about. So nobody's employment is ended.")
            yield Finding(Kind.WARNING, self.nameless, details={"reason": reason % {"line": self.nameless}})
        # What has been compared need not be remembered.
        for hr_ids in self.register.batches():
            for hr_id in hr_ids:
                if rows := self.by_person.pop(hr_id, None):
                    yield from self._person(hr_id, rows)
                yield from self._missing(hr_id)
                self.matched.clear()
        for hr_id in sorted(self.by_person):
            yield from self._person(hr_id, self.by_person.pop(hr_id))

    def _refuse(self, row: Row, field: str, reason: str, kind: str = Kind.REFUSED, **more) -> Finding:
        """Leave the row out; its person's other employments stay as they are."""
        self.refused.add(row.hr_id)
        column = str(self.labels[field])
        return Finding(kind, row.number, row.hr_id, column=column, details={"reason": reason, **more})

    def _person(self, hr_id: str, rows: list[Row]) -> Iterator[Finding]:
        """Everything about one person who is in the file."""
        known = self.register.people.get(hr_id)
        stays_protected = known and known.is_protected and not self.tells_protection
        if stays_protected or any(row.protected for row in rows):
            rows = [row._replace(first_name="", last_name="", protected=True) for row in rows]
        if len(rows) > 1:
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
            unit = self._unit(row)
            if unit is None and self.opens_units and not self.units.heirs(row) and not self.units.why_not(row):
                yield from self.units.open(row, self.opens_on)
                unit = self.units.of(row)
            if unit is None:
                yield self._unknown_unit(row)
            else:
                placed.append((row, unit))
        employments = []
        for population in sorted({row.population for row, _unit in placed}):
            group = [(row, unit) for row, unit in placed if row.population == population]
            employments += self._employments(hr_id, population, group)
        if known is None and not any(finding.steps for finding in employments):
            yield from employments
            return
        present = sorted((row for row, _unit in placed), key=self._is_over) or kept
        yield from self._identity(hr_id, present, known, employments)
        employed = [row for row in present if row.population == Population.EMPLOYEE]
        if self.tells_leave and employed:
            yield from self._leave(hr_id, employed)

    def _is_over(self, row: Row) -> bool:
        return row.ends_on is not None and row.ends_on < self.on

    def _warn(self, row: Row, reason: str, field: str = "") -> Finding:
        column = str(self.labels[field]) if field else ""
        return Finding(Kind.WARNING, row.number, row.hr_id, _name(row), column, {"reason": reason})

    # In which unit

    def _unit(self, row: Row) -> int | str | None:
        """The unit of the row; of one that was split, the part in which the person already is."""
        if unit := self.units.of(row):
            return unit
        heirs = self.units.heirs(row)
        if len(heirs) == 1:
            return heirs[0]
        same = (p for p in self.register.periods.get(row.hr_id, ()) if p.population == row.population)
        # Two numbers that differ tell two employments apart.
        may = {p.unit for p in same if p.no == row.employment_no or not (p.no and row.employment_no)} & set(heirs)
        return may.pop() if len(may) == 1 else None

    def _unknown_unit(self, row: Row) -> Finding:
        name = row.unit or row.unit_code
        if heirs := self.units.heirs(row):
            units = ", ".join(self.units.names[heir] for heir in heirs)
            reason = _("“%(unit)s” is closed and has become several units: %(units)s. The row does not say which.")
            reason %= {"unit": name, "units": units}
        else:
            reason = _("There is no unit called “%(unit)s”.") % {"unit": name}
            if why_not := self.opens_units and self.units.why_not(row):
                reason = why_not
        return self._refuse(row, "unit", reason, Kind.UNKNOWN_UNIT, unit=name, department=row.department)

    # Who they are

    def _identity(self, hr_id: str, rows: list[Row], known, employments: list[Finding]) -> Iterator[Finding]:
        """The person's name and address, and then what is new about their employments."""
        row = rows[0]
        given = self.addresses.given(hr_id)
        email = given or (known.email if known else None)
        if self.addresses.denied(hr_id):
            # Such as a shared mailbox, which signs nobody in.
            told = next(row for row in [*rows, row] if row.email or row is rows[-1])
            yield self._warn(told, _("The e-mail address is somebody else's, so it is left out."), "email")
        if given and (before := self.addresses.left.get(given)):
            # An address that is used again must not sign anybody in as the one who had it before.
            change = step("person", before.pk, {"email": email}, {"email": None})
            details = {"before": {"email": email}, "after": {"email": ""}}
            yield Finding(Kind.RENAMED, row.number, before.hr_id, before.name, details=details, steps=(change,))
        if known and _is_somebody_else(row, known):
            reason = _(
                "Until now this id was %(name)s. Is it the same person? If not, ask for an id of their own before "
                "the file is read in: what has been learned follows the id."
            )
            yield self._warn(row, reason % {"name": f"{known.first_name} {known.last_name}"}, "hr_id")
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
            is_main, after = row is main, follow_ups.get(row.number)
            if period and not self.tells_roles:
                row = row._replace(role=period.role)
                after = after and (after[0]._replace(role=period.role), after[1])
            following = nexts.get(period.pk, []) if period else []
            ends_on = until(row.ends_on, [p.starts_on for p in following] + ([after[0].starts_on] if after else []))
            if period:
                findings += self._compared(row, unit, period, ends_on, is_main)
            elif not self._is_over(row):
                findings.append(self._opened(row, unit, ends_on, is_main, is_back))
            # What is already planned for this employment stands.
            if after and not following:
                findings.append(self._opened(*after, after[0].ends_on, is_main, False))
            findings += self._planned(row, following, is_main)
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
                    findings.append(self._refuse(row, "employment_no", reason))
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
        if over := self.register.back_after.get(hr_id):
            starts_on = max(starts_on, over + DAY)
        others = self.register.leaves.get(hr_id, ())
        # What is planned stands, and what goes on until then ends before it.
        ends_on = until(
            told.leave_through, [one.starts_on for one in others if one.starts_on > max(starts_on, self.on)]
        )
        after = {"reason": told.leave_reason, "starts_on": starts_on, "ends_on": ends_on}
        details = {"reason": told.leave_reason, "on": str(starts_on)}
        steps = []
        if leave and leave.starts_on < starts_on:
            # Another leave: the one before it keeps its days.
            leave = None
        for other in others:
            if other.starts_on < starts_on and (other.ends_on is None or other.ends_on >= starts_on):
                last_day = {"ends_on": starts_on - DAY}
                steps.append(step("leave", other.pk, {"ends_on": other.ends_on}, last_day))
        planned = (other for other in others if other.starts_on == starts_on)
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

    def _missing(self, hr_id: str) -> Iterator[Finding]:
        """End what the file does not hold of one person, and warn where functions end with it."""
        periods = self.register.periods.get(hr_id)
        if not periods or self.nameless is not None or hr_id in self.refused:
            return
        known = self.register.people[hr_id]
        name = "" if known.is_protected else f"{known.first_name} {known.last_name}"
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


def _is_somebody_else(row: Row, known: Known) -> bool:
    """Whether the two have no name in common, and both have one."""
    if (row.first_name, row.last_name) == (known.first_name, known.last_name):
        return False
    before, now = (_words(who) for who in (known, row))
    return bool(before and now) and not before & now


def _words(who: Row | Known) -> set[str]:
    return set(re.findall(r"\w+", f"{who.first_name} {who.last_name}".casefold()))
