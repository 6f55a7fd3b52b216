"""Granforsa's years from 2022 to today, made with the verbs that the product itself uses."""

import random
from collections.abc import Collection
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from itertools import combinations

from django.db import transaction
from django.utils import timezone
from wagtail.models import Site

from courses.loading import course_names, load_course, read_course
from courses.models import CoursePage, LessonPage
from learning.access.demo import VISITORS
from learning.coverage.services import freeze, held_back, settle
from learning.coverage.vacancies import vacancies
from learning.organisation.guards import Overlaps
from learning.organisation.hr.services import import_file
from learning.organisation.models import Appointment, Employment, Leave, Municipality, OrgUnit, Person, Population
from learning.organisation.reorganisation import move_unit
from learning.organisation.services import appoint, end_appointment, found_municipality, grant_leave
from learning.plans.models import ActionPlan, Duty, Goal, GoalArea, SituationPicture, Topic
from learning.plans.services import follow_up, load_plan, read_plan
from learning.records.evidence import accept, keep_as_development, report
from learning.records.exemptions import exempt
from learning.records.models import Completion, Evidence, EvidenceLevel, Exemption
from learning.records.services import finish_lesson, withdraw
from learning.reporting.releases import open_figures
from learning.reporting.yearly import begin, comment, compose, content_of, days_to_report, freeze_report
from learning.surveys.models import Wave
from quizzes.grading import PaperQuestion
from quizzes.models import Attempt
from quizzes.services import answer, begin_attempt, hand_in

from . import granforsa
from .mailings import mail_some_weeks
from .staff import Council, Staff
from .surveys import Surveys

OPENED = date.fromisoformat(granforsa.OPENED)
REORGANISED_ON = date.fromisoformat(granforsa.REORGANISED_ON)
TERMS = [OPENED, date(2022, 10, 15), date(2026, 10, 15)]
COURSE, IN_DEPTH, PLAN, SLUG = "grundlaggande-kunskap", "nyckelpersoner", "stromsund", "granforsa"
FOR_HEADS, FOR_ELECTED = "chefer", "fortroendevalda"

# Share of those who lack the course that take it in a quarter: a pilot, a push before the goal's date, then renewal.
PACE = {2022: 0.07, 2023: 0.17, 2024: 0.16, 2025: 0.25, 2026: 0.15}
RENEWS = 0.55
BEGINS_ONLY = 0.03
# Share of the heads and of the elected officials who have taken the course that is for them.
BY_ROLE = {FOR_HEADS: 0.7, FOR_ELECTED: 0.45}
FAILS_FIRST = 0.12


def load(today: date, report=print) -> Municipality:
    """Make Granforsa with its people, course, plan and history up to today; one that is there is kept."""
    existing = Municipality.objects.filter(slug=SLUG).first()
    if existing:
        report("Granforsa is already here; nothing was changed.")
        return existing
    with transaction.atomic(), held_back():
        municipality = _found()
        report("Granforsa founded; course and plan loaded.")
        story = _Story(municipality, today)
        story.tell()
        report(f"{story.people} people and {story.completions} completions from 2022 to {today}.")
        settle()
        _report_to_the_board(municipality, today, 2)
        _freeze_outcomes(municipality, today)
        _report_to_the_board(municipality, today, 1)
        _go_on(municipality, today)
        _open_figures(municipality, today)
    report(f"{mail_some_weeks(municipality, today)} mails of the last weeks, kept on this machine.")
    return municipality


