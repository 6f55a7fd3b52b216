"""What Granforsa has answered: around its course and months after it, and its elected officials twice a year."""

import random
from collections.abc import Sequence
from datetime import date, timedelta

from learning.access.demo import VISITORS
from learning.organisation.models import Appointment, Municipality, Person
from learning.surveys import pulse, services
from learning.surveys.models import AGREES, PulseRound, Survey, SurveyItem, Wave

BEGUN = date(2024, 1, 1)
ANSWERS = {Wave.Stage.BEFORE: 0.22, Wave.Stage.AFTER: 0.2, Wave.Stage.LATER: 0.1, "": 0.6}
# The chance that each statement fits, stage by stage: people feel surer afterwards, and lose some of it.
FITS = {
    Wave.Stage.BEFORE: [0.38, 0.45, 0.41, 0.72, 0.58],
    Wave.Stage.AFTER: [0.71, 0.66, 0.88, 0.87, 0.44],
    Wave.Stage.LATER: [0.63, 0.61, 0.79, 0.82, 0.46],
    "": [0.62, 0.41, 0.35, 0.3, 0.48],
}
WRITES = 0.12
# How many answer when they are asked once more, and the chance that they know a question; a year of it.
ANSWERS_AGAIN, DAYS_OF_PULSES = 0.45, 450
KNOWS = {PulseRound.FIRST: 0.9, PulseRound.SECOND: 0.81, PulseRound.THIRD: 0.74}
NEEDS_OF_STAFF = [
    "Tid att prata om det på arbetsplatsträffen.",
    "Fler exempel från hemtjänsten.",
    "Ett nummer att ringa även på kvällen.",
    "Att få öva på det svåra samtalet.",
    "Inget just nu, det var lagom.",
]
NEEDS_OF_ELECTED = ["Siffror för vår kommun.", "Hur andra nämnder gör.", "Ett pass tillsammans med polisen."]
ROUNDS_OPENED_BEFORE = [400, 200, 10]  # days before today


class Surveys:
    """People who answer by chance, the same chance each time."""

    def __init__(self, municipality: Municipality):
        self.municipality = municipality
        self.chance = random.Random(2024)
        self.course = services.load_survey(municipality=municipality, source=services.read_survey("kurs"), on=BEGUN)
        self.waves = {wave.stage: wave for wave in self.course.waves.all()}

    def around(self, stage: str, person: Person, on: date) -> None:
        """Let the person perhaps answer what is asked around the course; it may be that they have begun already."""
        if on < BEGUN or self.chance.random() >= ANSWERS[stage]:
            return
        if services.left(self.waves[stage], on).filter(pk=person.pk).exists():
            self._answer(self.waves[stage], person, on, NEEDS_OF_STAFF)

    def later(self, on: date) -> None:
        """Let some of those answer whom the course has left some months ago."""
        for person in services.left(self.waves[Wave.Stage.LATER], on).order_by("pk"):
            self.around(Wave.Stage.LATER, person, on)

    def pulses(self, today: date) -> None:
        """Let some of those answer who have been asked once more since a year and some months; visitors are left."""
        questions = {course.pk: pulse.questions_of(course) for course in pulse.courses_of(self.municipality)}
        people = Person.objects.select_related("municipality__root").in_bulk()
        for days in range(DAYS_OF_PULSES, 0, -pulse.OPEN.days):  # so that each round of each person is met once
            on = today - timedelta(days=days)
            for due in pulse.due_pulses(self.municipality, on):
                if people[due.person_id].email not in VISITORS and self.chance.random() < ANSWERS_AGAIN:
                    asked = pulse.drawn(*questions[due.course.pk], due.person_uuid, due.round)
                    right = {one.pk: self.chance.random() < KNOWS[due.round] for one in asked}
                    pulse.answer(person=people[due.person_id], course=due.course, right=right, on=on)
        pulse.forget(today)

    def of_needs(self, today: date, opened: date) -> None:
        """The rounds of the elected officials, the last of which is open today."""
        survey = services.load_survey(municipality=self.municipality, source=services.read_survey("behov"), on=opened)
        coordinator = Appointment.objects.get(unit=self.municipality.root, function=Appointment.Function.COORDINATOR)
        for days in ROUNDS_OPENED_BEFORE:
            first = today - timedelta(days=days)
            if first >= opened:
                self._round(survey, first, coordinator.person, today)

    def _round(self, survey: Survey, first: date, by: Person, today: date) -> None:
        last = services.next_wave(survey, first)[1]
        wave = services.open_wave(survey=survey, starts_on=first, ends_on=last, by=by, on=first)
        # The visitor has theirs left to answer.
        for person in services.left(wave, first).exclude(email="kommunstyrelsen@granforsa.example").order_by("pk"):
            if self.chance.random() < ANSWERS[""]:
                day = first + timedelta(days=self.chance.randint(0, 9))
                self._answer(wave, person, min(day, today), NEEDS_OF_ELECTED)

    def _answer(self, wave: Wave, person: Person, on: date, words: Sequence[str]) -> None:
        fits, chosen, texts = iter(FITS[wave.stage]), {}, {}
        for item in services.items_of(wave):
            match item.kind:
                case SurveyItem.Kind.STATEMENT:
                    chosen[item.pk] = [self._placed(next(fits))]
                case SurveyItem.Kind.CHOICE:
                    values = [value for value, _label in item.choices]
                    chosen[item.pk] = self.chance.sample(values, self.chance.randint(1, item.most))
                case SurveyItem.Kind.TEXT if self.chance.random() < WRITES:
                    texts[item.pk] = self.chance.choice(words)
        services.answer(person=person, wave=wave, chosen=chosen, texts=texts, on=on)

    def _placed(self, fit: float) -> str:
        if self.chance.random() < 0.06:
            return "0"
        return self.chance.choice(sorted(AGREES) if self.chance.random() < fit else ["1", "2", "2"])
