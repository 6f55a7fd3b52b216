"""Those who are appointed to write get into Wagtail's admin, see their own municipality there, and get out again."""

from dataclasses import dataclass, field
from datetime import date

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from wagtail.images import get_image_model
from wagtail.images.tests.utils import get_test_image_file
from wagtail.models import GroupCollectionPermission, GroupPagePermission, Page
from wagtail.permission_policies.pages import PagePermissionPolicy

from courses.models import FactSnippet, Recording, Route
from learning.access.editors import editors_group, follow_appointments
from learning.access.tasks import tick_follow_appointments
from learning.dated import DAY
from learning.organisation.models import Municipality, Person
from learning.organisation.services import appoint, end_appointment, end_employment
from learning.plans.models import ActionPlan, Duty, Requirement, SituationPicture
from quizzes.models import KnowledgeCheck, Question
from tests.access.routes import routes
from tests.factories import (
    FOUNDED,
    make_course,
    make_duty,
    make_goal,
    make_head,
    make_municipality,
    make_person,
    make_picture,
    make_recording,
    make_unit,
    moment,
)

TODAY = date(2025, 3, 3)
SNIPPETS = [Question, KnowledgeCheck, FactSnippet, Route, Recording, ActionPlan, Requirement, Duty, SituationPicture]


@pytest.fixture(autouse=True)
def _on_a_day(time_machine):
    time_machine.move_to(moment(TODAY), tick=False)


@dataclass
class Place:
    """A municipality with content of every kind and an editor; its mark stands in every title and text."""

    name: str
    municipality: Municipality = field(init=False)

    def __post_init__(self):
        self.municipality = make_municipality(self.name)
        self.unit = make_unit(self.municipality)
        self.course = make_course(self.municipality, slug=f"kurs-{self.name.lower()}")
        make_goal(self.course, self.municipality)
        make_duty(self.municipality, self.course)
        make_recording(self.municipality)
        make_picture(self.municipality, f"Ämne {self.name}")
        self.editor = make_head(self.unit, "editor")
        permission = GroupCollectionPermission.objects.filter(group=editors_group(self.municipality)).first()
        self.image = get_image_model().objects.create(
            title=f"Bild {self.name}", file=get_test_image_file(), collection=permission.collection
        )
        self.mark()

    def mark(self) -> None:
        """Write the name of the place into all of its content."""
        for page in self.pages:
            page.title = page.draft_title = f"{page.title} {self.name}"
            page.save()
            page.save_revision()
        for model, words in {Question: "text", FactSnippet: "text", Route: "situation"}.items():
            model.objects.filter(municipality=self.municipality).update(**{words: f"Text {self.name}"})
        for model in (KnowledgeCheck, Recording, ActionPlan, Requirement, Duty, SituationPicture):
            model.objects.filter(municipality=self.municipality).update(title=f"Titel {self.name}")
        for model in SNIPPETS:
            if hasattr(self.one(model), "save_revision"):
                self.one(model).save_revision()

    @property
    def pages(self):
        return [page.specific for page in Page.objects.descendant_of(self.municipality.site.root_page)]

    def one(self, model):
        return model.objects.filter(municipality=self.municipality).first()