def _found() -> Municipality:
    plan = read_plan(PLAN)
    site = Site.objects.get(is_default_site=True)
    site.site_name = "Granforsa kommun"
    site.save(update_fields=["site_name"])
    municipality = found_municipality(
        slug=SLUG,
        site=site,
        on=OPENED,
        is_fictional=True,
        **{**plan["municipality"], "name": "Granforsa kommun"},
        contact_email="vbe@granforsa.example",
    )
    home = municipality.site.root_page.specific
    home.title = home.draft_title = "Granforsa kommun"
    home.lead = (
        "Tre minuter i taget lär vi oss märka, prata och göra rätt när någon är på väg in i våldsbejakande extremism."
    )
    home.save()
    for course in (COURSE, *sorted(course_names() - {COURSE})):
        load_course(municipality=municipality, source=read_course(course))
    load_plan(municipality=municipality, source=plan)
    return municipality


def _freeze_outcomes(municipality: Municipality, today: date) -> None:
    """Each outcome is fixed in the night after its day, as the clock would have done."""
    for goal in Goal.objects.filter(requirement__municipality=municipality, due_on__lt=today):
        freeze(goal=goal, now=timezone.make_aware(datetime.combine(goal.due_on + timedelta(days=1), time(3))))


def _go_on(municipality: Municipality, today: date) -> None:
    """The goal's date has passed: Granforsa goes on with one that its fictional council has set, a year ahead."""
    for goal in Goal.objects.filter(requirement__municipality=municipality, due_on__lt=today):
        Goal.objects.create(
            area=goal.area,
            predecessor=goal,
            text="Alla medarbetare har och behåller grundläggande kunskap.",
            due_on=date(today.year + 1, 12, 31),
            requirement=goal.requirement,
            threshold_percent=95,
        )
        # So that the history of the plan has it too.
        ActionPlan.objects.get(areas=goal.area).save_revision().publish()


# What the coordinator says beside the figures, by how many years ago the year was that is reported.
COMMENTS = {
    2: {
        "summary": "Första året har vi börjat där flest möter barn och unga: i skolan och i fritidsverksamheten.",
        "ahead": "Nästa år får vård- och omsorgspersonalen tid på arbetsplatsträffarna.",
    },
    1: {
        "summary": "De flesta har nu gått kursen. Det som återstår är att kunskapen hålls vid liv.",
        "goals": "Vikarier som börjar på våren hinner ofta sluta innan de har gått kursen.",
        "activities": "VBE-gruppen har följt upp aktiviteterna vid sitt möte i december.",
        "ahead": "Chefer får påminnelser om dem vars kunskap snart går ut.",
    },
}


def _report_to_the_board(municipality: Municipality, today: date, years_ago: int) -> None:
    """The coordinator reports on a year to the board in the January that follows."""
    coordinator = Person.objects.get(municipality=municipality, email="samordnare@granforsa.example")
    now = timezone.make_aware(datetime(today.year - years_ago + 1, 1, 20, 10))
    on = date(today.year - years_ago, 12, 31)
    if now.date() <= today and on in days_to_report(municipality, now.date()):
        draft = begin(municipality=municipality, on=on, by=coordinator, now=now)
        comment(draft=draft, comments=COMMENTS[years_ago], by=coordinator, now=now)
        freeze_report(draft=draft, seen=content_of(compose(draft, now)), by=coordinator, now=now)


def _open_figures(municipality: Municipality, today: date) -> None:
    """The coordinator shows everybody how far the municipality has come, half-year by half-year."""
    coordinator = Person.objects.get(municipality=municipality, email="samordnare@granforsa.example")
    in_the_afternoon = timezone.make_aware(datetime.combine(today, time(16)))
    open_figures(municipality=municipality, by=coordinator, now=min(in_the_afternoon, timezone.now()))


