"""An earlier day in the structure of a later one: each person once, where their unit has gone."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from learning.coverage import figures
from learning.coverage.models import Standing
from learning.coverage.services import settle
from learning.coverage.structure import Structure, reorganised_on
from learning.dated import DAY
from learning.organisation.models import Employment
from learning.organisation.reorganisation import close_unit, move_unit
from learning.organisation.services import employ, end_employment, move_employment
from tests.coverage.test_properties import FIRST, LAST, SPAN, World, acts, number
from tests.factories import make_course, make_goal, make_municipality, make_person, make_unit, take_check

THEN, REORGANISED, NOW = date(2023, 6, 1), date(2024, 1, 1), date(2025, 3, 3)


def merge(units, name, on, parent=None):
    """Close the units and let their people go on in one."""
    return _become(units, make_unit(parent or units[0].get_parent(), name, on), on)


def merge_into(units, successor, on):
    """Close the units and let their people go on in one that is there already."""
    return _become(units, successor, on)


def _become(units, successor, on):
    successor.predecessors.add(*units)
    for unit in units:
        for employment in Employment.objects.on(on).filter(unit=unit, starts_on__lt=on):
            move_employment(employment=employment, unit=successor, on=on)
        unit.refresh_from_db()
        close_unit(unit=unit, on=on)
    return successor


def split(unit, parts, on, parents=None):
    """Close the unit and let its people go on in its parts: `parts` tells which, by person; the others leave."""
    successors = [make_unit(parent, on=on) for parent in parents or [unit.get_parent()] * 2]
    for successor in successors:
        successor.predecessors.add(unit)
    for employment in Employment.objects.on(on).filter(unit=unit, starts_on__lt=on):
        part = parts.get(employment.person_id)
        if part is None:
            end_employment(employment=employment, last_day=on - DAY)
        else:
            move_employment(employment=employment, unit=successors[part], on=on)
    unit.refresh_from_db()
    close_unit(unit=unit, on=on)
    return successors


class Place:
    """A department with three units of two people each, one of whom has the course; and a department beside."""

    def __init__(self):
        self.municipality = make_municipality()
        self.root = self.municipality.root
        self.department, self.beside = make_unit(self.municipality), make_unit(self.municipality)
        self.course = make_course(self.municipality)
        self.requirement = make_goal(self.course, self.municipality).requirement
        self.units = [make_unit(self.department) for _ in range(3)]
        self.staff = [[make_person(unit) for _ in range(2)] for unit in self.units]
        for person, _other in self.staff:
            take_check(person, self.course, date(2023, 1, 1))
        settle()

    def told(self, unit, on=THEN, by=NOW):
        """(completed, counted) of the unit on the day in the structure of another."""
        settle()
        figure = figures.at(self.requirement, unit, on, Structure(unit.root_path, by))
        return figure.competent, figure.counted

    def total(self, on=THEN):
        return figures.at(self.requirement, self.root, on)


@pytest.fixture
def place(db):
    return Place()


def test_a_unit_that_has_moved_has_its_history_where_it_is_now(place):
    moved = move_unit(unit=place.units[0], to=place.beside, on=REORGANISED)
    assert place.told(moved) == place.told(place.beside) == (1, 2)
    assert place.told(place.department) == (2, 4)
    assert figures.at(place.requirement, moved, THEN).headcount == 0


def test_in_the_structure_of_its_own_day_a_figure_is_as_it_was(place):
    move_unit(unit=place.department, to=place.beside, on=REORGANISED)
    assert place.told(place.department, by=THEN) == (3, 6)
    assert place.told(place.department, by=REORGANISED - DAY) == (3, 6)


def test_merged_units_have_one_history(place):
    one = merge(place.units[:2], "Hela", REORGANISED)
    assert place.told(one) == (2, 4)
    assert place.told(merge_into([one], place.units[2], date(2024, 6, 1))) == (3, 6)
    assert place.told(one, by=date(2024, 5, 31)) == (2, 4)


def test_a_split_unit_is_divided_as_its_people_were(place):
    able, other = place.staff[0]
    first, second = split(place.units[0], {able.pk: 0, other.pk: 1}, REORGANISED)
    assert (place.told(first), place.told(second)) == ((1, 1), (0, 1))


def test_who_had_left_before_the_split_is_counted_above_the_parts(place):
    able, other = place.staff[0]
    end_employment(employment=able.employments.get(), last_day=date(2023, 9, 1))
    parents = [place.department, place.beside]
    first, second = split(place.units[0], {other.pk: 1}, REORGANISED, parents)
    assert (place.told(first), place.told(second), place.told(place.beside)) == ((0, 0), (0, 1), (0, 1))
    assert place.told(place.root) == (3, 6)


def test_who_works_in_both_parts_of_a_split_is_counted_above_them(place):
    able, other = place.staff[0]
    first, second = split(place.units[0], {able.pk: 0, other.pk: 1}, REORGANISED)
    employ(person=able, unit=second, starts_on=REORGANISED, is_main=False)
    assert (place.told(first), place.told(second), place.told(place.department)) == ((0, 0), (0, 1), (3, 6))


def test_the_parts_of_a_split_that_are_merged_again_are_one(place):
    able, other = place.staff[0]
    end_employment(employment=able.employments.get(), last_day=date(2023, 9, 1))
    parts = split(place.units[0], {other.pk: 1}, REORGANISED)
    assert place.told(merge(parts, "Hel igen", date(2024, 6, 1))) == (1, 2)


def test_a_part_that_is_split_again_is_followed_on(place):
    able, other = place.staff[0]
    first, second = split(place.units[0], {able.pk: 0, other.pk: 0}, REORGANISED)
    third, fourth = split(first, {able.pk: 1, other.pk: 0}, date(2024, 6, 1))
    assert [place.told(unit) for unit in (second, third, fourth)] == [(0, 0), (0, 1), (1, 1)]


def test_a_unit_that_closed_without_a_successor_counts_with_the_one_above(place):
    for person in place.staff[0]:
        move_employment(employment=person.employments.get(), unit=place.beside, on=REORGANISED)
    close_unit(unit=place.units[0], on=REORGANISED)
    assert (place.told(place.department), place.told(place.beside)) == ((3, 6), (0, 0))
    moved = move_unit(unit=place.department, to=place.beside, on=date(2024, 6, 1))
    assert (place.told(moved), place.told(place.beside)) == ((3, 6), (3, 6))


def test_a_ring_of_successors_is_no_trap(place):
    moved = move_unit(unit=place.units[0], to=place.beside, on=REORGANISED)
    place.units[0].predecessors.add(moved)
    assert place.told(moved) == (1, 2)


def test_the_days_on_which_a_unit_was_reorganised(place):
    moved = move_unit(unit=place.units[0], to=place.beside, on=REORGANISED)
    within = move_unit(unit=place.units[1], to=place.units[2], on=date(2024, 6, 1))
    days = [reorganised_on(unit, NOW) for unit in (moved, place.beside, place.department, place.root)]
    assert days == [[REORGANISED], [REORGANISED], [REORGANISED], []]
    assert reorganised_on(within, NOW) == [date(2024, 6, 1)]
    for unit in (place.department, moved):
        assert reorganised_on(unit, THEN) == []


def test_the_ordinary_question_reads_no_structure(place, django_assert_num_queries):
    with django_assert_num_queries(4):
        figures.at(place.requirement, place.root, THEN)
        figures.tree(place.requirement, place.root, THEN)
        figures.series(place.requirement, place.root, [THEN])


class Reorganised(World):
    """The world, in which units are also merged, split and closed."""

    def leaves(self, day):
        units = self.municipality.units.on(day).filter(depth__gt=1, numchild=0)
        return [unit for unit in units if not unit.employments.filter(starts_on__gte=day).exists()]

    def merge(self, one, other, day):
        if len(leaves := self.leaves(day)) > 1:
            parent = self.unit(other, day)
            pair = [leaves[one % len(leaves)], leaves[(one + 1) % len(leaves)]]
            if parent not in pair:
                merge(pair, "", day, parent)

    def merge_into(self, one, other, day):
        if len(leaves := self.leaves(day)) > 1:
            merge_into([leaves[one % len(leaves)]], leaves[(one + 1) % len(leaves)], day)

    def split(self, one, other, day):
        if leaves := self.leaves(day):
            unit = leaves[one % len(leaves)]
            people = sorted(unit.employments.values_list("person", flat=True))
            parts = {person: [0, 1, None][(other + n) % 3] for n, person in enumerate(people)}
            parents = [unit.get_parent(), self.municipality.root]
            split(unit, parts, day, parents)

    def close(self, one, other, day):
        if leaves := self.leaves(day):
            close_unit(unit=leaves[one % len(leaves)], on=day)


kinds = st.one_of(acts, st.sampled_from(["merge", "split", "merge", "split", "merge_into", "close", "end", "hire"]))
steps = st.lists(st.tuples(kinds, number, number, st.floats(0, 1)), max_size=14)


def home_by_hand(unit, person, by):
    """The rule as it is written, step by step."""
    if lasts(unit, by):
        return unit
    finals = finals_by_hand(unit, by)
    if not finals:
        return home_by_hand(unit.get_parent(), person, by)
    if len(finals) == 1:
        return finals.pop()
    day = unit.ends_on + DAY
    own = [e.unit for e in Employment.objects.filter(person=person).select_related("unit") if lasts(e, day)]
    went = [s for s in unit.successors.all() if any(u == s or u.is_descendant_of(s) for u in own)]
    if len(went) == 1:
        return home_by_hand(went[0], person, by)
    return next(
        above
        for above in [unit, *unit.get_root().get_descendants().order_by("-depth"), unit.get_root()]
        if lasts(above, by) and all(final == above or final.is_descendant_of(above) for final in finals)
    )


def finals_by_hand(unit, by):
    return {unit} if lasts(unit, by) else {f for s in unit.successors.all() for f in finals_by_hand(s, by)}


def lasts(dated, day):
    return dated.starts_on <= day and (dated.ends_on is None or dated.ends_on >= day)


class Promises(TestCase):
    """Whatever is moved, merged, split and closed."""

    @classmethod
    def setUpTestData(cls):
        cls.place = Place()

    @given(history=steps, at=st.floats(0, 1), later=st.floats(0, 1))
    def test_nobody_is_lost_or_counted_twice_in_the_structure_of_a_later_day(self, history, at, later):
        place = self.place
        world = Reorganised(place.municipality, place.course, place.requirement.goals.get())
        world.play(history, FIRST, LAST)
        day = FIRST + timedelta(days=round(at * SPAN))
        by = day + timedelta(days=round(later * (LAST - day).days))
        structure = Structure(place.root.path, by)
        tree = figures.tree(world.requirement, place.root, day, structure)
        assert set(tree) == set(place.municipality.units.on(by))
        assert tree[place.root] == figures.at(world.requirement, place.root, day)
        homes = [
            (home_by_hand(standing.unit, standing.person_id, by).path, standing.person_id)
            for standing in Standing.objects.on(day).select_related("unit")
        ]
        for unit, figure in tree.items():
            assert figure.headcount == len({person for path, person in homes if path.startswith(unit.path)})
            assert figure == figures.at(world.requirement, unit, day, structure)
            assert [figure] == figures.series(world.requirement, unit, [day], structure)
            assert figure.headcount == len(figures.people(world.requirement, unit, day, structure=structure))
