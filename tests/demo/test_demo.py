"""The fictional municipality, made with the product's own verbs."""

from datetime import date, datetime

import pytest
from django.core.management import CommandError, call_command
from django.test import TestCase, override_settings
from django.urls import reverse
from django.utils.timezone import localdate, make_aware

from learning.access.demo import VISITORS
from learning.coverage import figures
from learning.coverage.models import FrozenReport, Mark
from learning.coverage.vacancies import State, vacancies
from learning.demo.granforsa import COORDINATOR_TO_TRAIN, WITHOUT_COORDINATOR
from learning.demo.history import _found, _freeze_outcomes, _open_figures, _Story, load
from learning.organisation.models import HrImport, Municipality, Person
from learning.plans.models import Duty, Goal
from learning.plans.situation import needs, told
from learning.records.models import Completion, EvidenceStep
from learning.reporting.models import PublicFigures, Release
from learning.surveys.models import Survey
from learning.surveys.results import SurveyResult
from tests.factories import make_course, make_goal, make_head, make_municipality, make_unit

pytestmark = pytest.mark.long

UNTIL = date(2022, 12, 31)


class Granforsa(TestCase):
    """Its first year: loading it all takes a minute."""

    @classmethod
    def setUpTestData(cls):
        cls.municipality = load(UNTIL, report=str)

    def test_it_is_marked_as_fictional_and_holds_about_1300_people_in_six_departments(self):
        assert self.municipality.is_fictional is True
        requirement = Goal.objects.exclude(requirement=None).first().requirement
        whole = figures.at(requirement, self.municipality.root, UNTIL)
        assert 1250 <= whole.headcount <= 1400
        assert whole.headcount == whole.counted + sum(whole.excluded.values())
        departments = self.municipality.departments(UNTIL).exclude(name="Politisk organisation")
        assert departments.count() == 6

    def test_its_people_came_through_hr_files_and_their_completions_through_checks(self):
        assert HrImport.objects.count() == 6
        assert Completion.objects.exists()
        elsewhere = EvidenceStep.objects.exclude(completion=None).values("completion")
        assert not Completion.objects.filter(attempt=None).exclude(pk__in=elsewhere).exists()
        assert not Mark.objects.exists()

    def test_one_department_has_no_coordinator_and_one_has_somebody_to_train(self):
        [duty] = Duty.objects.all()
        states = {post.unit.name: post.state for post in vacancies(duty, self.municipality.root, UNTIL)}
        lacking = {name: state for name, state in states.items() if state != State.FILLED}
        assert lacking == {WITHOUT_COORDINATOR: State.VACANT, COORDINATOR_TO_TRAIN: State.UNTRAINED}
        assert len(states) == 6
        assert duty.course.slug == "nyckelpersoner"

    def test_its_elected_officials_have_answered_one_round_and_have_another_open(self):
        needs = Survey.objects.get(kind="needs")
        assert [wave.is_closed(UNTIL) for wave in needs.waves.all()] == [True, False]
        [closed] = SurveyResult(needs, UNTIL).waves
        assert 10 < closed.whole.number < 45

    def test_every_invented_address_belongs_to_a_domain_that_cannot_exist(self):
        assert not Person.objects.exclude(email=None).exclude(email__endswith="@granforsa.example").exists()

    def test_loading_again_keeps_what_is_there(self):
        before = Completion.objects.count()
        assert load(UNTIL, report=str) == self.municipality
        assert Completion.objects.count() == before

    @override_settings(DEMO=True)
    def test_each_visitor_can_be_signed_in_by_one_click(self):
        for email in VISITORS:
            response = self.client.post(reverse("access:demo_sign_in"), {"email": email})
            assert response.status_code == 302, email
            assert self.client.get(response.url, follow=True).status_code == 200, email


@pytest.mark.django_db
def test_it_is_not_loaded_beside_real_people(settings):
    settings.DEMO = False
    with pytest.raises(CommandError):
        call_command("load_demo")
    assert not Municipality.objects.exists()


@pytest.mark.django_db
def test_its_situation_picture_changes_from_year_to_year_and_one_topic_lacks_a_lesson():
    municipality, today = _found(), date(2026, 11, 1)
    _Story(municipality, today)._picture()
    assert [topic.title for topic in needs(municipality)] == ["Rykten om kommunens arbete"]
    picture = told(municipality, today, by=today)
    assert (picture["year"], picture["since"]) == (2025, 2024)
    assert [len(topic["lessons"]) for topic in picture["topics"]] == [2, 3, 2, 0, 0]
    assert picture["new"]
    assert picture["gone"]


@pytest.mark.django_db
def test_an_outcome_is_fixed_in_the_night_after_its_day():
    municipality = _found()
    _freeze_outcomes(municipality, date(2025, 12, 31))
    assert not FrozenReport.objects.exists()
    _freeze_outcomes(municipality, date(2026, 11, 1))
    assert {(one.on, localdate(one.frozen_at)) for one in FrozenReport.objects.all()} == {
        (date(2025, 12, 31), date(2026, 1, 1))
    }


@pytest.mark.django_db
@pytest.mark.parametrize("hour", [9, 18])
def test_nothing_is_published_later_than_it_is(time_machine, hour):
    now = make_aware(datetime(2026, 3, 2, hour))
    time_machine.move_to(now, tick=False)
    municipality = make_municipality()
    make_goal(make_course(municipality), municipality)
    make_head(make_unit(municipality), "coordinator", email="samordnare@granforsa.example")
    _open_figures(municipality, now.date())
    told = [PublicFigures.objects.get().opened_at, *Release.objects.values_list("published_at", flat=True)]
    assert len(told) > 1
    assert max(told) == make_aware(datetime(2026, 3, 2, min(hour, 16)))
