"""A requirement in the admin: who is meant is shown before it is saved, and a change holds from a day on."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.timezone import localdate

from learning.access.models import AccessEntry
from learning.coverage import figures
from learning.coverage.models import Status
from learning.coverage.services import freeze, settle
from learning.organisation.services import appoint
from learning.plans.models import Goal, Requirement
from learning.plans.services import OutcomeIsFixed, require
from tests.factories import (
    FOUNDED,
    make_goal,
    make_head,
    make_municipality,
    make_person,
    make_requirement,
    make_sibling,
    make_unit,
    moment,
)

DAY = timedelta(days=1)
EDIT, ADD = "wagtailsnippets_plans_requirement:edit", reverse("wagtailsnippets_plans_requirement:add")


@pytest.fixture
def requirement(municipality, course):
    return make_requirement(course, municipality)


@pytest.fixture
def coordinator(client, unit):
    person = make_head(unit, "coordinator", role="Handläggare")
    client.force_login(person)
    return person


@pytest.fixture
def editor(client, unit):
    person = make_head(unit, "editor", role="Handläggare")
    client.force_login(person)
    return person


def form_of(requirement: Requirement, **changes) -> dict:
    """What the form sends as it stands, and the changes."""
    names = ("title", "obligation", "priority", "definition", "starts_on")
    sent = {name: getattr(requirement, name) for name in names} | {"course": requirement.course_id}
    return sent | {"population": "employee", "grace_days": 0, "accepts_outside": "on", **changes}


def send(client, requirement, **changes):
    return client.post(reverse(EDIT, args=[requirement.pk]), form_of(requirement, **changes))


def errors(response) -> list[str]:
    assert response.status_code == 200
    return list(response.context["form"].errors)


def rules(requirement) -> list[tuple]:
    return [(rule.starts_on, rule.ends_on, rule.role_words) for rule in requirement.rules.all()]


def test_a_new_requirement_has_its_first_rule(client, coordinator, municipality, course):
    first_line = municipality.first_line
    fields = form_of(Requirement(title="ny", definition="Så.", starts_on=FOUNDED, course=course), first_line="on")
    response = client.post(ADD, {**fields, "role_words": "lärare, kock ,", "functions": ["head"]})
    assert response.status_code == 302, response.context["form"].errors
    made = Requirement.objects.get(title="ny")
    assert made.municipality == municipality
    [rule] = made.rules.all()
    assert (rule.starts_on, rule.role_words, rule.first_line_words) == (FOUNDED, ["lärare", "kock"], first_line)


def test_a_change_of_who_is_meant_holds_from_today_and_yesterday_keeps_its_rule(client, coordinator, requirement):
    assert send(client, requirement, role_words="lärare").status_code == 302
    today = localdate()
    assert rules(requirement) == [(FOUNDED, today - DAY, []), (today, None, ["lärare"])]
    settle()
    root = requirement.municipality.root
    found = [figures.at(requirement, root, day).counts for day in (today - DAY, today)]
    assert [counts[Status.NOT_MEANT] for counts in found] == [0, 1]
    assert [counts[Status.NOT_STARTED] for counts in found] == [1, 0]


def test_what_is_not_about_who_is_meant_makes_no_rule(client, coordinator, requirement):
    assert send(client, requirement, title="annan rubrik", priority=3).status_code == 302
    assert (Requirement.objects.get().title, len(rules(requirement))) == ("annan rubrik", 1)


def test_the_words_of_the_first_line_stay_as_they_were(client, coordinator, requirement, municipality):
    send(client, requirement, first_line="on")
    kept = requirement.rules.last().first_line_words
    municipality.first_line_words = ["brandman"]
    municipality.save()
    assert send(client, requirement, first_line="on", title="annan").status_code == 302
    assert (requirement.rules.count(), requirement.rules.last().first_line_words) == (2, kept)


def test_a_day_that_has_passed_is_a_correction_that_says_why(client, coordinator, requirement):
    earlier = {"role_words": "lärare", "from_on": "2025-01-01"}
    assert errors(send(client, requirement, **earlier)) == ["reason"]
    assert len(rules(requirement)) == 1
    assert send(client, requirement, **earlier, reason="Fel från början.").status_code == 302
    assert rules(requirement)[1] == (date(2025, 1, 1), None, ["lärare"])


def test_no_rule_changes_on_a_day_whose_outcome_is_fixed(client, coordinator, municipality, course):
    requirement = make_goal(course, municipality).requirement
    freeze(goal=requirement.goals.get(), now=moment(date(2026, 1, 1)))
    earlier = {"role_words": "lärare", "from_on": "2025-12-31", "reason": "Fel."}
    assert errors(send(client, requirement, **earlier)) == ["from_on"]
    with pytest.raises(OutcomeIsFixed):
        require(requirement=requirement, terms={}, on=date(2025, 12, 31))
    assert send(client, requirement, **{**earlier, "from_on": "2026-01-01"}).status_code == 302


def test_the_course_of_what_has_begun_stays(client, coordinator, requirement, municipality, course):
    other = make_sibling(course)
    assert errors(send(client, requirement, course=other.pk)) == ["course"]
    planned = make_requirement(requirement.course, municipality, key="senare", starts_on=localdate() + DAY)
    assert send(client, planned, course=other.pk).status_code == 302


def test_an_offer_measures_no_goal(client, coordinator, municipality, course):
    goal = make_goal(course, municipality)
    assert errors(send(client, goal.requirement, obligation="offer")) == ["obligation"]
    offer = make_requirement(course, municipality, obligation="offer")
    with pytest.raises(ValidationError) as refusal:
        Goal(area=goal.area, text="Alla erbjuds.", requirement=offer, threshold_percent=50).clean()
    assert list(refusal.value.message_dict) == ["requirement"]


def test_units_of_ones_own_can_be_chosen_and_no_others(client, coordinator, requirement, unit):
    foreign = make_unit(make_municipality("Annan"))
    assert send(client, requirement, units=[foreign.pk]).url == reverse("wagtailadmin_home")
    assert len(rules(requirement)) == 1
    assert send(client, requirement, units=[unit.pk]).status_code == 302
    assert list(requirement.rules.last().units.all()) == [unit]


def test_the_preview_tells_who_is_meant_and_saves_nothing(client, coordinator, requirement, municipality, unit):
    for role in ("Gymnasielärare", "Lärare", "Kock"):
        make_person(unit, role=role)
    response = send(client, requirement, role_words="lärare, kock", meant="numbers", title="osparad")
    told = response.context["request"].meant
    assert (told["total"], told["employed"], told["comes_in"], told["falls_out"]) == ("3", 4, "0", "1")
    assert told["departments"] == [(unit, "3")]
    assert told["words"] == [("lärare", "2"), ("kock", "1")]
    assert "names" not in told
    assert "osparad" in response.content.decode()
    assert "Här räknas personer." in response.content.decode()
    assert (Requirement.objects.filter(title="osparad").exists(), len(rules(requirement))) == (False, 1)
    assert not AccessEntry.objects.exists()


def test_names_are_shown_with_the_reason_and_noted(client, coordinator, requirement, unit):
    teacher = make_person(unit, role="Gymnasielärare", last_name="Alm")
    head = make_head(unit, role="Intendent", last_name="Berg")
    response = send(client, requirement, role_words="lärare", functions=["head"], meant="1")
    rows = response.context["request"].meant["names"]
    assert [person for person, _change, _why in rows] == [teacher, head, coordinator]
    assert "Gymnasielärare" in rows[0][2]
    assert rows[2][1]  # falls out
    [entry] = AccessEntry.objects.all()
    assert (entry.what, entry.reader, entry.number) == (AccessEntry.What.MEANT, coordinator, 3)


def test_whoever_sees_no_people_is_told_no_names_and_no_small_numbers(client, editor, requirement, unit):
    for role in ("Lärare", "Kock", "Kock", "Kock", "Kock"):
        make_person(unit, role=role, last_name="Hemlig")
    response = send(client, requirement, role_words="lärare, kock", meant="1")
    told = response.context["request"].meant
    assert (told["total"], dict(told["words"])["lärare"] != "1", "names" in told) == ("5", True, False)
    assert "Hemlig" not in response.content.decode()
    assert not AccessEntry.objects.exists()


def test_an_editor_who_is_a_head_sees_the_names_of_the_own_unit_alone(client, editor, requirement, municipality, unit):
    appoint(person=editor, unit=unit, function="head", starts_on=FOUNDED)
    make_person(make_unit(municipality))
    response = send(client, requirement, meant="1")
    assert [person for person, *_rest in response.context["request"].meant["names"]] == [editor]


def test_a_form_that_is_wrong_shows_what_is_wrong_and_nobody(client, coordinator, requirement):
    response = send(client, requirement, title="", meant="1")
    assert errors(response) == ["title"]
    assert not hasattr(response.context["request"], "meant")


def test_the_preview_of_a_new_requirement_compares_with_nothing(client, coordinator, course, municipality):
    fields = form_of(Requirement(title="ny", definition="Så.", starts_on=FOUNDED, course=course))
    told = client.post(ADD, {**fields, "meant": "numbers"}).context["request"].meant
    assert (told["total"], told["compares"]) == ("1", False)
    assert not Requirement.objects.exists()


def test_the_history_tells_what_each_rule_says_otherwise_than_the_one_before(client, requirement, editor):
    on = localdate() + DAY
    send(client, requirement, grace_days=60, from_on=on, reason="Fler hinner inte")
    first, second = requirement.history()
    assert ("Målgrupp", "", "Medarbetare") in first[1]
    assert second[1] == [("Dagar på sig", "0", "60")]
    html = client.get(reverse(EDIT, args=[requirement.pk])).content.decode()
    assert "Dagar på sig: 0 → 60" in html
    assert "Fler hinner inte" in html
