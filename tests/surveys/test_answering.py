"""Answering: offered and never required, once, and kept without whoever answered."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from learning.organisation.services import end_employment
from learning.records.services import finish_lesson
from learning.surveys import services
from learning.surveys.models import Answered, FreeText, Survey, Tally
from tests.factories import make_head, make_municipality, make_person, make_unit, moment, take_check
from tests.surveys.conftest import BEGUN, ON, answer_all, make_elected, stage_of


@pytest.fixture(autouse=True)
def _on_a_day(time_machine):
    time_machine.move_to(moment(ON), tick=False)


@pytest.fixture
def person(department, client):
    person = make_person(department)
    client.force_login(person)
    return person


def address(wave) -> str:
    return reverse("surveys:answer", args=[wave.pk])


def fill(wave, **last) -> dict:
    """A form in which each statement fits completely."""
    return {f"item-{item.pk}": "4" for item in services.items_of(wave) if item.kind == "statement"} | last


def test_it_is_offered_at_the_course_before_the_first_lesson_and_answered_once(client, person, survey, course):
    wave = stage_of(survey, "before")
    assert address(wave) in client.get(course.relative_url(course.get_site())).content.decode()
    assert client.get(address(wave)).status_code == 200
    assert not Tally.objects.exists()
    response = client.post(address(wave), fill(wave), follow=True)
    assert response.status_code == 200
    tally = Tally.objects.get()
    assert (tally.wave, tally.month, tally.number) == (wave, date(2025, 2, 1), 1)
    assert {key: value for counted in tally.counts.values() for key, value in counted.items()} == {"4": 1}
    again = client.post(address(wave), fill(wave))
    assert again.status_code == 409
    assert Tally.objects.get().number == 1
    assert address(wave) not in client.get(course.relative_url(course.get_site())).content.decode()


def test_who_has_begun_is_not_asked_what_they_could_do_before(client, person, survey, course):
    finish_lesson(person=person, lesson=course.lessons().first(), now=moment(ON))
    wave = stage_of(survey, "before")
    assert client.get(address(wave)).status_code == 404
    assert client.post(address(wave), fill(wave)).status_code == 404
    assert not Answered.objects.exists()


def test_right_after_it_is_offered_beside_the_result_and_some_months_later_on_ones_own_page(
    client, person, survey, course, time_machine
):
    attempt = take_check(person, course, ON)
    result, after, later = (
        reverse("records:check_result", args=[attempt.pk]),
        address(stage_of(survey, "after")),
        address(stage_of(survey, "later")),
    )
    assert after in client.get(result).content.decode()
    assert later not in client.get("/min-sida/").content.decode()
    for day, is_asked in [
        (date(2025, 6, 2), False),
        (date(2025, 6, 3), True),
        (date(2025, 8, 3), True),
        (date(2025, 8, 4), False),
    ]:
        time_machine.move_to(moment(day), tick=False)
        client.force_login(person)
        assert (later in client.get("/min-sida/").content.decode()) is is_asked, day
        due = [one for one in services.due(person.municipality, day) if person in one.people]
        assert [one.wave.stage for one in due] == (["later"] if is_asked else [])
        assert after not in client.get(result).content.decode()


def test_nobody_is_due_twice_or_after_they_have_left(person, survey, course):
    take_check(person, course, ON)
    other = make_person(person.employments.get().unit)
    take_check(other, course, ON)
    day = date(2025, 7, 1)
    answer_all(stage_of(survey, "later"), [person], on=day)
    end_employment(employment=other.employments.get(), last_day=day - timedelta(days=1))
    assert [list(one.people) for one in services.due(person.municipality, day)] == [[]]


@pytest.mark.parametrize("chosen", [{}, {"item": "9"}])
def test_nothing_is_kept_of_an_empty_or_forged_form(client, person, survey, chosen):
    wave = stage_of(survey, "before")
    forged = {f"item-{services.items_of(wave)[0].pk}": value for value in chosen.values()}
    response = client.post(address(wave), forged)
    assert response.status_code == 400
    assert 'role="alert"' in response.content.decode()
    assert not Answered.objects.exists()
    assert not Tally.objects.exists()


def test_one_question_is_enough(client, person, survey):
    wave = stage_of(survey, "before")
    first = services.items_of(wave)[0]
    client.post(address(wave), {f"item-{first.pk}": "0"})
    assert {item: counts for item, counts in Tally.objects.get().counts.items() if counts} == {str(first.pk): {"0": 1}}


def test_more_than_may_be_chosen_is_refused_and_what_was_chosen_is_kept(client, needs, municipality):
    [member] = make_elected(make_unit(municipality), 1)
    client.force_login(member)
    wave = services.open_wave(survey=needs, starts_on=ON, ends_on=ON, by=None, on=ON)
    topics = needs.items.get(kind="choice", most=3)
    response = client.post(address(wave), {f"item-{topics.pk}": ["1", "2", "3", "4"]})
    assert response.status_code == 400
    assert response.content.decode().count("checked") == 4
    client.post(address(wave), {f"item-{topics.pk}": ["1", "2", "3"]})
    assert Tally.objects.get().counts[str(topics.pk)] == {"1": 1, "2": 1, "3": 1}


def test_only_elected_officials_are_asked_what_they_need(client, person, needs, municipality):
    wave = services.open_wave(survey=needs, starts_on=ON, ends_on=ON, by=None, on=ON)
    assert client.get(address(wave)).status_code == 404
    [member] = make_elected(make_unit(municipality), 1)
    client.force_login(member)
    assert address(wave) in client.get("/min-sida/").content.decode()


def test_another_municipality_s_survey_is_not_there(client, survey):
    client.force_login(make_head(make_unit(make_municipality("Annan")), "coordinator"))
    for name in ("answer", "results", "results_csv", "texts"):
        pk = stage_of(survey, "before").pk if name == "answer" else survey.pk
        assert client.get(reverse(f"surveys:{name}", args=[pk])).status_code == 404


def test_what_is_unpublished_is_not_asked(client, person, survey):
    survey.unpublish()
    assert client.get(address(stage_of(survey, "before"))).status_code == 404


def test_it_is_asked_in_english_where_all_of_it_is_translated(client, person, survey):
    client.cookies["django_language"] = "en"
    html = client.get(address(stage_of(survey, "before"))).content.decode()
    assert "I know whom to turn to if I become worried." in html
    Survey.objects.update(translations={})
    html = client.get(address(stage_of(survey, "before"))).content.decode()
    assert '<h1 lang="sv">Hur säker känner du dig?</h1>' in html


def test_one_s_own_words_are_asked_for_afterwards_only_and_kept_by_themselves(person, survey, course):
    assert "text" not in {item.kind for item in services.items_of(stage_of(survey, "before"))}
    take_check(person, course, ON)
    answer_all(stage_of(survey, "after"), [person], text="  Mer om nätet. ")
    assert FreeText.objects.get().text == "Mer om nätet."


def test_a_department_in_which_few_are_asked_is_counted_with_the_municipality(municipality, survey, department):
    make_people = [make_person(department) for _ in range(9)]
    answer_all(stage_of(survey, "before"), make_people[:1])
    assert Tally.objects.get().unit == municipality.root
    tenth = make_person(make_unit(department))
    answer_all(stage_of(survey, "before"), [tenth])
    assert Tally.objects.exclude(unit=municipality.root).get().unit == department


def test_publishing_in_the_admin_opens_the_stages_once(survey):
    survey.waves.all().delete()
    survey.save_revision().publish()
    survey.save_revision().publish()
    assert [wave.stage for wave in survey.waves.all()] == ["before", "after", "later"]
    assert {wave.starts_on for wave in survey.waves.all()} == {ON}
    assert BEGUN < ON
