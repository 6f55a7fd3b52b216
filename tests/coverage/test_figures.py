"""The figure itself: rounding that does not flatter, and freezing that holds."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning.append_only import Unchangeable, hash_of
from learning.coverage import figures, services
from learning.coverage.figures import Coverage
from learning.coverage.models import FrozenReport, Mark, Standing, Status
from learning.coverage.services import GoalStillOpen, StillCounting, freeze, held_back, settle
from learning.coverage.tasks import tick_freeze_closed_goals, tick_heal_standings
from learning.organisation.services import end_employment
from learning.reporting.charts import percent
from learning.reporting.files import per_cent
from tests.factories import make_course, make_goal, make_municipality, make_person, make_unit, moment, take_check

TODAY = date(2026, 3, 1)


@given(counted=st.integers(1, 5000), data=st.data())
def test_a_hundred_per_cent_is_everyone_and_zero_is_nobody(counted, data):
    competent = data.draw(st.integers(0, counted))
    figure = Coverage(TODAY, {Status.COMPETENT: competent, Status.NOT_STARTED: counted - competent})
    assert (figure.percent == 100) == (competent == counted)
    assert (figure.percent == 0) == (competent == 0)
    assert abs(figure.percent - figure.share) <= 1


@pytest.mark.parametrize(
    ("competent", "counted", "whole", "decimal"),
    [
        (1, 8, "13", "12.5"),
        (3, 8, "38", "37.5"),
        (2499, 2500, "99", "99.9"),
        (1, 3000, "1", "0.1"),
        (5, 5, "100", "100.0"),
        (0, 5, "0", "0.0"),
        (247, 2000, "12", "12.4"),
    ],
)
def test_a_share_is_rounded_in_one_way(competent, counted, whole, decimal):
    figure = Coverage(TODAY, {Status.COMPETENT: competent, Status.NOT_STARTED: counted - competent})
    assert (str(figures.rounded(figure.share)), str(figures.rounded(figure.share, 1))) == (whole, decimal)
    assert percent(figure.share) == f"{figure.percent}\u00a0%" == f"{whole}\u00a0%"
    assert str(per_cent(figure.share)) == decimal


def test_a_unit_where_nobody_is_counted_has_no_share():
    figure = Coverage(TODAY, {Status.ON_LEAVE: 3})
    assert (figure.counted, figure.share, figure.percent) == (0, None, None)


@given(counts=st.dictionaries(st.sampled_from(Status), st.integers(0, 99)))
def test_a_figure_survives_being_written_down(counts):
    figure = Coverage(TODAY, {status: counts.get(status, 0) for status in Status})
    assert Coverage.from_dict(TODAY, figure.as_dict()) == figure


@pytest.fixture
def world(db):
    municipality = make_municipality()
    unit = make_unit(municipality)
    course = make_course(municipality)
    goal = make_goal(course, municipality)
    people = [make_person(unit) for _ in range(4)]
    return municipality, unit, course, goal, people


def test_a_late_pass_leaves_the_frozen_outcome_and_moves_todays_figure(world):
    _municipality, unit, course, goal, people = world
    take_check(people[0], course, date(2025, 12, 31))
    settle()
    report = freeze(goal=goal, now=moment(TODAY))
    take_check(people[1], course, date(2026, 1, 1))
    settle()
    assert figures.frozen(report, unit).competent == 1
    assert figures.at(goal.requirement, unit, TODAY).competent == 2
    assert figures.at(goal.requirement, unit, goal.due_on).competent == 1


def test_a_correction_after_the_freeze_changes_the_live_figure_and_not_the_frozen_one(world):
    _municipality, unit, _course, goal, people = world
    settle()
    report = freeze(goal=goal, now=moment(TODAY))
    end_employment(employment=people[0].employments.get(), last_day=date(2025, 6, 30))
    settle()
    assert figures.at(goal.requirement, unit, goal.due_on).headcount == 3
    report.refresh_from_db()
    assert figures.frozen(report, unit).headcount == 4
    assert report.sha256 == hash_of(report.body)


def test_freezing_twice_returns_the_first(world):
    goal = world[3]
    assert freeze(goal=goal, now=moment(TODAY)) == freeze(goal=goal, now=moment(date(2026, 9, 1)))


def test_an_open_goal_is_not_frozen(world):
    with pytest.raises(GoalStillOpen):
        freeze(goal=world[3], now=moment(date(2025, 12, 31)))


def test_a_frozen_report_can_be_neither_changed_nor_removed(world):
    report = freeze(goal=world[3], now=moment(TODAY))
    for act in (
        report.save,
        report.delete,
        FrozenReport.objects.all().delete,
        lambda: FrozenReport.objects.update(on=TODAY),
    ):
        with pytest.raises(Unchangeable):
            act()


def test_the_clock_freezes_every_goal_whose_date_has_passed(world, time_machine):
    time_machine.move_to(moment(TODAY))
    tick_freeze_closed_goals()
    assert FrozenReport.objects.get().on == date(2025, 12, 31)


def test_no_outcome_is_fixed_while_many_changes_wait_to_be_counted(world, time_machine, monkeypatch, caplog):
    time_machine.move_to(moment(TODAY))
    monkeypatch.setattr("learning.coverage.services.AT_ONCE", 3)
    goal = world[3]
    with pytest.raises(StillCounting):
        freeze(goal=goal, now=moment(TODAY))
    monkeypatch.setattr("learning.coverage.tasks.settle", lambda: None)  # as while an HR file is written beside it
    tick_freeze_closed_goals()
    assert not FrozenReport.objects.exists()
    assert f"goal {goal.pk} is not fixed yet" in caplog.text
    settle()
    tick_freeze_closed_goals()
    assert figures.frozen(FrozenReport.objects.get(), world[1]).headcount == 4


def test_a_completion_is_in_the_figures_as_soon_as_it_is_committed(world, django_capture_on_commit_callbacks):
    _municipality, unit, course, goal, people = world
    settle()
    with django_capture_on_commit_callbacks(execute=True):
        take_check(people[0], course, TODAY)
    assert figures.at(goal.requirement, unit, TODAY).competent == 1
    assert not Mark.objects.exists()


def test_what_a_lost_message_left_behind_is_healed_by_the_clock(world):
    _municipality, unit, course, goal, people = world
    with held_back():
        take_check(people[0], course, TODAY)
    assert Mark.objects.exists()
    tick_heal_standings()
    assert not Mark.objects.exists()
    assert figures.at(goal.requirement, unit, TODAY).competent == 1


def test_a_person_in_two_units_counts_once_above_and_by_the_best_standing(world):
    from learning.organisation.services import employ

    municipality, _unit, course, goal, people = world
    other = make_unit(municipality)
    employ(person=people[0], unit=other, starts_on=date(2024, 1, 1), population="elected", is_main=False)
    take_check(people[0], course, TODAY)
    settle()
    assert figures.at(goal.requirement, other, TODAY).excluded == {Status.OTHER_POPULATION: 1}
    whole = figures.at(goal.requirement, municipality.root, TODAY)
    assert (whole.headcount, whole.counted, whole.competent) == (4, 4, 1)


def test_another_municipality_never_counts(world):
    goal, unit = world[3], world[1]
    foreign = make_municipality("Annan kommun")
    make_person(make_unit(foreign))
    settle()
    assert figures.at(goal.requirement, unit, TODAY).headcount == 4
    assert not Standing.objects.filter(unit__path__startswith=foreign.root.path).exists()


@pytest.fixture
def bad_person(world, monkeypatch):
    """A person whose standings cannot be derived, in a world where everyone waits for theirs."""
    real, bad = services._Histories.of, world[4][1]

    def of(histories, person, requirement):
        if person == bad:
            raise OverflowError
        return real(histories, person, requirement)

    with held_back():
        for person in world[4]:
            take_check(person, world[2], date(2025, 6, 1))
    monkeypatch.setattr(services._Histories, "of", of)
    return bad


def test_one_whose_standings_cannot_be_derived_keeps_nobody_else_waiting(world, bad_person, caplog):
    settle()
    assert set(Mark.objects.values_list("person", flat=True)) == {bad_person.pk}
    assert figures.at(world[3].requirement, world[1], TODAY).competent == 3
    assert f"person {bad_person.pk} " in caplog.text


def test_one_whose_standings_cannot_be_derived_does_not_stop_the_freeze(world, bad_person, time_machine):
    time_machine.move_to(moment(TODAY))
    tick_freeze_closed_goals()
    assert figures.frozen(FrozenReport.objects.get(), world[1]).competent == 3


def test_a_day_at_the_end_of_the_calendar_stops_nobody(world):
    end_employment(employment=world[4][0].employments.get(), last_day=date.max)
    settle()
    assert not Mark.objects.exists()
    assert figures.at(world[3].requirement, world[1], TODAY).headcount == 4
