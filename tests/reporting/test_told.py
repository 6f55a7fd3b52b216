"""Whoever has every release together learns nothing of any small group."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from learning.reporting.told import Told

from .attack import Attacker, narrowest

FIRST = date(2024, 6, 30)


@dataclass(frozen=True)
class Team:
    """People who sit together in a department (or in none), and which of them have the course."""

    people: tuple[tuple[int, bool], ...]
    department: int | None
    changed: int = 0
    is_asked_beside: bool = False  # whether the other requirement of the same course means them

    def take(self, number: int) -> "Team":
        """So many of those who lack the course take it; below none, so many lose it."""
        now = [person for person, has in self.people if has is (number < 0)][: abs(number)]
        people = tuple((person, has ^ (person in now)) for person, has in self.people)
        return replace(self, people=people, changed=self.changed + 1) if now else self

    @property
    def name(self) -> tuple:
        """The same as long as the team has the same people, who have the same."""
        return *(person for person, _has in self.people), self.changed


def team(number: int, has: int, lacks: int, department: int | None = 0, beside: bool = False) -> Team:
    people = tuple((100 * number + n, n <= has) for n in range(1, has + lacks + 1))
    return Team(people, department, is_asked_beside=beside)


def numbers(teams: list[Team]) -> tuple[int, int]:
    counts = Counter(has for team in teams for _person, has in team.people)
    return counts[True], counts[False]


def is_few(teams: list[Team]) -> bool:
    has, lacks = numbers(teams)
    return has + lacks > 0 and (has + lacks < 10 or has < 5 or lacks < 5)


OWN = 3  # those who work for the municipality itself: in the whole, and never a row
ROWS = range(OWN)


class Publisher:
    """Tells of the municipality and its departments, release after release: of those who sit somewhere, then of those
    whom another requirement of the same course means; of these by department only where `by_department` says so.
    """

    def __init__(self, *, by_department: bool = False):
        self.told, self.on, self.by_department = Told(), FIRST, by_department

    def publish(self, teams: list[Team]) -> list[list[Team]]:
        """Those of whom a figure is told now, figure by figure: the whole first."""
        self.on += timedelta(days=184)
        sitting = [team for team in teams if team.department is not None]
        beside = [team for team in teams if team.is_asked_beside]
        return [*self._table(sitting, ROWS), *self._table(beside, ROWS if self.by_department else ())]

    def _table(self, teams: list[Team], departments: Iterable[int]) -> list[list[Team]]:
        rows = {n: [team for team in teams if team.department == n] for n in departments}
        whole, parts = self._group(teams), {n: self._group(row) for n, row in rows.items()}
        shown = self.told.choose(whole, {n: part for n, part in parts.items() if not is_few(rows[n]) and part})
        if shown is None:
            return []
        self.told.tell(whole, [parts[n] for n in shown])
        return [teams, *(rows[n] for n in shown)]

    def _group(self, teams: list[Team]):
        return self.told.group([person for team in teams for person in team.people], self.on)


sizes = st.tuples(st.integers(0, 25), st.integers(0, 25))
places = st.sampled_from([0, 0, 1, 1, 2, OWN, None])
worlds = st.lists(st.tuples(sizes, places, st.booleans()), min_size=4, max_size=8)
# What happens between two releases: a team goes to another department, or out, or in; some take the course or lose it.
happenings = st.tuples(st.integers(0, 7), st.one_of(places, st.integers(-12, 12).map(lambda number: {"take": number})))


@given(worlds, st.lists(st.lists(happenings, max_size=6), max_size=4), st.booleans())
def test_nothing_is_told_of_few_by_any_release_even_to_whoever_knows_what_has_not_changed(world, years, by_department):
    """The attacker knows who sits where and who is asked what, and that a team that has not changed is as it was."""
    publisher, attacker, few = Publisher(by_department=by_department), Attacker(), {}
    now = [team(n, *size, place, beside) for n, (size, place, beside) in enumerate(world)]
    for year, happens in enumerate([[], *years]):
        for number, what in happens:
            one = now[number % len(now)]
            now[number % len(now)] = one.take(what["take"]) if isinstance(what, dict) else replace(one, department=what)
        for figure in publisher.publish(now):
            attacker.learn([team.name for team in figure], *numbers(figure))
        groups = {f"department {n}": [team for team in now if team.department == n] for n in (*ROWS, OWN)}
        groups |= {f"team {n}": [team] for n, team in enumerate(now)}
        groups |= {
            f"beside in {n}": [team for team in now if team.department == n and team.is_asked_beside] for n in ROWS
        }
        groups["beside"] = [team for team in now if team.is_asked_beside]
        few |= {(year, name): [t.name for t in teams] for name, teams in groups.items() if is_few(teams)}
    assert narrowest(attacker, few)[0] >= 5


def shown(*releases: list[Team]) -> list[list[int] | None]:
    """Which departments each release tells of; None where it tells nothing."""
    publisher = Publisher()
    told = [publisher.publish(teams) for teams in releases]
    return [sorted(figure[0].department for figure in figures[1:]) if figures else None for figures in told]


def test_a_large_group_is_told_and_a_small_or_even_one_is_not():
    assert shown([team(1, 20, 20, OWN)]) == [[]]
    for has, lacks in [(3, 3), (4, 30), (30, 0), (0, 30), (0, 0)]:
        assert shown([team(1, has, lacks, OWN)]) == [None]


def test_the_next_smallest_is_hidden_with_the_only_small_one():
    assert shown([team(1, 20, 20, 0), team(2, 10, 10, 1), team(3, 2, 2, 2)]) == [[0]]


def test_few_who_work_in_no_department_hide_one():
    departments = [team(1, 20, 20, 0), team(2, 10, 10, 1)]
    assert shown(departments) == [[0, 1]]
    assert shown([*departments, team(3, 1, 1, OWN)]) == [[0]]


def test_who_works_in_two_departments_is_not_told_by_their_sum():
    both = team(3, 1, 0).people
    one, other = team(1, 20, 20, 0), team(2, 10, 10, 1)
    assert shown([replace(one, people=one.people + both), replace(other, people=other.people + both)]) == [[0]]


def test_one_who_comes_is_not_told_by_two_releases():
    departments = [team(1, 20, 20, 0), team(2, 20, 20, 1)]
    assert shown(departments, departments, [*departments, team(3, 1, 0, 0)]) == [[0, 1], [0, 1], None]
    assert shown(departments, [*departments, team(3, 5, 5, 0)]) == [[0, 1], [0, 1]]
    assert shown(departments, [*departments, team(3, 12, 0, 0)]) == [[0, 1], None]


def test_a_unit_that_moves_is_not_told_by_the_departments_that_it_left_and_came_to():
    stay = [team(1, 20, 20, 0), team(2, 20, 20, 1)]
    assert shown([*stay, team(3, 4, 4, 0)], [*stay, team(3, 4, 4, 1)]) == [[0, 1], []]


def test_another_is_not_hidden_in_place_of_the_one_that_was():
    large, one, other, small = team(1, 40, 40, 0), team(2, 10, 10, 1), team(3, 10, 11, 2), team(4, 2, 2, OWN)
    first = [large, one, other, small]
    # The department that was told is now the smallest: hidden in place of the first, the first would be told.
    come, more = team(5, 6, 6).people, team(6, 5, 5).people
    later = [replace(large, people=large.people + more), replace(one, people=one.people + come), other, small]
    assert shown(first, later) == [[0, 2], [0, 2]]
