"""Courses as files: loading is repeatable, and an editor's work is never overwritten."""

import copy
import re
import shutil
import tomllib

import pytest
from wagtail.models import ReferenceIndex

from courses.loading import CATALOGUE, SAME, CourseFileWrong, load_course, read_course
from courses.models import CoursePage, FactSnippet, LessonPage, Route
from learning.organisation.models import Municipality
from learning.translations import in_language, state
from quizzes.models import KnowledgeCheck, Question
from tests.factories import course_source, make_course, make_municipality


@pytest.fixture
def municipality(db):
    return make_municipality()


def test_loading_twice_changes_nothing(municipality):
    load_course(municipality=municipality, source=course_source())
    revisions = list(LessonPage.objects.values_list("pk", "latest_revision"))
    outcome = load_course(municipality=municipality, source=course_source())
    assert set(outcome.counts) == {"unchanged"}
    assert list(LessonPage.objects.values_list("pk", "latest_revision")) == revisions


def test_a_changed_file_changes_its_page_and_nothing_else(municipality):
    load_course(municipality=municipality, source=course_source())
    source = course_source()
    source.lessons[0]["title"] = "Ny rubrik"
    outcome = load_course(municipality=municipality, source=source)
    assert outcome.counts["changed"] == 1
    assert LessonPage.objects.get(slug="lektion-1").title == "Ny rubrik"


def test_what_an_editor_changed_is_kept_and_named(municipality):
    load_course(municipality=municipality, source=course_source())
    lesson = LessonPage.objects.get(slug="lektion-1")
    lesson.title = "Redaktörens rubrik"
    lesson.save_revision().publish()
    source = course_source()
    source.lessons[0]["title"] = "Filens rubrik"
    outcome = load_course(municipality=municipality, source=source)
    assert list(outcome.kept) == ["kurs/lessons/lektion-1"]
    assert LessonPage.objects.get(slug="lektion-1").title == "Redaktörens rubrik"


def test_an_editors_draft_is_kept_as_well(municipality):
    load_course(municipality=municipality, source=course_source())
    lesson = LessonPage.objects.get(slug="lektion-1")
    lesson.title = "Utkast"
    lesson.save_revision()
    source = course_source()
    source.lessons[0]["title"] = "Filens rubrik"
    load_course(municipality=municipality, source=source)
    assert LessonPage.objects.get(slug="lektion-1").get_latest_revision_as_object().title == "Utkast"


def test_what_an_editor_removed_does_not_come_back(municipality):
    load_course(municipality=municipality, source=course_source())
    Route.objects.get(key="akut").delete()
    source = course_source()
    source.routes[0]["action"] = "Ring 112"
    load_course(municipality=municipality, source=source)
    assert not Route.objects.filter(key="akut").exists()


def test_each_municipality_has_a_course_of_its_own(municipality):
    other = make_municipality("Annan kommun")
    for place in (municipality, other):
        load_course(municipality=place, source=course_source())
    assert CoursePage.objects.count() == 2
    assert Question.objects.filter(municipality=other).count() == Question.objects.count() // 2


@pytest.mark.parametrize("lacking", ["title", "objective", "cards"])
def test_a_lesson_that_lacks_something_is_refused_whole_and_says_what(municipality, lacking):
    source = course_source()
    del source.lessons[1][lacking]
    with pytest.raises(CourseFileWrong, match=lacking):
        load_course(municipality=municipality, source=source)
    assert not CoursePage.objects.exists()


def test_a_question_with_the_wrong_number_of_right_options_is_refused(municipality):
    source = copy.deepcopy(course_source())
    source.questions[0]["options"][1]["correct"] = True
    with pytest.raises(CourseFileWrong, match=source.questions[0]["id"]):
        load_course(municipality=municipality, source=source)


def test_a_card_that_an_author_could_not_save_is_refused(municipality):
    source = course_source()
    source.lessons[0]["cards"] = [
        {
            "type": "sort",
            "heading": "H",
            "prompt": "P",
            "categories": ["A", "B"],
            "items": [
                {"text": "1", "category": "A", "feedback": "F"},
                {"text": "2", "category": "Finns inte", "feedback": "F"},
            ],
        }
    ]
    with pytest.raises(CourseFileWrong, match="Finns inte"):
        load_course(municipality=municipality, source=source)


