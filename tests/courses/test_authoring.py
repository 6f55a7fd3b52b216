"""What is read off the cards of a lesson: how much they say, how hard it is, and what they lack."""

import pytest
from django.utils import translation
from wagtail import blocks
from wagtail.images import get_image_model
from wagtail.images.blocks import ImageBlock
from wagtail.images.tests.utils import get_test_image_file
from wagtail.snippets.blocks import SnippetChooserBlock

from courses.authoring import Measure, Setting, advice, lix, measure, read, stops
from courses.loading import load_course, read_course
from courses.models import FactSnippet, LessonPage
from quizzes.models import Question
from tests.courses.writing import take_feedback_from
from tests.factories import make_course, make_municipality


@pytest.fixture(autouse=True)
def _in_the_words_of_the_source():
    with translation.override("en"):
        yield


class Turn(blocks.StructBlock):
    id = blocks.CharBlock()
    says = blocks.TextBlock()
    ending = blocks.ChoiceBlock(choices=[("open", "Öppet")], required=False)
    replies = blocks.ListBlock(
        blocks.StructBlock(
            [("text", blocks.TextBlock()), ("reaction", blocks.RichTextBlock()), ("to", blocks.CharBlock())]
        )
    )


class Cards(blocks.StreamBlock):
    """Kinds of cards that the product may or may not have: what is read is not to depend on it."""

    text = blocks.StructBlock([("heading", blocks.CharBlock()), ("body", blocks.RichTextBlock())])
    picture = blocks.StructBlock([("image", ImageBlock())])
    ask = blocks.StructBlock([("question", SnippetChooserBlock("quizzes.Question"))], label="Fråga")
    recall = blocks.StructBlock([("question", SnippetChooserBlock("quizzes.Question"))])
    fact = blocks.StructBlock([("fact", SnippetChooserBlock("courses.FactSnippet", required=False))])
    talk = blocks.StructBlock([("turns", blocks.ListBlock(Turn()))])
    film = blocks.StructBlock([("captions", blocks.TextBlock(required=False)), ("transcript", blocks.RichTextBlock())])


def cards(*values) -> list:
    return read(Cards().normalize(list(values)))


def text(body: str, heading: str = "Rubrik") -> tuple:
    return ("text", {"heading": heading, "body": body})


def said(*values) -> list[str]:
    return [line for card in cards(*values) for passage in card.passages for line in passage.split("\n") if line]


def stopped(*values, objective: str = "Du kan.") -> list[str]:
    return [str(stop) for stop in stops(objective=objective, cards=cards(*values))]


def advised(*values, **known) -> list[str]:
    setting = Setting(**{"objective": "Du kan.", "minutes": 3, "has_source": True, "number": 1, **known})
    return [str(finding) for finding in advice(setting, cards(*values))]


@pytest.fixture
def question(db):
    make_course(make_municipality())
    return Question.objects.get(key="l1-a")


