"""Questions in from a file and out as one, through the admin, within one's own municipality."""

import base64
import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image
from wagtail.images import get_image_model

from learning.access.editors import follow_appointments
from quizzes.exchange import moodle, services
from quizzes.exchange.items import Item, ItemOption, ItemPicture
from quizzes.models import Question, QuestionFile
from tests.factories import OPTIONS, make_head, make_municipality, make_question, make_unit, translate

INDEX, OUT = reverse("question_files:index"), reverse("question_files:take_out")


@pytest.fixture
def here(db):
    return make_municipality()


@pytest.fixture
def editor(here, client):
    person = make_head(make_unit(here), "editor")
    follow_appointments([person.pk])
    client.force_login(person)
    client.person = person
    return client


def picture() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (4, 4), "red").save(file, "PNG")
    return file.getvalue()


ITEM = Item(
    kind="single",
    text="Vad <b>gör</b> du?",
    options=(ItemOption("Ringer", correct=True, feedback="Ja."), ItemOption("<script>alert(1)</script>")),
    topic="Skola",
    must_pass=True,
    key="fraga-1",
    picture=ItemPicture(picture(), "Ett märke"),
)


def bring(client, content: bytes, name: str = "prov.xml"):
    """The page that tells what the file would bring."""
    return client.post(INDEX, {"file": SimpleUploadedFile(name, content)}, follow=True)


def test_a_file_is_shown_first_and_then_comes_as_drafts_of_ones_own(editor, here):
    shown = bring(editor, moodle.write([ITEM]).content)
    address = shown.redirect_chain[-1][0]
    assert (shown.context["new"], shown.context["here"]) == (1, 0)
    assert "<script>alert" not in shown.content.decode()
    assert not Question.objects.exists()
    editor.post(address)
    question = Question.objects.get()
    assert (question.municipality, question.live, question.origin) == (here, False, "prov.xml")
    assert (question.key, question.topic, question.must_pass) == ("fraga-1", "Skola", True)
    assert question.latest_revision.user == editor.person
    assert [(o.text, o.correct, o.feedback) for o in question.options.all()] == [
        (o.text, o.correct, o.feedback) for o in ITEM.options
    ]
    assert question.image_alt == "Ett märke"
    assert not QuestionFile.objects.exists()
    edit = reverse("wagtailsnippets_quizzes_question:edit", args=[question.pk])
    assert "<script>alert" not in editor.get(edit).content.decode()


def test_the_same_file_again_leaves_what_is_here_as_it_is(editor):
    content = moodle.write([ITEM]).content
    editor.post(bring(editor, content).redirect_chain[-1][0])
    Question.objects.update(text="Vår lydelse")
    shown = bring(editor, content)
    assert (shown.context["new"], shown.context["here"]) == (0, 1)
    other = Item("order", "Ordna.", tuple(ItemOption(text) for text in "abc"), key="ny")
    editor.post(bring(editor, moodle.write([ITEM, other]).content).redirect_chain[-1][0])
    assert sorted(Question.objects.values_list("text", flat=True)) == ["Ordna.", "Vår lydelse"]
    assert get_image_model().objects.count() == 1


def test_a_file_is_brought_once_and_only_by_those_of_its_municipality(editor, client):
    address = bring(editor, moodle.write([ITEM]).content).redirect_chain[-1][0]
    stranger = make_head(make_unit(make_municipality("Annan")), "editor")
    follow_appointments([stranger.pk])
    client.force_login(stranger)
    assert client.get(address).url == client.post(address).url == INDEX
    assert not Question.objects.exists()
    client.force_login(editor.person)
    client.post(address)
    assert client.post(address).url == INDEX
    assert Question.objects.count() == 1


def test_what_is_refused_is_told_on_the_page_and_nothing_is_kept(editor):
    picture_of_none = moodle.write([ITEM]).content.replace(base64.b64encode(picture()), b"R0lGODlh")
    for content in (b"<quiz>", b"\x00", picture_of_none):
        assert bring(editor, content).context["form"].errors["file"]
    assert not QuestionFile.objects.exists()
    assert not get_image_model().objects.exists()


def test_what_nobody_confirms_is_gone_after_a_day(editor, here):
    now = timezone.now()
    content = moodle.write([ITEM]).content
    old = services.receive(municipality=here, name="a", content=content, now=now - timedelta(days=1, minutes=1))
    new = services.receive(municipality=here, name="b", content=content, now=now)
    assert list(QuestionFile.objects.all()) == [new] != [old]


@pytest.mark.parametrize("form", services.FORMATS)
def test_the_bank_goes_out_and_comes_in_elsewhere_as_it_was(here, editor, client, form):
    for kind in OPTIONS:
        make_question(here, kind, topic=kind, level="apply", feedback="Förklaring", objective="Du kan.")
    file = client.get(OUT, {"format": form, "fil": 1})
    content = b"".join(file.streaming_content)
    there = make_municipality("Annan")
    stranger = make_head(make_unit(there), "editor")
    follow_appointments([stranger.pk])
    client.force_login(stranger)
    client.post(bring(client, content).redirect_chain[-1][0])
    told = [
        [services._item(question, pytest.fail) for question in Question.objects.filter(municipality=municipality)]
        for municipality in (here, there)
    ]
    assert len(told[0]) == len(OPTIONS)
    assert told[0] == told[1]


def test_only_ones_own_are_taken_out_and_only_those_that_were_chosen(editor, here):
    mine, other = make_question(here, topic="A"), make_question(here, "match", topic="B")
    foreign = make_question(make_municipality("Annan"), topic="A")
    translate(mine)
    mine.save()
    shown = editor.get(OUT, {"format": "gift", "topic": "A"})
    assert (shown.context["number"], len(shown.context["left_out"])) == (1, 1)
    content = b"".join(editor.get(f"{OUT}?{shown.context['address']}").streaming_content).decode()
    assert mine.key in content
    assert other.key not in content
    assert foreign.key not in content
    assert editor.get(OUT, {"format": "gift", "id": [foreign.pk]}).url == INDEX
    ticked = editor.get(
        reverse("wagtail_bulk_action", args=["quizzes", "question", "take_out"]), {"id": [other.pk, foreign.pk]}
    )
    assert ticked.url == f"{INDEX}?id={other.pk}"
    assert editor.get(ticked.url).status_code == 200
    assert editor.get(OUT, {"format": "qti", "id": [other.pk]}).context["number"] == 1


def test_those_who_may_not_write_neither_bring_nor_take(here, client):
    client.force_login(make_head(make_unit(here)))
    for address in (INDEX, OUT, reverse("question_files:confirm", args=[1])):
        assert client.get(address).status_code in (302, 403)
        assert client.post(address).status_code in (302, 403, 405)