def test_html_in_a_course_file_is_shown_and_not_obeyed(municipality):
    source = course_source()
    source.lessons[0]["cards"] = [{"type": "text", "heading": "H", "body": "<script>alert(1)</script> **fet**"}]
    load_course(municipality=municipality, source=source)
    html = LessonPage.objects.get(slug="lektion-1").cards[0].value["body"].source
    assert "<script" not in html
    assert "<b>fet</b>" in html


@pytest.fixture(scope="module", name="source")
def basic_knowledge():
    return read_course("grundlaggande-kunskap")


class TestBasicKnowledge:
    """The course that is delivered: Grundläggande kunskap."""

    def test_it_loads_whole(self, municipality, source):
        outcome = load_course(municipality=municipality, source=source)
        assert outcome.kept == {}
        course = CoursePage.objects.get()
        assert [lesson.title for lesson in course.lessons()] == [lesson["title"] for lesson in source.lessons]
        assert FactSnippet.objects.count() == len(source.facts)
        assert Municipality.objects.get().site.root_page.get_descendants().live().count() == 2 + 8

    def test_it_has_eight_lessons_of_three_minutes(self, source):
        assert len(source.lessons) == 8
        assert {lesson["minutes"] for lesson in source.lessons} == {3}

    def test_its_check_draws_twelve_of_at_least_thirty_six_and_has_two_that_must_be_right(self, source):
        pool = [question for question in source.questions if question.get("check")]
        assert len(pool) >= 36
        assert sum(bool(question.get("must_pass")) for question in pool) == 2
        assert (source.course["check"]["draw"], source.course["check"]["pass_percent"]) == (12, 80)

    def test_every_option_of_every_question_and_scenario_has_feedback(self, source):
        asked = [
            *source.questions,
            *(c for lesson in source.lessons for c in lesson["cards"] if c["type"] == "scenario"),
        ]
        for question in asked:
            assert all(option["feedback"].strip() for option in question["options"]), question

    def test_every_lesson_but_the_first_opens_with_a_question_of_an_earlier_one(self, source):
        seen = set()
        for number, lesson in enumerate(source.lessons, start=1):
            first = lesson["cards"][0]
            if number > 1:
                assert first["type"] == "recall"
                assert first["question"] in seen
            seen |= {card["question"] for card in lesson["cards"] if card["type"] == "question"}

    def test_every_lesson_has_a_situation_to_decide_and_a_point_to_remember(self, source):
        for lesson in source.lessons:
            kinds = {card["type"] for card in lesson["cards"]}
            assert kinds & {"scenario", "sort"}, lesson["title"]
            assert "key_point" in kinds, lesson["title"]

    def test_its_question_ids_are_unique(self, source):
        ids = [question["id"] for question in source.questions]
        assert len(ids) == len(set(ids))

    def test_the_right_option_is_not_given_away_by_its_length(self, source):
        single = [question for question in source.questions if question["kind"] == "single"]
        longest = sum(
            max(question["options"], key=lambda option: len(option["text"])).get("correct", False)
            for question in single
        )
        assert longest <= 0.45 * len(single)

    def test_volatile_numbers_and_paragraphs_stand_only_in_dated_snippets(self):
        folder = CATALOGUE / "grundlaggande-kunskap"
        for path in [*folder.glob("lessons/*.toml"), *folder.glob("questions/*.toml"), *folder.glob("pool/*.toml")]:
            data = tomllib.loads(path.read_text())
            data.pop("sources", None)
            text = str(data)
            for stray in ("020-", "08-", "19 kap", "14 kap", "nivå 3", "§"):
                assert stray not in text, (path.name, stray)


def test_a_knowledge_check_offers_its_whole_pool(municipality):
    load_course(municipality=municipality, source=course_source())
    assert KnowledgeCheck.objects.get().pool.count() == len(course_source().questions)


# Mirrors in other languages


def mirrored(**changes):
    """The small course with a mirror of each part, in which every text is told in English; some parts changed."""
    source = course_source()
    parts = {"course": [source.course], "facts": source.facts, "routes": source.routes}
    parts |= {"lessons": source.lessons, "questions": source.questions}
    for kind, those in parts.items():
        for part in those:
            part["mirrors"] = {"en": {**told(part), **changes.get(kind, {})}}
    return source


def told(part):
    if isinstance(part, dict):
        return {name: value if name in SAME | {"audience"} else told(value) for name, value in part.items()}
    if isinstance(part, list):
        return [told(one) for one in part]
    return f"en {part}" if isinstance(part, str) else part