@pytest.fixture
def image(db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return get_image_model().objects.create(title="Bild", file=get_test_image_file())


def test_rich_text_is_read_paragraph_by_paragraph_and_bold_words_stay_in_theirs():
    body = "<p>Se <b>och</b> berätta.</p><ul><li>Ett</li><li>Två &amp; tre</li></ul>"
    assert said(text(body)) == ["Rubrik", "Se och berätta.", "Ett", "Två & tre"]


def test_a_question_says_its_options_and_the_longest_of_its_feedback(question):
    assert said(("ask", {"question": question})) == ["Vad gäller l1-a?", "l1-a 0", "l1-a 1", "l1-a 2", "Därför 0."]


def test_of_a_branching_talk_every_turn_is_read_but_no_name_of_a_turn():
    replies = [{"text": "Ja", "reaction": "Bra.", "to": "b"}, {"text": "Nej", "reaction": "Jaha du.", "to": "c"}]
    turns = [{"id": "a", "says": "Hej!", "ending": "open", "replies": replies}]
    assert said(("talk", {"turns": turns})) == ["Hej!", "Ja", "Nej", "Jaha du."]


def test_words_of_the_municipality_and_times_are_one_word_each():
    assert measure(cards(text("<p>{vbe_group} ringer kl. 06.50 om makt-miljön</p>"))).words == 7


def test_minutes_follow_the_words():
    measured = measure(cards(text("<p>" + "ord " * 397 + "</p>", heading="ett")))
    assert (measured.words, measured.minutes) == (398, 2.0)


def test_lix_is_words_a_sentence_and_the_percentage_of_long_words():
    # 10 words in 2 sentences, 3 of more than six letters ("klassen" has seven, "läsare" six): 5 + 30.
    assert lix(["En läsare ser klassen i skolan. Texten är lättläst ibland."]) == 5 + 20
    assert lix(["Kommunens medarbetare berättar. Du gör det."]) == 3 + 50
    assert lix([]) == 0


@pytest.mark.parametrize(
    ("number", "meaning"), [(29, "children"), (30, "magazines"), (49, "newspapers"), (50, "official"), (60, "legal")]
)
def test_lix_is_said_in_words(number, meaning):
    assert meaning in Measure(words=1, minutes=0, lix=number).lix_meaning


def test_a_whole_lesson_has_no_stops(question):
    assert stopped(text("<p>Se.</p>"), ("ask", {"question": question})) == []


def test_a_lesson_without_objective_or_cards_is_stopped():
    assert len(stopped(objective=" ")) == 2


def test_an_option_without_feedback_is_named_with_its_card(question):
    option = take_feedback_from(question)
    [stop] = stopped(text("<p>Se.</p>"), ("ask", {"question": Question.objects.get(pk=question.pk)}))
    assert stop.startswith("Card 2, Fråga:")
    assert option in stop


def test_an_option_inside_nested_parts_needs_feedback_too():
    replies = [{"text": "Ja", "reaction": "<p> </p>", "to": "b"}, {"text": "Nej", "reaction": "Jaha.", "to": "c"}]
    [stop] = stopped(("talk", {"turns": [{"id": "a", "says": "Hej!", "replies": replies}]}))
    assert "“Ja”" in stop


def test_a_card_that_points_at_nothing_is_stopped_where_it_must_point(question):
    assert len(stopped(("ask", {"question": None}))) == 1
    assert stopped(("fact", {"fact": None})) == []


def test_a_question_that_was_deleted_is_pointed_at_no_more(question):
    stream = Cards().to_python([{"type": "ask", "value": {"question": 10**9}}])
    assert len(stops(objective="Du kan.", cards=read(stream))) == 1


@pytest.mark.parametrize(("alt", "decorative", "number"), [("", False, 1), ("En dörr", False, 0), ("", True, 0)])
def test_an_image_needs_words_or_to_be_decorative(image, alt, decorative, number):
    image.contextual_alt_text, image.decorative = alt, decorative
    assert len(stopped(("picture", {"image": image}))) == number


@pytest.mark.parametrize(("alt", "number"), [("", 1), (' alt="En dörr"', 0), (' alt=""', 0)])
def test_an_image_in_the_text_too(alt, number):
    assert len(stopped(text(f'<p>Se</p><embed{alt} embedtype="image" format="left" id="1"/>'))) == number


@pytest.mark.parametrize(
    ("body", "number"),
    [("<h3>A</h3><h4>B</h4><h3>C</h3>", 0), ("<h4>A</h4>", 1), ("<h3>A</h3><h5>B</h5>", 1), ("<h2>A</h2>", 0)],
)
def test_a_skipped_level_of_heading_is_stopped(body, number):
    assert len(stopped(text(body))) == number


def test_a_film_needs_captions_and_a_transcript():
    assert len(stopped(("film", {"captions": "", "transcript": "<p> </p>"}))) == 2
    assert stopped(("film", {"captions": "WEBVTT", "transcript": "<p>Hej.</p>"})) == []


def test_a_good_lesson_gets_no_advice(question):
    assert advised(text("<p>Se.</p>"), ("ask", {"question": question})) == []


def test_each_shortcoming_of_a_lesson_gets_its_own_advice():
    found = advised(text("<p>Se.</p>"), objective="Att förstå", has_source=False, number=2)
    assert [
        word for word in ("Du kan", "question", "source", "recall") if not any(word in line for line in found)
    ] == []
    assert len(found) == 4


def test_a_recall_is_asked_for_from_the_second_lesson_on(question):
    assert advised(("ask", {"question": question}), number=1) == []
    assert len(advised(("ask", {"question": question}), number=2)) == 1
    assert advised(("recall", {"question": question}), number=2) == []


def test_length_is_measured_against_the_minutes_of_the_lesson(question):
    longer = [("ask", {"question": question}), *[text("<p>" + "en lång dag. " * 20 + "</p>")] * 11]
    [found] = advised(*longer, minutes=3)
    assert "3.4 minutes" in found
    assert advised(*longer, minutes=4) == []


def test_a_long_text_gets_advice_with_its_card(question):
    [found] = advised(("ask", {"question": question}), text("<p>" + "en dag. " * 31 + "</p>"))
    assert found.startswith("Card 2, Text: 62 words")
    assert advised(("ask", {"question": question}), text("<p>" + "en dag. " * 30 + "</p>")) == []


def test_hard_text_gets_advice(question):
    hard = "<p>" + "Kommunstyrelsens säkerhetssamordnare ansvarar övergripande för samordningen. " * 5 + "</p>"
    [found] = advised(("ask", {"question": question}), text(hard))
    assert "LIX" in found


def test_the_written_course_can_be_published_and_keeps_its_minutes(db):
    load_course(municipality=make_municipality(), source=read_course("grundlaggande-kunskap"))
    for lesson in LessonPage.objects.all():
        sheet = lesson.sheet()
        assert sheet.stops == []
        assert 1 < sheet.measure.minutes <= 3
        assert sheet.measure.lix < 45


def test_a_fact_is_read_as_it_stands(question):
    fact = FactSnippet.objects.get()
    assert said(("fact", {"fact": fact})) == [fact.text]
