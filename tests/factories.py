"""Small worlds for the tests, made with the verbs that the product uses."""

from datetime import UTC, date, datetime, timedelta
from itertools import count

from django.core.files.base import ContentFile
from wagtail.models import Page, Site

from courses.blocks import CardStream
from courses.loading import Source, load_course
from courses.models import Captions, CoursePage, LessonPage, Recording
from home.models import HomePage
from learning.coverage.services import settle
from learning.organisation.models import Municipality, OrgUnit, Person
from learning.organisation.reorganisation import open_unit
from learning.organisation.services import appoint, employ, enrol_person, found_municipality
from learning.plans.models import ActionPlan, Duty, Goal, GoalArea, Requirement, SituationPicture, Topic
from learning.plans.services import require
from learning.reporting.models import YearlyReport
from learning.reporting.yearly import begin, compose, content_of, days_to_report, freeze_report
from learning.translations import texts
from quizzes.grading import PaperQuestion
from quizzes.models import Attempt, Option, Question
from quizzes.services import answer, begin_attempt, hand_in

FOUNDED = date(2022, 1, 1)
_numbers = count(1)


def moment(day: date, hour: int = 12) -> datetime:
    """Noon (UTC) of the day."""
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def make_municipality(name: str = "Provkommun", **words) -> Municipality:
    """A municipality; the first on the default site, others on sites of their own."""
    site = Site.objects.get(is_default_site=True)
    number = next(_numbers)
    if Municipality.objects.filter(site=site).exists():
        home = Page.get_first_root_node().add_child(instance=HomePage(title=name, slug=f"home-{number}"))
        site = Site.objects.create(hostname=f"kommun{number}.example", root_page=home)
    return found_municipality(name=name, slug=f"kommun-{number}", site=site, on=FOUNDED, **words)


def make_unit(parent: OrgUnit | Municipality, name: str = "", on: date = FOUNDED, kind: str = "enhet") -> OrgUnit:
    """A unit below the parent."""
    parent = parent.root if isinstance(parent, Municipality) else parent
    return open_unit(parent=parent, name=name or f"Enhet {next(_numbers)}", kind=kind, on=on)


def make_person(unit: OrgUnit | None = None, *, starts_on: date = FOUNDED, municipality=None, **fields) -> Person:
    """A person, employed in the unit if one is given."""
    number = next(_numbers)
    municipality = municipality or (Municipality.objects.of_unit(unit) if unit else None)
    employment = {name: fields.pop(name) for name in ("population", "ends_on", "role") if name in fields}
    fields = {"first_name": "Kim", "last_name": f"Nr {number}", "email": f"kim{number}@example.org", **fields}
    person = enrol_person(municipality=municipality, external_id=str(number), **fields)
    if unit:
        employ(person=person, unit=unit, starts_on=starts_on, **employment)
    return person


def make_head(unit: OrgUnit, function: str = "head", **fields) -> Person:
    """A person with a function in the unit, and employed there."""
    person = make_person(unit, **fields)
    appoint(person=person, unit=unit, function=function, starts_on=FOUNDED)
    return person


def question_source(key: str, *, must_pass: bool = False, choose: int = 1, options: int = 3) -> dict:
    """A question as a course file writes it: the first `choose` options are right."""
    return {
        "id": key,
        "kind": "multiple" if choose > 1 else "single",
        "choose": choose,
        "text": f"Vad gäller {key}?",
        "check": True,
        "must_pass": must_pass,
        "topic": key.split("-")[0],
        "options": [{"text": f"{key} {n}", "correct": n < choose, "feedback": f"Därför {n}."} for n in range(options)],
    }


def course_source(slug: str = "kurs", *, lessons: int = 2, validity_months: int | None = 24, draw: int = 4) -> Source:
    """A small course: every kind of card stands in its first lesson."""
    questions = [question_source(f"l{n}-{k}") for n in range(1, lessons + 1) for k in "abc"]
    questions.append(question_source("l1-maste", must_pass=True))
    questions.append(question_source("l2-tva", choose=2, options=4))
    return Source(
        slug=slug,
        course={
            "title": "Provkurs",
            "slug": slug,
            "level": "basic",
            "validity_months": validity_months,
            "summary": "En kurs för prov.",
            "introduction": "Två **korta** lektioner.",
            "outcomes": ["Du kan det viktigaste."],
            "check": {"title": "Kontroll", "draw": draw, "pass_percent": 75, "introduction": "Fyra frågor."},
        },
        facts=[
            {
                "id": "fakta",
                "text": "Lagen gäller sedan 2023.",
                "source": "Lag (2023:196)",
                "as_of": date(2023, 7, 1),
                "check_by": date(2027, 1, 1),
            }
        ],
        routes=[
            {"id": "akut", "situation": "Akut", "action": "Ring", "number": "112", "checked_on": date(2026, 1, 1)},
            {"id": "okontrollerad", "situation": "Okontrollerad linje", "action": "Ring", "number": "020-1"},
        ],
        lessons=[
            {
                "title": f"Lektion {n}",
                "slug": f"lektion-{n}",
                "summary": "Kort.",
                "objective": "Du kan.",
                "cards": ALL_CARDS if n == 1 else [ALL_CARDS[0], {"type": "recall", "question": "l1-a"}],
            }
            for n in range(1, lessons + 1)
        ],
        questions=questions,
    )


