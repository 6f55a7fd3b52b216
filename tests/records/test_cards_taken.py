"""Taking each kind of card through the pages."""

import json

import pytest
from django.urls import reverse

from learning.records.models import LessonProgress
from tests.factories import make_course, make_lesson
from tests.records.test_player import send, take

KINDS = ["notice", "term", "source", "dialogue", "choose", "match", "order", "sort", "plan", "checklist", "guide"]


@pytest.fixture
def lesson(municipality):
    return make_lesson(make_course(municipality), KINDS)


def goto(client, lesson, kind: str) -> int:
    """Let everything before the card be seen; returns its position."""
    position = KINDS.index(kind) + 1
    send(client, lesson, 1)
    LessonProgress.objects.update(seen=position - 1)
    return position


def test_every_kind_is_taken_to_the_end_of_the_lesson(learner, lesson):
    met = take(learner, lesson)
    assert list(dict.fromkeys(met)) == KINDS
    progress = LessonProgress.objects.get()
    assert progress.finished_at
    assert len(progress.answers) == 6


def test_a_conversation_goes_on_turn_by_turn_and_the_same_reply_twice_is_one(learner, lesson):
    position = goto(learner, lesson, "dialogue")
    page = learner.get(lesson.url).content.decode()
    assert "Axlarna sjunker" not in page
    for _time in range(2):
        page = send(learner, lesson, position, "answer", turn="0", choice="0").content.decode()
    assert "Axlarna sjunker" in page
    assert "Dörren är öppen" in page
    assert list(LessonProgress.objects.get().answers.values()) == [[0]]


def test_a_conversation_can_be_done_over(learner, lesson):
    position = goto(learner, lesson, "dialogue")
    assert "Dörren är stängd" in send(learner, lesson, position, "answer", turn="0", choice="1").content.decode()
    assert "Axlarna" not in send(learner, lesson, position, "again").content.decode()
    assert LessonProgress.objects.get().answers == {}
    assert "Dörren är öppen" in send(learner, lesson, position, "answer", turn="0", choice="0").content.decode()


def test_what_is_asked_once_is_not_done_over(learner, lesson):
    position = goto(learner, lesson, "choose")
    send(learner, lesson, position, "answer", choice=["0", "1"])
    page = send(learner, lesson, position, "again")
    assert "Gör om" not in page.content.decode()
    assert list(LessonProgress.objects.get().answers.values()) == [[0, 1]]


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("dialogue", {"turn": "1", "choice": "0"}),
        ("dialogue", {"turn": "0", "choice": "9"}),
        ("choose", {"choice": ["0"]}),
        ("choose", {"choice": ["0", "7"]}),
        ("match", {"item-0": "Du"}),
        ("order", {"item-0": "1", "item-1": "1", "item-2": "2"}),
        ("plan", {"when": "något", "then": " "}),
    ],
)
def test_what_is_missing_or_forged_is_refused_in_words(learner, lesson, kind, fields):
    response = send(learner, lesson, goto(learner, lesson, kind), "answer", **fields)
    assert response.status_code == 400
    assert response.context["problem"]
    assert LessonProgress.objects.get().answers == {}


def test_what_may_be_heavy_can_be_passed_by(learner, lesson):
    page = learner.get(lesson.url).content.decode()
    assert "Hoppa över" in page
    response = send(learner, lesson, 1, "skip")
    assert response.context["card"].kind == "source"
    assert send(learner, lesson, 2).context["card"].kind == "source"


def test_only_a_notice_lets_cards_be_passed_by(learner, lesson):
    position = goto(learner, lesson, "choose")
    assert send(learner, lesson, position, "skip").context["position"] == position


def test_a_plan_is_kept_for_oneself_and_can_be_written_anew(learner, lesson, person):
    position = goto(learner, lesson, "plan")
    page = send(learner, lesson, position, "answer", when="jag märker <oro>", then="ringer jag chefen").content.decode()
    assert "jag märker &lt;oro&gt;" in page
    assert "Bara du ser den" in page
    own = learner.get(reverse("access:own_data_json")).content.decode()
    assert "ringer jag chefen" in json.dumps(json.loads(own), ensure_ascii=False)
    assert "ringer jag chefen" not in send(learner, lesson, position, "again").content.decode()


def test_a_card_that_was_written_anew_is_asked_again(learner, lesson):
    position = goto(learner, lesson, "choose")
    send(learner, lesson, position, "answer", choice=["0", "2"])
    card = lesson.cards[position - 1]
    card.value["choose"] = 1
    card.value["options"][2]["right"] = False
    lesson.save_revision().publish()
    assert learner.get(f"{lesson.url}?kort={position}").context["card"].is_open
    response = send(learner, lesson, position, "answer", choice="0")
    assert response.context["card"].is_right
    assert LessonProgress.objects.get().answers == {card.id: [0]}