@pytest.fixture
def own(db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return Place("Egenby")


@pytest.fixture
def foreign(own):
    return Place("Fjärranby")


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def refreshed(person: Person) -> Person:
    """The person as the next request finds them, without permissions remembered from before."""
    return Person.objects.get(pk=person.pk)


def may_write(person: Person) -> bool:
    return refreshed(person).has_perm("wagtailadmin.access_admin")


@pytest.mark.parametrize("function", ["editor", "coordinator"])
def test_to_be_appointed_opens_the_admin(own, function):
    person = make_person(own.unit)
    assert may_write(person) is False
    appoint(person=person, unit=own.unit, function=function, starts_on=TODAY)
    assert may_write(person) is True
    assert signed_in(person).get(reverse("wagtailadmin_home")).status_code == 200


@pytest.mark.parametrize("function", ["head", "deputy", "department_coordinator", "board_reader"])
def test_functions_that_do_not_write_open_no_admin(own, function):
    person = make_head(own.unit, function)
    assert may_write(person) is False
    assert signed_in(person).get(reverse("wagtailadmin_home")).status_code == 302


def test_an_editor_changes_the_pages_of_the_own_site_only(own, foreign):
    pages = PagePermissionPolicy().instances_user_has_any_permission_for(
        refreshed(own.editor), {"add", "change", "publish"}
    )
    assert set(pages) == {
        Page.objects.get(pk=own.municipality.site.root_page.pk),
        *Page.objects.filter(pk__in=[page.pk for page in own.pages]),
    }


def test_the_group_of_editors_gives_no_power_over_people_sites_or_deletion(own):
    names = set(editors_group(own.municipality).permissions.values_list("codename", flat=True))
    # One that is used is not removed (quizzes.wagtail_hooks), and no result hangs on it.
    assert [name for name in names if name.startswith("delete_")] == ["delete_question"]
    assert not names & {"add_person", "change_person", "change_site", "add_site", "change_group"}
    kinds = GroupPagePermission.objects.filter(group=editors_group(own.municipality))
    assert {row.permission.codename for row in kinds} == {"add_page", "change_page", "publish_page"}


def test_a_group_of_an_earlier_release_may_touch_what_a_later_one_has_added(own):
    editors_group(own.municipality).permissions.remove(*Permission.objects.filter(codename__endswith="_duty"))
    assert refreshed(own.editor).has_perm("plans.change_duty") is False
    follow_appointments([own.editor.pk])
    assert refreshed(own.editor).has_perm("plans.change_duty") is True


def test_the_group_of_editors_is_made_once(own):
    assert editors_group(own.municipality) == editors_group(own.municipality)
    assert GroupPagePermission.objects.filter(group=editors_group(own.municipality)).count() == 3


def test_the_admin_closes_when_the_appointment_is_over(own):
    appointment = own.editor.appointments.get()
    end_appointment(appointment=appointment, last_day=TODAY)
    assert may_write(own.editor) is True
    follow_appointments([own.editor.pk], on=TODAY + DAY)
    assert may_write(own.editor) is False


def test_the_admin_closes_when_the_employment_is_over(own, time_machine):
    employment = own.editor.employments.get()
    end_employment(employment=employment, last_day=TODAY)
    assert may_write(own.editor) is True
    time_machine.move_to(moment(TODAY + DAY), tick=False)
    tick_follow_appointments()
    assert may_write(own.editor) is False


def test_the_admin_closes_at_once_when_the_employment_turns_out_to_be_over(own):
    end_employment(employment=own.editor.employments.get(), last_day=TODAY - DAY)
    assert may_write(own.editor) is False


def test_the_admin_closes_for_whoever_is_inactive(own):
    Person.objects.filter(pk=own.editor.pk).update(is_active=False)
    follow_appointments([own.editor.pk])
    assert not own.editor.groups.exists()


def test_one_who_writes_by_two_appointments_keeps_on_when_one_ends(own):
    appoint(person=own.editor, unit=own.unit, function="coordinator", starts_on=FOUNDED)
    end_appointment(appointment=own.editor.appointments.get(function="editor"), last_day=TODAY - DAY)
    assert may_write(own.editor) is True


def test_the_clock_lets_people_in_and_out_by_date(own, time_machine):
    coming, going = make_person(own.unit), own.editor
    appoint(person=coming, unit=own.unit, function="editor", starts_on=TODAY + DAY)
    end_appointment(appointment=going.appointments.get(), last_day=TODAY)
    tick_follow_appointments()
    assert (may_write(coming), may_write(going)) == (False, True)
    time_machine.move_to(moment(TODAY + DAY), tick=False)
    tick_follow_appointments()
    assert (may_write(coming), may_write(going)) == (True, False)


def test_the_clock_touches_no_other_groups(own):
    other = editors_group(make_municipality("Annan"))
    own.editor.groups.create(name="Något annat")
    tick_follow_appointments()
    assert set(own.editor.groups.values_list("name", flat=True)) == {
        editors_group(own.municipality).name,
        "Något annat",
    }
    assert not other.user_set.exists()


@pytest.mark.parametrize("model", SNIPPETS)
def test_an_editor_changes_own_snippets_and_cannot_open_foreign_ones(own, foreign, model):
    client = signed_in(own.editor)
    edit = f"{model.snippet_viewset.get_url_name('edit')}"
    assert client.get(reverse(edit, args=[own.one(model).pk])).status_code == 200
    for refused in (client.get, client.post):
        assert refused(reverse(edit, args=[foreign.one(model).pk])).status_code in (302, 404)
    listing = client.get(reverse(model.snippet_viewset.get_url_name("list"))).content.decode()
    assert own.name in listing
    assert foreign.name not in listing


def test_a_foreign_question_stays_as_it_was_whatever_is_posted(own, foreign):
    question = foreign.one(Question)
    form = {"text": "Ändrad", "kind": "single", "topic": "", "options-TOTAL_FORMS": "0", "options-INITIAL_FORMS": "0"}
    for name in ("edit", "delete"):
        url = reverse(Question.snippet_viewset.get_url_name(name), args=[question.pk])
        assert signed_in(own.editor).post(url, form).status_code in (302, 403, 404)
    assert Question.objects.get(pk=question.pk).text == f"Text {foreign.name}"


def test_what_an_editor_creates_belongs_to_the_own_municipality(own, foreign):
    url = reverse(Route.snippet_viewset.get_url_name("add"))
    form = {"situation": "Ny", "action": "Ring", "audience": "all", "municipality": foreign.municipality.pk}
    response = signed_in(own.editor).post(url, form)
    assert response.status_code == 302
    assert Route.objects.get(situation="Ny").municipality == own.municipality


# The second breaks on purpose, to test the page of errors.
LEFT_OUT = {"wagtailadmin_logout", "wagtailadmin_error_test"}
ADMIN = [r for r in routes() if r.path.startswith("admin/") and r.is_named and r.name not in LEFT_OUT]


def fillings(place: Place, route) -> list[dict]:
    """What may stand in the route's address, once for each kind of thing of the place that it may lead to."""
    if not route.kwargs:
        return [{}]
    things = [place.one(model) for model in SNIPPETS]
    named = [thing for thing in things if f"s_{thing._meta.app_label}_{thing._meta.model_name}:" in route.name]
    pages = [place.municipality.site.root_page, place.course, place.course.lessons().first()]
    return [_filling(place, thing, route) for thing in named or [*things, *pages, place.image]]


def _filling(place: Place, thing, route) -> dict:
    revision = getattr(thing, "latest_revision_id", None) or 1
    words = {"action_name": "x", "action": "delete", "filter_spec": "original", "uuid": place.editor.uuid}
    words |= dict.fromkeys(["content_type_app_name", "app_label", "app_name"], thing._meta.app_label)
    words |= dict.fromkeys(["content_type_model_name", "model_name"], thing._meta.model_name)
    words |= dict.fromkeys(["revision_id", "revision_id_a", "revision_id_b"], revision)
    return {name: words.get(name, thing.pk) for name in route.kwargs}


def tellers(client: Client, names: set[str], places: list[Place], secret: str) -> set[str]:
    """Those of the routes that tell the secret."""
    found = set()
    for route in ADMIN:
        for kwargs in [kwargs for place in places for kwargs in fillings(place, route) if route.name in names]:
            response = client.get(reverse(route.name, kwargs=kwargs))
            if not response.streaming and secret in response.content.decode(errors="ignore"):
                found.add(route.name)
    return found


@pytest.mark.long
def test_no_address_of_the_admin_shows_anything_of_another_municipality(own, foreign):
    client, names = signed_in(own.editor), {route.name for route in ADMIN}
    assert len(names) > 200
    assert tellers(client, names, [own, foreign], foreign.name) == set()
    assert client.get(reverse("wagtailadmin_home")).status_code == 200


@pytest.mark.long
def test_the_walk_of_the_admin_would_find_what_is_shown(own, foreign):
    found = tellers(signed_in(foreign.editor), {route.name for route in ADMIN}, [foreign], foreign.name)
    edits = {model.snippet_viewset.get_url_name("edit") for model in SNIPPETS}
    assert found >= {*edits, "wagtailadmin_pages:edit", "wagtailimages:edit", "wagtailadmin_pages:search"}


def test_the_report_that_names_any_page_is_neither_offered_nor_shown(own):
    client = signed_in(own.editor)
    address = reverse("wagtailadmin_reports:page_types_usage")
    assert address not in client.get(reverse("wagtailadmin_home")).content.decode()
    assert client.get(address).url == reverse("wagtailadmin_explore_root")