ALL_CARDS = [
    {"type": "text", "heading": "En tanke", "body": "Text om {vbe_group} & annat."},
    {
        "type": "scenario",
        "heading": "Måndag",
        "situation": "Det sitter klistermärken på dörren.",
        "prompt": "Vad gör du?",
        "rule": "Märk och berätta.",
        "options": [
            {"text": "Berättar", "feedback": "Bra tänkt.", "best": True},
            {"text": "River ner", "feedback": "Då syns inte mönstret.", "best": False},
        ],
    },
    {
        "type": "sort",
        "heading": "Vart?",
        "prompt": "Välj väg.",
        "categories": ["112", "Chefen"],
        "items": [
            {"text": "Fara nu", "category": "112", "feedback": "Akut."},
            {"text": "En fundering", "category": "Chefen", "feedback": "Prata."},
        ],
    },
    {"type": "question", "question": "l1-a"},
    {"type": "question", "question": "l2-tva"},
    {"type": "reflect", "heading": "Skriv om", "prompt": "Vad såg du?", "answer": "Det här såg jag."},
    {"type": "fact", "fact": "fakta"},
    {"type": "routes", "heading": "Vart vänder jag mig?", "body": "Här."},
    {"type": "key_point", "text": "Märk, berätta, gå vidare."},
]


def make_course(municipality: Municipality, **options) -> CoursePage:
    """A small course in the municipality's site."""
    source = course_source(**options)
    load_course(municipality=municipality, source=source)
    return CoursePage.objects.descendant_of(municipality.site.root_page).get(slug=source.slug)


def make_sibling(course: CoursePage, slug: str = "annan", **fields) -> CoursePage:
    """A course without lessons beside this one."""
    return course.get_parent().add_child(instance=CoursePage(title=slug.capitalize(), slug=slug, **fields))


def make_lesson(course: CoursePage, cards: list[str | tuple]) -> LessonPage:
    """A published lesson of these cards: each a kind, as its preview shows it, or a kind with what is on it."""
    lesson = LessonPage(title="Alla kort", slug="alla-kort", objective="Du kan allt.")
    lesson.cards = [
        card if isinstance(card, tuple) else (card, CardStream.base_blocks[card].get_preview_value()) for card in cards
    ]
    course.refresh_from_db()
    course.add_child(instance=lesson)
    lesson.save_revision().publish()
    return LessonPage.objects.get(pk=lesson.pk)


# What a question of each kind can read like: text, what it goes with, whether it is right.
OPTIONS = {
    "single": [("Ring 112", "", True), ("Vänta", "", False), ("Utred själv", "", False)],
    "multiple": [("Märka", "", True), ("Berätta", "", True), ("Förhöra", "", False), ("Spana", "", False)],
    "order": [("Se till att ingen är i fara", "", False), ("Berätta", "", False), ("Skriv ner", "", False)],
    "match": [("Utreder brott", "Polisen", False), ("Märker", "Du", False), ("", "Hemvärnet", False)],
    "sort": [("Någon är i fara", "112", False), ("Klotter", "Chefen", False), ("Oro", "Chefen", False)],
}


def make_question(municipality: Municipality, kind: str = "single", **fields) -> Question:
    """A published question of the kind."""
    question = Question(municipality=municipality, kind=kind, **{"text": f"En fråga: {kind}?", **fields})
    question.options = [
        Option(text=text, place=place, correct=right, feedback=f"Därför: {text}")
        for text, place, right in OPTIONS[kind]
    ]
    question.save()
    question.save_revision().publish()
    return Question.objects.get(pk=question.pk)


# Two seconds of silence: frames of MPEG 2, layer III, 8 kbit/s at 16 kHz, with nothing in them.
SILENCE = (b"\xff\xf3\x18\xc4" + bytes(32)) * 56
# Begins as a film does; no player would show it.
FILM = b"\x1a\x45\xdf\xa3\x93\x42\x82\x84webm" + bytes(500)
CAPTIONS = "WEBVTT\n\n00:00.000 --> 00:01.500\n– Jag såg att du stannade kvar.\n"


