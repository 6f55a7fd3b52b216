"""What is forged into a form of the admin: nothing of another municipality is pointed at, and nothing of it is told."""

from dataclasses import dataclass, field

import pytest
from django.test import Client
from django.urls import reverse
from wagtail.images import get_image_model
from wagtail.images.tests.utils import get_test_image_file
from wagtail.test.utils.form_data import inline_formset, nested_form_data

from courses.models import CoursePage, FactSnippet, LessonPage
from learning.organisation.models import Municipality
from learning.plans.models import ActionPlan, Requirement, SituationPicture
from quizzes.models import KnowledgeCheck, Question
from tests.courses.writing import lesson_form
from tests.factories import make_course, make_goal, make_head, make_municipality, make_unit
from tests.plans.forms import new_plan_form, picture_form


@dataclass
class Place:
    """A municipality with one thing of every kind that a form may point at."""

    name: str
    municipality: Municipality = field(init=False)

    def __post_init__(self):
        self.municipality = make_municipality(self.name)
        self.course = make_course(self.municipality, slug=f"kurs-{self.name.lower()}")
        self.lesson = self.course.lessons().first()
        make_goal(self.course, self.municipality)
        self.unit = make_unit(self.municipality)
        self.editor = make_head(self.unit, "editor")
        Question.objects.filter(municipality=self.municipality).update(text=f"Hemlig fråga i {self.name}")

    def one(self, model):
        return model.objects.filter(municipality=self.municipality).first()


@pytest.fixture
def own(db):
    return Place("Egenby")


@pytest.fixture
def foreign(own):
    return Place("Fjärranby")


@pytest.fixture
def client(own):
    client = Client()
    client.force_login(own.editor)
    return client


def check_form(question) -> dict:
    pool = inline_formset([{"question": question.pk, "ORDER": "1"}])
    form = {"title": "Kontroll", "introduction": "null", "draw": "1", "pass_percent": "80", "wait_hours": "0"}
    return form | {"pool": pool, "quotas": inline_formset([])}


def measured_form(requirement) -> dict:
    goal = {"text": "Alla kan.", "obligation": "must", "requirement": requirement.pk, "threshold_percent": "80"}
    return new_plan_form(areas=inline_formset([area_form(goals=[goal])]))


def activity_form(unit) -> dict:
    activity = {"title": "Utbilda", "unit": unit.pk}
    return new_plan_form(areas=inline_formset([area_form(activities=[activity])]))


def carrying_form(goal) -> dict:
    later = {"text": "Alla kan.", "obligation": "must", "predecessor": goal.pk}
    return new_plan_form(areas=inline_formset([area_form(goals=[later])]))


def area_form(goals=(), activities=()) -> dict:
    return {"title": "Kunskap", "goals": inline_formset(list(goals)), "activities": inline_formset(list(activities))}


def requirement_form(course) -> dict:
    form = {"title": "grund", "population": "employee", "course": course.pk, "definition": "Har gjort kursen."}
    return form | {"obligation": "must", "priority": "1", "grace_days": "90", "starts_on": "2025-01-01"}


def course_form(check) -> dict:
    form = {"title": "Kurs", "slug": "ny-kurs", "level": "basic", "check_ref": check.pk, "introduction": "null"}
    return form | {"outcomes": inline_formset([]), "comments": inline_formset([])}


def text_card(image) -> tuple:
    picture = {"image": image.pk, "alt_text": "Bild", "decorative": ""}
    body = '{"blocks": [{"key": "a", "text": "Text", "type": "unstyled", "depth": 0, "inlineStyleRanges": [], '
    body += '"entityRanges": []}], "entityMap": {}}'
    return ("text", {"heading": "Rubrik", "body": body, "image": picture})


def image(place: Place):
    from learning.access.editors import editors_group

    collection = editors_group(place.municipality).collection_permissions.first().collection
    return get_image_model().objects.create(title="Bild", file=get_test_image_file(), collection=collection)


# What is pointed at → the form that points at it, and the model that it makes.
FORMS = {
    "question of a pool": (KnowledgeCheck, lambda place: check_form(place.one(Question))),
    "requirement of a goal": (ActionPlan, lambda place: measured_form(place.one(Requirement))),
    "goal that a goal carries on": (
        ActionPlan,
        lambda place: carrying_form(place.one(ActionPlan).areas.get().goals.get()),
    ),
    "unit of an activity": (ActionPlan, lambda place: activity_form(place.unit)),
    "course of a requirement": (Requirement, lambda place: requirement_form(place.course)),
    "lesson of a topic": (SituationPicture, lambda place: picture_form({"lessons": (place.lesson.pk,)})),
    "check of a course": (CoursePage, lambda place: course_form(place.one(KnowledgeCheck))),
    "question of a card": (LessonPage, lambda place: lesson_form(("question", {"question": place.one(Question).pk}))),
    "recall of a card": (LessonPage, lambda place: lesson_form(("recall", {"question": place.one(Question).pk}))),
    "fact of a card": (LessonPage, lambda place: lesson_form(("fact", {"fact": place.one(FactSnippet).pk}))),
    "picture of a card": (LessonPage, lambda place: lesson_form(text_card(image(place)))),
}


def address(model, own: Place) -> str:
    """Where the editor makes one."""
    if model not in (CoursePage, LessonPage):
        return reverse(model.snippet_viewset.get_url_name("add"))
    parent = own.course if model is LessonPage else own.course.get_parent()
    return reverse("wagtailadmin_pages:add", args=["courses", model._meta.model_name, parent.pk])


@pytest.mark.parametrize("name", FORMS)
def test_what_is_ones_own_may_be_pointed_at(client, own, name, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    model, form = FORMS[name]
    before = model.objects.count()
    response = client.post(address(model, own), nested_form_data(form(own)))
    assert response.status_code == 302, response.context["form"].errors
    assert model.objects.count() == before + 1


@pytest.mark.parametrize("name", FORMS)
def test_what_is_foreign_is_refused_and_not_told(client, own, foreign, name, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    model, form = FORMS[name]
    before = model.objects.count()
    for data in (form(foreign), {**form(foreign), "title": ""}):  # also where the rest of the form is wrong
        response = client.post(address(model, own), nested_form_data(data), follow=True)
        assert response.redirect_chain == [(reverse("wagtailadmin_home"), 302)]
        assert foreign.name not in response.content.decode()
    assert model.objects.count() == before


def test_what_does_not_exist_is_refused_like_what_is_foreign(client, own):
    response = client.post(address(KnowledgeCheck, own), nested_form_data(check_form(Question(pk=10**9))))
    assert (response.status_code, response.url) == (302, reverse("wagtailadmin_home"))


def test_a_preview_shows_nothing_foreign_either(client, own, foreign):
    preview = reverse("wagtailadmin_pages:preview_on_add", args=["courses", "lessonpage", own.course.pk])
    form = lesson_form(("question", {"question": foreign.one(Question).pk}))
    response = client.post(preview, nested_form_data(form))
    assert response.status_code in (302, 403)
    assert foreign.name not in client.get(preview).content.decode()


def test_a_course_names_its_owner_without_offering_anyone_of_any_municipality(client, own, foreign):
    html = client.get(reverse("wagtailadmin_pages:edit", args=[own.course.pk])).content.decode()
    assert 'name="steward"' in html
    assert str(foreign.editor) not in html
