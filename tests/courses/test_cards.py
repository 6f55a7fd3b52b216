"""Each card is whole, lets nobody write what cannot be taken, and reads whatever is posted without a fault."""

import copy
from pathlib import Path

import pytest
import wagtail.admin
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.template.loader import get_template
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from wagtail.blocks import ListBlock

from courses.blocks import CardStream
from courses.cards import AskingCard, mixed
from learning.errors import LearningError
from learning.organisation.models import Person
from quizzes.models import Question
from tests.factories import make_course, make_municipality

CARDS = dict(CardStream.base_blocks)
# Those that need no question of the bank.
ASKING = {name: card for name, card in CARDS.items() if isinstance(card, AskingCard) and "question" not in name}
ASKING.pop("recall")
ICONS = {path.stem for path in Path(wagtail.admin.__file__).parent.glob("templates/wagtailadmin/icons/*.svg")}


def example(name: str):
    """The card as its preview shows it."""
    return CARDS[name].get_preview_value()


def posted(fields: dict) -> QueryDict:
    data = QueryDict(mutable=True)
    for name, value in fields.items():
        data.setlist(name, value if isinstance(value, list) else [value])
    return data


@pytest.mark.parametrize("name", CARDS)
def test_a_card_is_whole(name):
    meta = CARDS[name].meta
    assert meta.icon in ICONS
    assert str(meta.label)
    assert str(meta.description).endswith(".")
    assert str(meta.group)
    assert get_template(meta.template)
    assert CARDS[name].is_previewable


@pytest.mark.parametrize("name", CARDS)
def test_the_editor_shows_what_a_card_looks_like(client, db, name):
    client.force_login(Person.objects.create_superuser("admin@example.org", "lösenord"))
    response = client.get(reverse("wagtailadmin_block_preview"), {"id": CARDS[name].definition_prefix})
    assert response.status_code == 200
    assert "lesson__card" in response.content.decode()


@pytest.mark.parametrize("name", ASKING)
def test_the_preview_of_a_card_is_one_that_could_be_written(name):
    value = CARDS[name].clean(example(name))
    assert CARDS[name].told(value, None)


@pytest.mark.parametrize("name", sorted(ASKING))
@given(data=st.data())
def test_whatever_is_posted_is_read_or_refused(name, data):
    card, value = CARDS[name], example(name)
    words = st.sampled_from(["", "0", "1", "2", "3", "-1", "²", "x", "\x00", "999", "112", "Chefen", "Du", "Polisen"])
    names = st.sampled_from(["choice", "turn", "when", "then", "item-0", "item-1", "item-2"])
    chosen = None
    for fields in data.draw(st.lists(st.dictionaries(names, words | st.lists(words, max_size=4)), max_size=4)):
        try:
            chosen = card.read(value, posted(fields), chosen)
        except LearningError:
            continue
        assert card.fits(value, chosen)
        assert card.told(value, chosen)
        if card.is_done(value, chosen):
            assert card.is_right(value, chosen) in (True, False)
            break


@pytest.mark.parametrize("name", sorted(ASKING))
@given(stored=st.recursive(st.none() | st.integers() | st.text(max_size=3), lambda inner: st.lists(inner, max_size=4)))
def test_what_was_chosen_on_another_card_is_told_apart(name, stored):
    card, value = CARDS[name], example(name)
    if stored is not None and card.fits(value, stored):
        card.told(value, stored)
        if card.is_done(value, stored):
            card.is_right(value, stored)


@given(st.lists(st.text(max_size=5), min_size=2, unique=True))
def test_what_is_mixed_is_the_same_things_in_another_order_each_time_the_same(things):
    assert sorted(mixed(things)) == sorted(things)
    assert mixed(things) != things
    assert mixed(things) == mixed(list(things))


def test_right_and_wrong_are_told_apart():
    value = example("order")
    card = CARDS["order"]
    items = card.told(value, None)["items"]
    right = card.read(value, posted({item["name"]: item["place"] for item in items}), None)
    wrong = card.read(value, posted(dict(zip([i["name"] for i in items], ["1", "2", "3"], strict=True))), None)
    assert (card.is_right(value, right), card.is_right(value, wrong)) == (True, False)
    card, value = CARDS["choose"], example("choose")
    assert [card.is_right(value, chosen) for chosen in ([0, 2], [0, 1])] == [True, False]
    card, value = CARDS["match"], example("match")
    assert [card.is_right(value, chosen) for chosen in (["Polisen", "Du"], ["Du", "Polisen"])] == [True, False]


