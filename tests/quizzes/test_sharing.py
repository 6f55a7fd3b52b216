"""The one opening between municipalities: published shared questions are met and copied, and nothing else is."""

import pytest
from django.urls import reverse
from wagtail.images import get_image_model
from wagtail.images.tests.utils import get_test_image_file

from learning.access.editors import editors_collection
from learning.access.references import _is_own
from quizzes.models import Question
from quizzes.sharing import copy_question
from tests.courses.writing import signed_in
from tests.factories import (
    OPTIONS,
    make_course,
    make_head,
    make_municipality,
    make_person,
    make_question,
    make_unit,
    translate,
)

INDEX = "shared_questions:index"


@pytest.fixture
def theirs(db):
    municipality = make_municipality("Fjärranby")
    make_course(municipality, slug="fjarran")
    return municipality


@pytest.fixture
def editor(db):
    municipality = make_municipality("Egenby")
    make_course(municipality)
    return make_head(make_unit(municipality), "editor")


def listed(editor, **query) -> str:
    response = signed_in(editor).get(reverse(INDEX), query)
    assert response.status_code == 200
    return response.content.decode()


def copy(editor, question):
    return signed_in(editor).post(reverse("shared_questions:copy", args=[question.pk]))


def test_only_what_is_published_and_shared_is_met(editor, theirs):
    shared = make_question(theirs, text="Delad?", topic="Delat ämne", is_shared=True)
    kept = make_question(theirs, text="Behållen?", topic="Hemligt ämne")
    draft = make_question(theirs, text="Utkast?", topic="Dolt ämne", is_shared=True)
    draft.unpublish()
    own = make_question(editor.municipality, text="Egen?", is_shared=True)
    shared.text = "Ännu bara ett utkast?"
    shared.save_revision()
    html = listed(editor)
    assert "Delad?" in html
    for hidden in ("Behållen?", "Utkast?", "Egen?", "Hemligt", "Dolt", "Ännu bara", "Fjärran lektion"):
        assert hidden not in html
    for question in (kept, draft, own):
        assert copy(editor, question).status_code == 404
    assert signed_in(editor).get(reverse("shared_questions:copy", args=[shared.pk])).status_code == 405


def test_a_shared_question_is_met_through_no_other_door(editor, theirs):
    shared = make_question(theirs, text="Delad?", is_shared=True)
    assert signed_in(editor).get(edit(shared)).status_code == 404
    assert _is_own(editor, Question, str(shared.pk)) is False
    chooser = reverse("wagtailsnippetchoosers_quizzes_question:choose_results")
    assert "Delad?" not in signed_in(editor).get(chooser).content.decode()


def edit(question) -> str:
    return reverse("wagtailsnippets_quizzes_question:edit", args=[question.pk])


def test_it_is_found_by_words_and_topic(editor, theirs):
    make_question(theirs, text="Vad gör du åt klotter?", topic="Skola", is_shared=True)
    make_question(theirs, text="Vem ringer du?", topic="Larm", is_shared=True)
    assert "klotter" not in listed(editor, q="ringer")
    assert "ringer" not in listed(editor, q="klott")
    assert "klotter" in listed(editor, q="klott")
    assert "klotter" not in listed(editor, topic="Larm")
    assert "klotter" not in listed(editor, topic="Larm", q="klott")


@pytest.mark.parametrize("kind", OPTIONS)
def test_a_copy_is_a_draft_of_ones_own_that_says_the_same(editor, theirs, kind):
    shared = make_question(theirs, kind, topic="Skola", level="apply", feedback="Därför.", is_shared=True)
    translate(shared)
    shared.save_revision().publish()
    shared = Question.objects.get(pk=shared.pk)
    response = copy(editor, shared)
    own = Question.objects.get(municipality=editor.municipality, origin=theirs.name)
    assert response.url == edit(own)
    assert not own.live
    assert not own.is_shared
    assert own.key != shared.key
    told = ("kind", "text", "topic", "level", "feedback", "translations")
    assert [getattr(own, name) for name in told] == [getattr(shared, name) for name in told]
    said = [[(o.text, o.place, o.correct, o.feedback) for o in one.options.all()] for one in (own, shared)]
    assert said[0] == said[1]
    own.latest_revision.publish()
    assert len(Question.objects.get(pk=own.pk).on_paper().key) == len(shared.on_paper().key)


def test_a_copy_of_a_copy_names_both_and_what_is_changed_in_one_stays_there(editor, theirs):
    shared = make_question(theirs, is_shared=True, origin="Längst bort")
    own = copy_question(question=shared, to=editor.municipality, by=editor)
    assert own.origin == "Fjärranby ← Längst bort"
    shared.options.all().delete()
    shared.delete()
    assert Question.objects.get(pk=own.pk).options.count() == 3


def test_the_picture_comes_along_into_ones_own_collection_once(editor, theirs, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    image = get_image_model().objects.create(
        title="Bild", file=get_test_image_file(), collection=editors_collection(theirs)
    )
    shared = make_question(theirs, is_shared=True, image=image, image_alt="En bild")
    copies = [copy_question(question=shared, to=editor.municipality, by=editor) for _time in range(2)]
    assert {own.image.collection for own in copies} == {editors_collection(editor.municipality)}
    assert len({own.image_id for own in copies} | {image.pk}) == 2
    image.file.storage.delete(image.file.name)
    with copies[0].image.open_file() as file:
        assert file.read()


def test_whoever_may_not_write_meets_nothing(editor, theirs):
    shared = make_question(theirs, text="Delad?", is_shared=True)
    reader = make_person(editor.employments.get().unit)
    for response in (signed_in(reader).get(reverse(INDEX)), copy(reader, shared)):
        assert response.status_code in (302, 403, 404)
        assert "Delad?" not in response.content.decode()
    assert not Question.objects.filter(municipality=editor.municipality, origin=theirs.name).exists()