def test_a_course_with_mirrors_is_whole_in_both_languages(municipality):
    load_course(municipality=municipality, source=mirrored())
    course = CoursePage.objects.get()
    things = [course, course.check_ref, *course.lessons(), *Question.objects.all()]
    for thing in [*things, FactSnippet.objects.get(), *Route.objects.all()]:
        assert state(thing, "en").is_whole, thing
    shown = in_language(course.lessons().first(), "en")
    assert (shown.title, shown.cards[0].value["heading"]) == ("en Lektion 1", "en En tanke")
    assert [option.text for option in in_language(Question.objects.get(key="l1-a"), "en").options.all()] == [
        "en l1-a 0",
        "en l1-a 1",
        "en l1-a 2",
    ]
    assert set(load_course(municipality=municipality, source=mirrored()).counts) == {"unchanged"}


def test_a_mirror_that_comes_later_changes_nothing_but_what_it_says(municipality):
    load_course(municipality=municipality, source=course_source())
    lesson, question = LessonPage.objects.get(slug="lektion-1"), Question.objects.get(key="l1-a")
    ids = [card.id for card in lesson.cards], [option.pk for option in question.options.all()]
    load_course(municipality=municipality, source=mirrored())
    lesson, question = LessonPage.objects.get(slug="lektion-1"), Question.objects.get(key="l1-a")
    assert ([card.id for card in lesson.cards], [option.pk for option in question.options.all()]) == ids
    assert in_language(lesson, "en").title == "en Lektion 1"


def test_what_an_editor_has_translated_is_kept(municipality):
    load_course(municipality=municipality, source=mirrored())
    fact = FactSnippet.objects.get()
    fact.translations["en"]["text"]["text"] = "The editor's"
    fact.save()
    fact.save_revision()
    outcome = load_course(municipality=municipality, source=mirrored(facts={"text": "The file's"}))
    assert outcome.kept == {"kurs/facts/fakta": "Lagen gäller sedan 2023."}
    assert in_language(FactSnippet.objects.get(), "en").text == "The editor's"


def test_a_mirror_that_says_less_is_refused_with_the_place(municipality):
    with pytest.raises(CourseFileWrong, match="search_description"):
        load_course(municipality=municipality, source=mirrored(lessons={"summary": ""}))
    assert not CoursePage.objects.exists()


@pytest.fixture
def catalogue(tmp_path):
    """A catalogue of files with one course and its mirror."""
    shutil.copytree(CATALOGUE / "grundlaggande-kunskap", tmp_path / "kurs")
    return tmp_path


@pytest.mark.parametrize(
    ("file", "old", "new", "place"),
    [
        ("lessons/4-vagar-in.toml", 'type = "', 'type = "x', "en/lessons/4-vagar-in.toml: cards 1: type"),
        ("lessons/4-vagar-in.toml", "minutes = 3", "minutes = 4", "en/lessons/4-vagar-in.toml: minutes"),
        ("lessons/4-vagar-in.toml", 'slug = "', 'slug = "x', "en/lessons/4-vagar-in.toml: slug"),
        ("facts.toml", "[[facts]]\nid", "[[facts]]\nmore = 1\nid", "en/facts.toml: facts 1: more"),
        ("questions/1-darfor-angar-det-dig.toml", "correct = true", "correct = false", "questions 1: options"),
    ],
)
def test_a_mirror_of_another_shape_is_refused_with_file_and_place(catalogue, file, old, new, place):
    path = catalogue / "kurs" / "en" / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(CourseFileWrong, match=re.escape(place)):
        read_course("kurs", catalogue)


def test_a_mirror_that_lacks_a_file_or_has_one_of_its_own_is_refused(catalogue):
    file = catalogue / "kurs" / "en" / "lessons" / "4-vagar-in.toml"
    file.rename(file.with_name("9-mer.toml"))
    with pytest.raises(CourseFileWrong, match=r"4-vagar-in\.toml"):
        read_course("kurs", catalogue)
    shutil.copy(file.with_name("9-mer.toml"), file)
    with pytest.raises(CourseFileWrong, match=r"9-mer\.toml"):
        read_course("kurs", catalogue)


def test_what_is_brought_in_tells_where_it_is_used(municipality):
    course = make_course(municipality)
    question = Question.objects.get(key="l1-a")
    assert _users(question) == {LessonPage, KnowledgeCheck}
    assert _users(course.check_ref) == {CoursePage}


def _users(thing) -> set[type]:
    return {reference.content_type.model_class() for reference in ReferenceIndex.get_references_to(thing)}