class _Story:
    """What happens, quarter by quarter."""

    def __init__(self, municipality: Municipality, today: date):
        self.municipality, self.today = municipality, today
        self.chance = random.Random(2025)
        self.staff = Staff()
        courses = CoursePage.objects.descendant_of(municipality.site.root_page)
        self.courses = {course.slug: course for course in courses}
        self.course, self.in_depth = self.courses[COURSE], self.courses[IN_DEPTH]
        self.lessons = list(self.course.lessons())
        for lesson in self.lessons:
            lesson.course = self.course  # spares a query for each of ten thousand lessons
        self.surveys = Surveys(municipality)
        self.eager: dict[str, float] = {}
        self.valid_through: dict[int, date] = {}
        self.begun: set[int] = set()
        self.people = self.completions = 0

    def tell(self) -> None:
        for start, end in _quarters(OPENED, self.today):
            if start > OPENED:
                self.staff.turn(start)
            if start == REORGANISED_ON:
                self._reorganise(start)
            self._import("personal", self.staff.export(), start)
            for term in TERMS:
                if start <= term <= end and term <= self.today:
                    self._import("fortroendevalda", Council(self.staff, term).export(), term, Population.ELECTED)
            if start == OPENED:
                self._appoint_all()
            self._leaves(start, end)
            self._learn(start, end)
            self.surveys.later(end)
        self.surveys.of_needs(self.today, OPENED)
        self._renew_head()
        self.surveys.pulses(self.today)
        self._change_coordinators()
        self._correct()
        self._follow_up()
        self._picture()
        self._learn_by_role()
        self.people = Person.objects.filter(municipality=self.municipality).count()
        self.completions = Completion.objects.filter(person__municipality=self.municipality).count()

    def _import(self, name: str, content: bytes, on: date, population: str = Population.EMPLOYEE) -> None:
        filename = f"{name}-{on}.csv"
        import_file(
            municipality=self.municipality,
            filename=filename,
            content=content,
            on=on,
            now=timezone.make_aware(datetime.combine(on, time(5))),
            population=population,
            own_ids=False,
            opens_units=True,
            allow_endings=name == "fortroendevalda",
        )

    def _reorganise(self, on: date) -> None:
        units = {unit.code: unit for unit in self.municipality.units.on(on)}
        departments = {unit.name: unit for unit in self.municipality.departments(on)}
        for code, department in granforsa.MOVES.items():
            move_unit(unit=units[code], to=departments[department], on=on)
        self.staff.move_units(granforsa.MOVES)

    def _appoint_all(self) -> None:
        """Every unit's and department's head, the department coordinators, and those who see the whole."""
        Function = Appointment.Function
        by_email = {person.email: person for person in Person.objects.filter(municipality=self.municipality)}
        visitor = {key: by_email[f"{key}@granforsa.example"] for key in granforsa.VISITORS}
        for unit in self.municipality.units.on(OPENED).exclude(code="").exclude(pk=self.municipality.root_id):
            if unit.code in self.staff.roles:
                head = Employment.objects.on(OPENED).filter(unit=unit, role=self.staff.roles[unit.code][0]).first()
                appoint(person=head.person, unit=unit, function=Function.HEAD, starts_on=OPENED)
        for department in self.municipality.departments(OPENED):
            first_unit = OrgUnit.objects.under(department).filter(appointments__function=Function.HEAD).first()
            if first_unit is None:
                continue
            person = first_unit.appointments.get(function=Function.HEAD).person
            if department.name == "Vård- och omsorgsförvaltningen":
                person = visitor["forvaltningschef"]
            appoint(person=person, unit=department, function=Function.HEAD, starts_on=OPENED)
            appoint(person=person, unit=department, function=Function.DEPARTMENT_COORDINATOR, starts_on=OPENED)
        root = self.municipality.root
        appoint(person=visitor["samordnare"], unit=root, function=Function.COORDINATOR, starts_on=OPENED)
        appoint(person=visitor["redaktor"], unit=root, function=Function.EDITOR, starts_on=OPENED)
        appoint(person=visitor["kommunstyrelsen"], unit=root, function=Function.BOARD_READER, starts_on=OPENED)

    def _change_coordinators(self) -> None:
        """One department is left without, one gets somebody new to the subject, the others have somebody trained."""
        [duty] = Duty.objects.filter(municipality=self.municipality)
        coordinator = Person.objects.get(email="samordnare@granforsa.example")
        self._take_whole(self.in_depth, coordinator, self.today - timedelta(days=250))
        for post in vacancies(duty, self.municipality.root, self.today):
            name, since = post.unit.name, self.today - timedelta(days=40)
            if name in (granforsa.WITHOUT_COORDINATOR, granforsa.COORDINATOR_TO_TRAIN):
                for appointment in post.holders:
                    end_appointment(appointment=appointment, last_day=since - timedelta(days=1))
            if name == granforsa.COORDINATOR_TO_TRAIN:
                self._appoint_coordinator(post.unit, since, is_trained=False)
            elif name != granforsa.WITHOUT_COORDINATOR:
                held = [appointment.person for appointment in post.holders if not appointment.is_on_leave]
                for person in held or self._appoint_coordinator(post.unit, since, is_trained=True):
                    self._take_whole(self.in_depth, person, since - timedelta(days=160))

    def _take_whole(self, course: CoursePage, person: Person, day: date) -> None:
        """Take another course: its lessons, and its check."""
        for number, lesson in enumerate(course.lessons()):
            finish_lesson(person=person, lesson=lesson, now=_moment(day - timedelta(days=30 - 2 * number), self.chance))
        self._attempt(person, _moment(day, self.chance), course=course, slips=0)

    def _learn_by_role(self) -> None:
        """In the last year and a half most heads, and some elected officials, took the course that is for them."""
        heads = Appointment.objects.on(self.today).filter(function=Appointment.Function.HEAD)
        elected = Employment.objects.on(self.today).filter(population=Population.ELECTED)
        for slug, rows in ((FOR_HEADS, heads), (FOR_ELECTED, elected)):
            rows = rows.filter(unit__in=self.municipality.units).exclude(person__email__in=VISITORS)
            for pk, since in dict(rows.order_by("person").values_list("person", "starts_on")).items():
                day = self.today - timedelta(days=self.chance.randint(20, 540))
                if self.chance.random() < BY_ROLE[slug] and since < day - timedelta(days=60):
                    self._take_whole(self.courses[slug], Person.objects.get(pk=pk), day)

    def _follow_up(self) -> None:
        """The coordinator has noted how some of the plan's activities go."""
        by = Person.objects.get(email="samordnare@granforsa.example")
        areas = list(GoalArea.objects.filter(plan__municipality=self.municipality))
        for day, area, activity, status, text in granforsa.FOLLOW_UPS:
            now = timezone.make_aware(datetime.combine(date.fromisoformat(day), time(10)))
            if now.date() <= self.today:
                follow_up(activity=areas[area].activities.all()[activity], status=status, text=text, by=by, now=now)

    def _picture(self) -> None:
        """What is seen in the municipality in two years, with the lessons that teach about it."""
        for source in granforsa.SITUATION_PICTURES:
            handed_over_on = date.fromisoformat(source["handed_over_on"])
            if handed_over_on <= self.today:
                published_at = timezone.make_aware(datetime.combine(handed_over_on, time(10)))
                about = {
                    **source,
                    "handed_over_on": handed_over_on,
                    "topics": [self._topic(*topic) for topic in source["topics"]],
                }
                picture = SituationPicture(municipality=self.municipality, first_published_at=published_at, **about)
                picture.save()
                picture.save_revision().publish()

    def _topic(self, title: str, text: str, change: str, taught: str | list[str]) -> Topic:
        topic = Topic(title=title, text=text, change=change)
        if isinstance(taught, str):
            topic.no_lesson_because = taught
        else:
            lessons = LessonPage.objects.descendant_of(self.municipality.site.root_page).filter(slug__in=taught)
            topic.lessons = list(lessons)
        return topic

    def _appoint_coordinator(self, department: OrgUnit, since: date, *, is_trained: bool) -> list[Person]:
        """Somebody who has long worked there, with or without the course, and is not away."""
        away = Leave.objects.exclude(ends_on__lt=since).values("person")
        staff = self._employed(self.today).filter(unit__in=OrgUnit.objects.under(department), starts_on__lt=since)
        for employment in staff.exclude(person__in=away).select_related("person"):
            through = self.valid_through.get(employment.person_id)
            if (through is not None and through > self.today + timedelta(days=90)) if is_trained else through is None:
                function = Appointment.Function.DEPARTMENT_COORDINATOR
                appoint(person=employment.person, unit=department, function=function, starts_on=since)
                return [employment.person]
        return []

    def _renew_head(self) -> None:
        """Whoever visits as the head of a unit took the check some weeks ago, and so is asked again today."""
        head = Person.objects.get(municipality=self.municipality, email="chef@granforsa.example")
        self._take(head, self.today - timedelta(days=40))

    def _correct(self) -> None:
        """A few exemptions, a study visit by a group, and a completion that was recorded of the wrong person."""
        by_email = {person.email: person for person in Person.objects.filter(municipality=self.municipality)}
        head, coordinator = by_email["chef@granforsa.example"], by_email["samordnare@granforsa.example"]
        here = head.appointments.get(function=Appointment.Function.HEAD).unit
        staff = self._employed(self.today).filter(unit=here).exclude(person=head).select_related("person")
        done = [row.person for row in staff if row.person_id in self.valid_through][:8]
        if len(done) < 5:  # a short history has not come so far
            return
        *group, knows, leaves, wrong = done
        month = timedelta(days=30)
        for person, reason, first, last in [
            (knows, Exemption.Reason.KNOWS, self.today - 8 * month, self.today - 2 * month),
            (leaves, Exemption.Reason.LEAVES, self.today - month, self.today + month),
        ]:
            about = {"starts_on": first, "ends_on": last, "reason": reason, "decided_by": head}
            exempt(person=person, course=self.course, **about)
        day = self.today - 2 * month
        told = {"kind": Evidence.Kind.STUDY_VISIT, "organiser": "Kunskapscentrum i Norr", "hours": 3}
        told |= {"what": "Studiebesök om avhopparverksamhet", "first_day": day, "last_day": day}
        now = timezone.make_aware(datetime.combine(day, time(16)))
        visits = report(people=group, by=head, now=now, **told)
        about = {"by": coordinator, "now": now + timedelta(days=3)}
        keep_as_development(evidence=visits[0], **about)
        accept(evidence=visits[1], course=self.course, level=EvidenceLevel.ATTESTED, **about)
        completion = Completion.objects.upheld().filter(person=wrong).first()
        withdraw(
            completion=completion,
            reason="Registrerad på fel person.",
            by=coordinator,
            on=self.today - timedelta(days=5),
        )

    def _leaves(self, start: date, end: date) -> None:
        employed = list(self._employed(start).values_list("person", flat=True))
        for pk in self.chance.sample(employed, len(employed) // 80):
            first = start + timedelta(days=self.chance.randint(0, 80))
            last = first + timedelta(days=self.chance.randint(30, 400))
            reason = self.chance.choice([Leave.Reason.PARENTAL, Leave.Reason.PARENTAL, Leave.Reason.SICK])
            with suppress(Overlaps):  # is away already
                grant_leave(person=Person(pk=pk), starts_on=first, ends_on=last, reason=reason)

    def _employed(self, on: date):
        employments = Employment.objects.on(on).filter(unit__in=self.municipality.units, population=Population.EMPLOYEE)
        return employments.exclude(person__email="medarbetare@granforsa.example").order_by("person")

    def _learn(self, start: date, end: date) -> None:
        """Some of those who lack the course take it, some only begin, most renew what is about to expire."""
        if end < date(2022, 9, 1):
            return
        rows = self._employed(end).select_related("person", "unit")
        for employment in rows:
            person, code = employment.person, employment.unit.code
            eager = self._eagerness(code)
            through = self.valid_through.get(person.pk)
            if through is None:
                takes = self.chance.random() < PACE[end.year] * eager
            else:
                takes = through <= end + timedelta(days=60) and self.chance.random() < RENEWS * min(eager, 1.2)
            day = start + timedelta(days=self.chance.randint(0, (end - start).days))
            day = max(day, employment.starts_on)
            if takes:
                self._take(person, day)
            elif through is None and person.pk not in self.begun and self.chance.random() < BEGINS_ONLY:
                self._begin(person, day)

    def _eagerness(self, code: str) -> float:
        """Departments differ, and so do their units."""
        department = self.staff.units.get(code, ("",))[0]
        pace = self.eager.setdefault(department, self.chance.uniform(0.55, 1.45))
        return pace * self.eager.setdefault(code, self.chance.uniform(0.6, 1.4))

    def _begin(self, person: Person, day: date) -> None:
        """Take a lesson or three and stop."""
        self.begun.add(person.pk)
        for number, lesson in enumerate(self.lessons[: self.chance.randint(1, 3)]):
            now = _moment(day + timedelta(days=3 * number), self.chance)
            if now.date() <= self.today:
                finish_lesson(person=person, lesson=lesson, now=now)

    def _take(self, person: Person, day: date) -> None:
        """Take all lessons (the first time) and the check, a second time where the first did not suffice."""
        if person.pk not in self.valid_through:
            self.surveys.around(Wave.Stage.BEFORE, person, day - timedelta(days=3 * len(self.lessons)))
            for number, lesson in enumerate(self.lessons):
                lesson_day = day - timedelta(days=3 * (len(self.lessons) - number))
                finish_lesson(person=person, lesson=lesson, now=_moment(lesson_day, self.chance))
        if self.chance.random() < FAILS_FIRST:
            self._attempt(person, _moment(day, self.chance), slips=0.5)
        self._attempt(person, _moment(day, self.chance) + timedelta(hours=1), slips=0.06)
        self.surveys.around(Wave.Stage.AFTER, person, day)
        months = self.course.validity_months
        self.valid_through[person.pk] = day + timedelta(days=round(months * 30.44)) if months else date.max

    def _attempt(self, person: Person, now: datetime, *, slips: float, course: CoursePage | None = None) -> Attempt:
        course, seed = course or self.course, self.chance.getrandbits(32)
        attempt = begin_attempt(person=person, check=course.check_ref, subject_key=course.key, now=now, seed=seed)
        choices = {}
        for question in attempt.as_paper.questions:
            is_slip = not question.must_pass and self.chance.random() < slips
            choices[question] = self._wrong(question) if is_slip else question.key
        answer(attempt=attempt, choices=choices, now=now)
        return hand_in(attempt=attempt, now=now + timedelta(minutes=4))

    def _wrong(self, question: PaperQuestion) -> Collection:
        """Other options, or two things that have changed places."""
        if not question.places_things:
            return self.chance.sample([option.id for option in question.options if not option.correct], question.choose)
        pairs = [pair for pair in combinations(sorted(question.key), 2) if pair[0][1] != pair[1][1]]
        (one, here), (other, there) = pair = self.chance.choice(pairs)
        return question.key - {*pair} | {(one, there), (other, here)}


def _quarters(first: date, last: date) -> list[tuple[date, date]]:
    """The quarters from the first day on; the last one ends on the last day."""
    quarters, start = [], first
    while start <= last:
        following = (start + timedelta(days=95)).replace(day=1)
        quarters.append((start, min(following - timedelta(days=1), last)))
        start = following
    return quarters


def _moment(day: date, chance: random.Random) -> datetime:
    """A moment of the working day."""
    return timezone.make_aware(datetime.combine(day, time(chance.randint(7, 18), chance.randint(0, 59))))