def make_recording(municipality: Municipality, content: bytes = SILENCE, *, captions=("sv",), **fields) -> Recording:
    """A recording of three minutes with captions in these languages, as its form makes it."""
    fields = {"title": "Ett samtal", "transcript": "<p>Jag såg att du stannade kvar.</p>", **fields}
    fields = {"length": timedelta(minutes=3), **fields}
    recording = Recording(municipality=municipality, file=ContentFile(content, "in.bin"), **fields)
    recording.captions = [Captions(language=one, file=ContentFile(CAPTIONS.encode(), "in.vtt")) for one in captions]
    recording.full_clean()
    for one in recording.captions.all():
        one.full_clean(exclude=["recording"])
    recording.save()
    return recording


def show_recording(lesson: LessonPage, recording: Recording) -> LessonPage:
    """The lesson, published with the recording on its first card."""
    value = {"heading": "Se och lyssna", "body": "", "recording": recording}
    lesson.cards = [("recording", value), *((card.block_type, card.value) for card in lesson.cards)]
    lesson.save_revision().publish()
    return LessonPage.objects.get(pk=lesson.pk)


def translate(thing, language: str = "en") -> None:
    """Let every text of the thing say the same, after the name of the language."""
    thing.translations = {
        **thing.translations,
        language: {text.path: {"of": text.source, text.key: _told(text, language)} for text in texts(thing)},
    }


def _told(text, language: str) -> str:
    return text.source.replace("<p>", f"<p>{language}: ") if text.is_rich else f"{language}: {text.source}"


def make_requirement(course: CoursePage, municipality: Municipality, rule: dict | None = None, **fields) -> Requirement:
    """The course is asked of those whom the rule means: of all employees, at once, where it says nothing else."""
    fields = {"title": "mer kunskap", "definition": "Har genomfört kursen.", "starts_on": FOUNDED, **fields}
    requirement = Requirement(municipality=municipality, course=course, **fields)
    return require(requirement=requirement, terms={"grace_days": 0, **(rule or {})})


def make_goal(course: CoursePage, municipality: Municipality, *, due_on: date | None = date(2025, 12, 31)) -> Goal:
    """A plan with one measured goal: all employees have the course."""
    requirement = make_requirement(course, municipality, key="grund", title="grundläggande kunskap")
    plan = ActionPlan(municipality=municipality, key="plan", title="Handlingsplan")
    goal = Goal(text="Alla kan.", due_on=due_on, requirement=requirement, threshold_percent=100)
    area = GoalArea(title="Kunskap")
    area.goals = [goal]
    plan.areas = [area]
    plan.save()
    return Goal.objects.get(requirement=requirement)


def make_duty(municipality: Municipality, course: CoursePage | None = None, **fields) -> Duty:
    """Each department is to have a coordinator, who has completed the course if one is given."""
    fields = {"title": "en utbildad samordnare", "functions": ["department_coordinator"], **fields}
    return Duty.objects.create(municipality=municipality, course=course, **{"starts_on": FOUNDED, **fields})


def make_picture(municipality: Municipality, *topics: str | dict, year: int = 2025, **fields) -> SituationPicture:
    """A published situation picture of these topics: each a title, or what it is made of."""
    told = [topic if isinstance(topic, dict) else {"title": topic} for topic in topics]
    about = {"title": f"Lägesbild {year}", "year": year, **fields}
    picture = SituationPicture(municipality=municipality, **about)
    picture.topics = [Topic(**{"text": "Det har märkts.", "sort_order": n, **topic}) for n, topic in enumerate(told)]
    picture.save()
    picture.save_revision().publish()
    return SituationPicture.objects.get(pk=picture.pk)


def make_report(municipality: Municipality, by: Person, now: datetime) -> YearlyReport:
    """A report to the board of the newest day, fixed as it was read, when everybody had been counted."""
    settle()
    draft = begin(municipality=municipality, on=days_to_report(municipality, now.date())[0], by=by, now=now)
    return freeze_report(draft=draft, seen=content_of(compose(draft, now)), by=by, now=now)


def wrong_answer(question: PaperQuestion) -> list:
    """Whole and wrong: other options, or two things that have changed places."""
    if not question.places_things:
        others = [option.id for option in question.options if option.id not in question.key]
        return [*others, *question.key][: question.choose]
    (one, here), *rest = sorted(question.key)
    other, there = next(pair for pair in rest if pair[1] != here)
    return [(one, there), (other, here), *(pair for pair in rest if pair != (other, there))]


def take_check(person: Person, course: CoursePage, on: date, *, wrong: int = 0) -> Attempt:
    """Take the knowledge check of the course, with so many wrong answers (must-pass questions first)."""
    now = moment(on)
    attempt = begin_attempt(person=person, check=course.check_ref, subject_key=course.key, now=now, seed=1)
    choices = {}
    for number, question in enumerate(sorted(attempt.as_paper.questions, key=lambda q: not q.must_pass)):
        choices[question] = question.key if number >= wrong else wrong_answer(question)
    answer(attempt=attempt, choices=choices, now=now)
    return hand_in(attempt=attempt, now=now)
