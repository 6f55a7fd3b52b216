"""What a thing is in another language: the same thing, told otherwise, whole or not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from wagtail.blocks import StreamValue

from courses.blocks import CardStream
from courses.models import FactSnippet, LessonPage
from learning.translations import in_language, rows, state, texts
from tests.factories import translate

ASKED = {"recall", "question", "fact", "routes"}  # these point at what has translations of its own
KINDS = sorted(CardStream.base_blocks.keys() - ASKED)


def lesson_with(kinds: list[str]) -> LessonPage:
    """A lesson with cards of the kinds as their previews show them, as it is read from the database."""
    block = LessonPage.cards.field.stream_block
    cards = block.normalize([(kind, CardStream.base_blocks[kind].get_preview_value()) for kind in kinds])
    lesson = LessonPage(title="Titel", search_description="Kort.", objective="Du kan.", cards=cards)
    lesson.cards = StreamValue(block, block.get_prep_value(cards), is_lazy=True)
    return lesson


def shape(raw):
    """What is stored, without its words: ids, kinds, numbers, marks and how many there are of everything."""
    if isinstance(raw, dict):
        ties = {name: raw[name] for name in ("id", "to", "category", "type", "ending") if name in raw}
        return {name: shape(part) for name, part in raw.items()} | ties
    if isinstance(raw, list):
        return [shape(part) for part in raw]
    return str if isinstance(raw, str) else raw


class TestAnyLesson(TestCase):
    @given(st.lists(st.sampled_from(KINDS), min_size=1, max_size=4), st.data())
    def test_only_words_differ_and_only_where_all_are_there(self, kinds, data):
        lesson = lesson_with(kinds)
        found = texts(lesson)
        chosen = data.draw(st.sets(st.sampled_from(found)) | st.just(set(found)))
        changed = data.draw(st.sets(st.sampled_from(sorted(chosen, key=found.index))) if chosen else st.just(set()))
        lesson.translations = {
            "en": {
                text.path: {"of": "Tidigare" if text in changed else text.source, text.key: f"In English: {text.path}"}
                for text in chosen
            }
        }
        counted = state(lesson, "en")
        same = {text.source for text in chosen - changed}  # a text that stands twice needs one translation
        lacking = [text for text in found if text not in chosen and text.source not in same]
        assert counted.total == len(found) == len({text.path for text in found})
        assert counted.missing == len(lacking)
        assert counted.outdated == len([text for text in changed if text.source not in same])
        shown = in_language(lesson, "en")
        assert (shown is lesson) == bool(lacking)
        assert shape(list(shown.cards.raw_data)) == shape(list(lesson.cards.raw_data))
        if shown is not lesson:
            assert [text.source for text in texts(shown)] == [row.told for row in rows(lesson, "en")]
            assert shown.told_in == "en"
            assert shown.pk == lesson.pk
        assert [text.source for text in texts(lesson)] == [text.source for text in found]


@pytest.fixture
def fact(db):
    fact = FactSnippet(text="Nivån är 3.", source="Polisen")
    translate(fact, "en")
    return fact


def test_a_text_that_was_changed_stays_in_its_language_and_is_out_of_date(fact):
    fact.text = "Nivån är 4."
    assert in_language(fact, "en").text == "en: Nivån är 3."
    (changed, other) = rows(fact, "en")
    assert (changed.is_outdated, changed.of, other.is_outdated) == (True, "Nivån är 3.", False)


def test_a_text_that_was_removed_needs_no_translation_and_a_new_one_does(fact):
    fact.source = ""
    assert state(fact, "en").is_whole
    fact.source = "Regeringen"
    fact.translations["en"].pop("source")
    assert in_language(fact, "en") is fact
    assert (state(fact, "en").missing, state(fact, "en").is_begun) == (1, True)


def test_another_language_is_the_thing_as_it_is_written(fact):
    for language in ("sv", "fi"):
        assert in_language(fact, language) is fact
    assert in_language(in_language(fact, "en"), "en").text == "en: Nivån är 3."
