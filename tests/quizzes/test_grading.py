"""Grading compares sets per question, and draws honour their promises."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzes.grading import ChoiceMissing, ForeignAnswer, Paper, PaperOption, PaperQuestion, draw, whole


def question(pk: int, *, right: int = 1, options: int = 3, must_pass: bool = False, topic: str = "") -> PaperQuestion:
    ids = range(pk * 100, pk * 100 + options)
    return PaperQuestion(
        id=pk,
        text=f"Fråga {pk}",
        kind="multiple" if right > 1 else "single",
        topic=topic or f"ämne {pk % 4}",
        must_pass=must_pass,
        options=tuple(PaperOption(id=n, text=str(n), correct=n < pk * 100 + right, feedback="Därför.") for n in ids),
    )


questions = st.builds(
    question,
    pk=st.integers(1, 10_000),
    right=st.integers(1, 3),
    options=st.integers(4, 6),
    must_pass=st.booleans(),
    topic=st.sampled_from(["a", "b", "c", "d"]),
)
pools = st.lists(questions, max_size=60, unique_by=lambda q: q.id)


def test_ticking_every_option_is_wrong():
    asked = question(1, right=2, options=4)
    everything = frozenset(option.id for option in asked.options)
    assert asked.is_right(everything) is False
    with pytest.raises(ChoiceMissing):
        asked.chosen([str(pk) for pk in everything])


def test_an_option_of_another_question_is_refused():
    with pytest.raises(ForeignAnswer):
        question(1).chosen(["200"])


@pytest.mark.parametrize("raw", [["x"], ["1.5"], ["-1"], ["100; drop"]])
def test_what_is_no_option_id_is_refused(raw):
    with pytest.raises(ForeignAnswer):
        question(1).chosen(raw)


@given(pool=pools, seed=st.integers(), answers=st.data())
def test_a_paper_is_passed_exactly_when_enough_and_every_must_pass_is_right(pool, seed, answers):
    paper = draw(pool, size=12, pass_percent=80, seed=seed)
    right = {q.id for q in paper.questions if answers.draw(st.booleans())}
    wrong = frozenset({-1})
    score = paper.grade({q.id: q.key if q.id in right else wrong for q in paper.questions})
    assert score.right == len(right)
    musts = {q.id for q in paper.questions if q.must_pass}
    assert score.passed == (bool(paper.questions) and 5 * len(right) >= 4 * len(paper.questions) and musts <= right)


@given(pool=pools, size=st.integers(1, 20), seed=st.integers())
def test_a_draw_holds_every_must_pass_no_question_twice_and_spreads_over_topics(pool, size, seed):
    paper = draw(pool, size=size, pass_percent=80, seed=seed)
    drawn = [q.id for q in paper.questions]
    musts = {q.id for q in pool if q.must_pass}
    assert len(drawn) == len(set(drawn)) == max(min(size, len(pool)), len(musts))
    assert musts <= set(drawn)
    per_topic = {topic: sum(q.topic == topic for q in paper.questions) for topic in "abcd"}
    for question_left in pool:
        if question_left.id not in drawn:
            most = max(n for topic, n in per_topic.items() if any(not q.must_pass and q.topic == topic for q in pool))
            forced = sum(q.must_pass and q.topic != question_left.topic for q in pool)
            assert per_topic[question_left.topic] + 1 >= min(most, most - forced)


quotas = st.dictionaries(st.sampled_from(["a", "b", "c", "d", "e"]), st.integers(1, 8))


@given(pool=pools, size=st.integers(1, 20), seed=st.integers(), quotas=quotas, data=st.data())
def test_a_draw_keeps_its_quotas_and_puts_off_what_was_had_last(pool, size, seed, quotas, data):
    had = set(data.draw(st.lists(st.sampled_from([q.id for q in pool])))) if pool else set()
    asked = {"size": size, "pass_percent": 80, "quotas": quotas, "put_off": had}
    paper = draw(pool, seed=seed, **asked)
    assert paper == draw(list(reversed(pool)), seed=seed, **asked)
    drawn = {q.id for q in paper.questions}
    assert len(drawn) == len(paper.questions)
    assert {q.id for q in pool if q.must_pass} <= drawn

    def among(topic, questions):
        return [q for q in questions if q.topic == topic]

    for topic, number in quotas.items():
        assert len(among(topic, paper.questions)) >= min(number, len(among(topic, pool)))
    musts = Counter(q.topic for q in pool if q.must_pass)
    least = sum(max(musts[t], min(quotas.get(t, 0), len(among(t, pool)))) for t in "abcd")
    assert len(drawn) == max(least, min(size, len(pool)))
    # Nobody meets a question again while its topic has another that they did not have.
    for topic in "abcd":
        chosen = [q for q in among(topic, paper.questions) if not q.must_pass]
        left = {q.id for q in among(topic, pool)} - drawn
        assert not (had & {q.id for q in chosen} and left - had)


@given(pool=pools, seed=st.integers())
def test_a_whole_form_holds_every_question_once(pool, seed):
    drawn = [q.id for q in whole(pool, pass_percent=80, seed=seed).questions]
    assert sorted(drawn) == sorted(q.id for q in pool)


@given(pool=pools, seed=st.integers())
def test_the_same_seed_draws_the_same_paper_whatever_order_the_pool_comes_in(pool, seed):
    assert draw(pool, size=12, pass_percent=80, seed=seed) == draw(
        list(reversed(pool)), size=12, pass_percent=80, seed=seed
    )


@given(pool=pools, size=st.integers(1, 20), seed=st.integers(), choice=st.data())
def test_a_preference_decides_within_a_topic_and_changes_nothing_else(pool, size, seed, choice):
    preference = {q.id: choice.draw(st.sampled_from([0.0, 0.5, 1.0])) for q in pool}
    plain = draw(pool, size=size, pass_percent=80, seed=seed)
    drawn = draw(pool, size=size, pass_percent=80, seed=seed, preference=preference)
    ids = {q.id for q in drawn.questions}
    assert len(ids) == len(drawn.questions) == len(plain.questions)
    assert {q.id for q in pool if q.must_pass} <= ids
    for topic in "abcd":
        free = [q for q in pool if q.topic == topic and not q.must_pass]
        least = min((preference[q.id] for q in free if q.id in ids), default=1.0)
        assert all(preference[q.id] <= least for q in free if q.id not in ids)
    equal = dict.fromkeys(preference, 0.5)
    assert draw(pool, size=size, pass_percent=80, seed=seed, preference=equal) == plain


def test_chance_decides_among_what_is_preferred_alike():
    pool = [question(pk, topic="a") for pk in range(1, 21)]
    preference = {q.id: 1.0 if q.id <= 10 else 0.0 for q in pool}
    seen = [
        {q.id for q in draw(pool, size=3, pass_percent=80, seed=n, preference=preference).questions} for n in range(60)
    ]
    assert set().union(*seen) == set(range(1, 11))


@given(pool=pools, seed=st.integers())
def test_a_paper_survives_being_kept_as_json(pool, seed):
    paper = draw(pool, size=12, pass_percent=80, seed=seed)
    assert Paper.from_json(paper.to_json()) == paper
