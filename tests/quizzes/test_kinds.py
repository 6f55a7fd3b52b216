"""What each kind of question takes for an answer, what it refuses, and what it calls right."""

import json

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from quizzes.forms import faults
from quizzes.grading import PLACING, ChoiceMissing, ForeignAnswer, Kind, Paper, as_kept, draw, to_keep
from tests.factories import OPTIONS, make_municipality, make_question

KINDS = list(Kind.values)


@pytest.fixture
def papers(db):
    """A question on paper for each kind."""
    municipality = make_municipality()
    return {kind: make_question(municipality, kind).on_paper() for kind in KINDS}


def as_posted(chosen) -> list[str]:
    return [":".join(map(str, one)) if isinstance(one, tuple) else str(one) for one in chosen]


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_right_is_taken_kept_and_right(papers, kind):
    asked = papers[kind]
    chosen = asked.chosen(as_posted(asked.key))
    assert asked.is_right(chosen)
    assert as_kept(json.loads(json.dumps(to_keep(chosen)))) == chosen
    assert len(asked.in_words(chosen)) == asked.choose


@pytest.mark.parametrize("kind", KINDS)
def test_anything_else_is_wrong_or_refused(papers, kind):
    asked = papers[kind]
    ids = [o.id for o in asked.options] + [place.id for place in asked.places] + [-1, 0, 10**12]
    one = st.one_of(
        st.sampled_from(ids).map(str), st.tuples(*2 * [st.sampled_from(ids)]).map("%d:%d".__mod__), st.text()
    )

    @given(raw=st.lists(one, max_size=6))
    def refuses(raw):
        assume(sorted(raw) != sorted(as_posted(asked.key)))
        try:
            chosen = asked.chosen(raw)
        except (ForeignAnswer, ChoiceMissing):
            return
        assert len(chosen) == asked.choose
        assert asked.is_right(chosen) == (chosen == asked.key)
        assert asked.fits(chosen)

    refuses()


@pytest.mark.parametrize("kind", sorted(PLACING))
def test_a_thing_without_a_place_is_asked_for_again_and_one_with_two_is_refused(papers, kind):
    asked = papers[kind]
    whole = as_posted(asked.key)
    for raw in ([], whole[1:]):
        with pytest.raises(ChoiceMissing):
            asked.chosen(raw)
    with pytest.raises(ForeignAnswer):
        asked.chosen([*whole, *(f"{asked.options[0].id}:{place.id}" for place in asked.places)])


def test_steps_in_one_place_are_asked_for_again_with_the_places_that_are_free(papers):
    asked = papers[Kind.ORDER]
    with pytest.raises(ChoiceMissing, match=r"1\..*2, 3\."):
        asked.chosen([f"{option.id}:1" for option in asked.options])


def test_what_is_to_be_matched_may_have_more_places_than_things(papers):
    asked = papers[Kind.MATCH]
    assert {place.text for place in asked.places} == {"Polisen", "Du", "Hemvärnet"}
    assert len(asked.options) == 2
    assert asked.is_right(asked.chosen(as_posted(asked.key)))


def test_nothing_is_shown_in_the_order_that_is_right(papers):
    drawn = (draw([papers[Kind.ORDER]], size=1, pass_percent=80, seed=seed).questions[0] for seed in range(20))
    for asked in (papers[Kind.ORDER], *drawn):
        assert [option.place for option in asked.options] != [1, 2, 3]


@pytest.mark.parametrize("kind", KINDS)
def test_a_paper_comes_back_as_it_was_kept(papers, kind):
    paper = draw([papers[kind]], size=1, pass_percent=80, seed=3)
    kept = Paper.from_json(json.loads(json.dumps(paper.to_json())))
    assert kept == paper
    assert kept.questions[0].edition == papers[kind].edition


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_question_of_the_kind_reads_like_has_no_faults(kind):
    rows = [dict(zip(("text", "place", "correct"), row, strict=True), feedback="Därför.") for row in OPTIONS[kind]]
    assert faults({"kind": kind}, rows) == []


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("single", {"correct": True}),
        ("single", {"correct": False}),
        ("multiple", {"correct": True}),
        ("multiple", {"feedback": ""}),
        ("single", {"text": ""}),
        ("order", {"text": ""}),
        ("order", {"text": "Samma"}),
        ("match", {"place": ""}),
        ("match", {"place": "Samma"}),
        ("sort", {"place": "Samma"}),
        ("sort", {"text": "Samma"}),
    ],
)
def test_options_that_make_no_question_of_the_kind_are_told(kind, change):
    rows = [dict(zip(("text", "place", "correct"), row, strict=True), feedback="Därför.") for row in OPTIONS[kind]]
    assert faults({"kind": kind}, [{**row, **change} for row in rows])