@pytest.mark.parametrize("name", CARDS)
def test_a_new_card_has_as_many_parts_as_it_must_have(name):
    new = CARDS[name].get_default()
    lists = {field: block for field, block in CARDS[name].child_blocks.items() if isinstance(block, ListBlock)}
    assert [field for field, block in lists.items() if len(new[field]) < (block.meta.min_num or 0)] == []
    assert all(len(CARDS[name].get_default()[field]) == len(new[field]) for field in lists)


def test_a_new_conversation_can_be_taken_to_each_of_its_endings():
    new = CARDS["dialogue"].get_default()
    assert list(CARDS["dialogue"].faults(new)) == []
    assert [CARDS["dialogue"].is_right(new, path) for path in ([0], [1])] == [True, False]


def refused(name: str, **changes) -> str:
    """Why the card cannot be written so."""
    data = CARDS[name].get_prep_value(example(name)) | changes
    with pytest.raises(ValidationError) as error:
        CARDS[name].clean(CARDS[name].to_python(copy.deepcopy(data)))
    return str(error.value.as_json_data())


def item(**value) -> dict:
    return {"type": "item", "value": value, "id": "1"}


def turn(name: str, *to: str, ending: str = "") -> dict:
    replies = [item(text="t", reaction="r", to=one) for one in to]
    return item(id=name, says="s", replies=replies, ending=ending)


@pytest.mark.parametrize(
    ("turns", "words"),
    [
        ([turn("a", "b"), turn("b")], "”b” har inga repliker"),
        ([turn("a", "c"), turn("b", ending="open")], "”a” leder till ”c”"),
        ([turn("a", "b"), turn("b", ending="open"), turn("c", ending="open")], "Ingenting leder till ”c”"),
        ([turn("a", "b"), turn("b", "a", ending="open")], "både repliker och ett slut"),
        ([turn("a", "b"), turn("b", "a")], "ingen väg till ett slut"),
        ([turn("a", "b", "d"), turn("b", "c"), turn("c", "b"), turn("d", ending="open")], "Från ”b” finns ingen väg"),
        ([turn("a", "b"), turn("a", "b"), turn("b", ending="open")], "Två steg heter ”a”"),
    ],
)
def test_a_conversation_without_a_way_out_is_refused(turns, words):
    assert words in refused("dialogue", turns=turns)


def test_a_loop_with_a_way_out_is_a_conversation():
    turns = [turn("a", "b", "c"), turn("b", "a"), turn("c", ending="closed")]
    data = CARDS["dialogue"].get_prep_value(example("dialogue")) | {"turns": turns}
    assert CARDS["dialogue"].clean(CARDS["dialogue"].to_python(data))


def test_the_tree_of_a_conversation_is_drawn_beside_the_editor():
    html = CARDS["dialogue"].render(example("dialogue"), {"municipality": None})
    assert "Dörren är öppen" in html
    assert "Dörren är stängd" in html
    assert "Så kan du väl inte tycka" in html


@pytest.mark.parametrize(
    ("name", "changes", "words"),
    [
        ("choose", {"choose": 1}, "2 alternativ är markerade"),
        (
            "match",
            {"pairs": [item(left="a", right="x", feedback="f"), item(left="b", right="x", feedback="f")]},
            "skilja",
        ),
        ("order", {"steps": [{"type": "item", "value": "a", "id": "1"}] * 3}, "Två steg är likadana"),
        (
            "sort",
            {"categories": [{"type": "item", "value": "112", "id": "1"}, {"type": "item", "value": "b", "id": "2"}]},
            "Chefen",
        ),
    ],
)
def test_what_nobody_could_answer_is_refused(name, changes, words):
    assert words in refused(name, **changes)


def test_a_question_that_was_written_anew_is_asked_again(db):
    make_course(make_municipality())
    card, question = CARDS["question"], Question.objects.first()
    value = card.to_python({"question": question.pk})
    chosen = sorted(question.on_paper().key)
    assert card.fits(value, chosen)
    assert not card.fits(value, [*chosen, 0])
    assert not card.fits(value, "0")
