"""How activities go is noted by those who keep the plan, row by row, and no row is changed."""

import pytest
from django.urls import reverse

from learning.access.models import AccessEntry
from learning.append_only import Unchangeable
from learning.plans.models import Activity, FollowUp
from learning.plans.services import load_plan, read_plan
from tests.factories import make_head, make_municipality, make_person, make_unit


@pytest.fixture
def plan(municipality):
    return load_plan(municipality=municipality, source=read_plan("umea"))


@pytest.fixture
def keeper(plan):
    return make_head(make_unit(plan.municipality), "coordinator")


def address(plan) -> str:
    return reverse("wagtailsnippets_plans_actionplan:follow_up", args=[plan.pk])


def test_a_note_is_written_read_and_followed_by_another(client, plan, keeper):
    client.force_login(keeper)
    activity = Activity.objects.filter(area__plan=plan).first()
    for status in ("under_way", "done"):
        sent = {"activity": activity.pk, "status": status, "text": f"Nu {status}."}
        assert client.post(address(plan), sent).url == address(plan)
    html = client.get(address(plan)).content.decode()
    assert "Nu under_way." in html
    assert str(keeper) in html
    assert [row.status for row in activity.follow_ups.all()] == ["done", "under_way"]
    assert activity.latest.status == "done"
    assert AccessEntry.objects.get().reader == keeper  # a name was shown


def test_a_note_is_neither_changed_nor_removed(client, plan, keeper):
    client.force_login(keeper)
    activity = Activity.objects.filter(area__plan=plan).first()
    client.post(address(plan), {"activity": activity.pk, "status": "done"})
    row = FollowUp.objects.get()
    for act in (row.save, row.delete, FollowUp.objects.all().delete):
        with pytest.raises(Unchangeable):
            act()


def test_what_is_not_said_is_asked_for_and_nothing_is_noted(client, plan, keeper):
    client.force_login(keeper)
    response = client.post(address(plan), {"text": "Bara text."})
    assert list(response.context["form"].errors) == ["activity", "status"]
    assert "Bara text." in response.content.decode()
    assert not FollowUp.objects.exists()


def test_what_looks_secret_is_not_noted_since_the_board_reads_it(client, plan, keeper):
    client.force_login(keeper)
    activity = Activity.objects.filter(area__plan=plan).first()
    text = "Se dnr SN 2025-123."
    response = client.post(address(plan), {"activity": activity.pk, "status": "done", "text": text})
    assert list(response.context["form"].errors) == ["text"]
    assert text in response.content.decode()
    assert not FollowUp.objects.exists()


def test_activities_of_another_plan_are_not_noted_here(client, plan, keeper):
    other = load_plan(municipality=make_municipality("Annan"), source=read_plan("umea"))
    client.force_login(keeper)
    theirs = Activity.objects.filter(area__plan=other).first()
    response = client.post(address(plan), {"activity": theirs.pk, "status": "done"})
    assert list(response.context["form"].errors) == ["activity"]
    assert client.get(address(other)).status_code == 404
    assert client.post(address(other), {"activity": theirs.pk, "status": "done"}).status_code == 404
    assert not FollowUp.objects.exists()


def test_who_does_not_write_notes_nothing(client, plan):
    client.force_login(make_person(make_unit(plan.municipality)))
    assert client.get(address(plan)).status_code in (302, 403)
    assert client.post(address(plan), {}).status_code in (302, 403)


def test_the_start_page_and_the_form_tell_what_to_look_at(client, plan, keeper):
    client.force_login(keeper)
    edit = reverse("wagtailsnippets_plans_actionplan:edit", args=[plan.pk])
    for url in (reverse("wagtailadmin_home"), edit):
        html = client.get(url).content.decode()
        assert plan.remarks.get(kind="outdated").says.strip() in html
    assert address(plan) in client.get(edit).content.decode()
