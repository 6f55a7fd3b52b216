"""The walk of all routes: each has a rule, and each role meets exactly what the rule says."""

import re
import runpy
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from importlib.util import find_spec
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.http import HttpResponse
from django.test import Client
from django.urls import NoReverseMatch, include, path, reverse
from wagtail.models import Page

from courses.models import LessonPage
from courses.recordings import FOLDER
from learning.access.authority import Action
from learning.access.lesson_links import lesson_url
from learning.access.rules import PUBLIC, SIGNED_IN, public
from learning.coverage.services import freeze
from learning.delivery import unsubscribing
from learning.delivery.models import Message
from learning.delivery.schedule import offers
from learning.organisation.hr.services import receive
from learning.organisation.models import (
    Appointment,
    Employment,
    Leave,
    Municipality,
    Person,
    Population,
    Reorganisation,
)
from learning.organisation.services import grant_leave
from learning.records.evidence import report
from learning.records.exemptions import exempt
from learning.records.models import Completion
from learning.records.together import start_session
from learning.reporting.models import YearlyReport
from learning.reporting.releases import open_figures
from learning.reporting.yearly import begin
from learning.spreadsheets import ENDINGS
from learning.surveys.services import load_survey, open_wave, read_survey
from tests.access.routes import Route, routes
from tests.factories import (
    make_course,
    make_goal,
    make_head,
    make_municipality,
    make_person,
    make_recording,
    make_report,
    make_requirement,
    make_unit,
    moment,
    take_check,
)

TODAY = date(2025, 3, 3)
ADMIN = "only those who may write, and superusers"
BY_NAME = "a rule of its own, tested by name"

# What others made: the beginning of the path, and who may reach it.
THIRD_PARTY = {
    "admin/": ADMIN,
    "dokument/": BY_NAME,
    "sprak/setlang/": BY_NAME,
    "_util/authenticate_with_password/": BY_NAME,
    "_util/login/": BY_NAME,
    "^((?:[\\w\\-]+/)*)$": BY_NAME,
}
# In the admin, and ours all the same.
OURS_IN_ADMIN = "admin/register/"
# In the admin, but for those who are not in yet: what leads to our sign-in, what is closed, and what tells nothing.
RESETS = {
    "wagtailadmin_password_reset": {},
    "wagtailadmin_password_reset_done": {},
    "wagtailadmin_password_reset_confirm": {"uidb64": "MQ", "token": "set-password"},
    "wagtailadmin_password_reset_complete": {},
}
OPEN_ADMIN = {"wagtailadmin_login", *RESETS, "wagtailadmin_javascript_catalog", "wagtailadmin_sprite"}
# Which kind of thing stands in the address, for the routes of ours that have one.
THINGS = {
    "access:link": {"token": "token"},
    "records:lesson_link": {"token": "token"},
    "courses:recording_file": {"name": "recording"},
    "delivery:offer": {"token": "offer"},
    "delivery:remind": {"pk": "unit", "requirement": "requirement"},
    "delivery:unsubscribe": {"token": "unsubscribe"},
    "home:plan_by_key": {"key": "plan"},
    "mailings:again": {"pk": "message"},
    "mailings:confirm": {"uuid": "person"},
    "mailings:first": {"uuid": "person"},
    "mailings:texts": {"ending": "ending"},
    "picture": {"path": "picture"},
    **{f"home:release{form}": {"on": "release"} for form in ("", "_json", "_csv")},
    "records:check": {"pk": "course"},
    "records:measure": {"pk": "course"},
    "records:check_question": {"pk": "attempt", "position": "position"},
    "records:check_result": {"pk": "attempt"},
    **{f"records:proof{form}": {"uuid": "completion"} for form in ("", "_pdf", "_jwt", "_svg")},
    "records:proof_check": {"uuid": "proof"},
    "records:decisions": {"uuid": "decided on"},
    "records:end_exemption": {"pk": "exemption"},
    "records:unit_evidence": {"pk": "unit"},
    "records:decide_evidence": {"uuid": "evidence"},
    "records:evidence_file": {"uuid": "evidence"},
    "withdraw_completion": {"uuid": "recorded"},
    **{f"records:together_{part}": {"code": "led"} for part in ("card", "code", "people", "end")},
    "records:attend": {"code": "attended"},
    **{f"register:{name}": {"pk": "file"} for name in ("import", "columns", "refused", "open_units", "confirm")},
    **{f"register:{name}": {"pk": "file"} for name in ("discard", "undo")},
    "register:end_appointment": {"pk": "appointment"},
    "register:unit": {"pk": "unit"},
    "register:correct_unit": {"pk": "unit"},
    "register:reorganise": {"pk": "unit", "act": "act"},
    "register:undo_reorganisation": {"pk": "change"},
    **{
        f"register:{name}": {"uuid": "person"}
        for name in ("person", "update_person", "employ", "grant_leave", "stop_links")
    },
    **{f"register:{act}_employment": {"pk": "employment"} for act in ("move", "end", "correct", "withdraw")},
    **{f"register:{act}_leave": {"pk": "leave"} for act in ("end", "correct", "withdraw")},
    "surveys:answer": {"pk": "wave"},
    "surveys:pulse": {"pk": "asked again"},
    **{f"surveys:{name}": {"pk": "survey"} for name in ("results", "results_csv", "texts", "open_wave")},
    "surveys:close_wave": {"pk": "needs_wave"},
    "reporting:report": {"pk": "report"},
    "reporting:report_json": {"pk": "report"},
    "reporting:unit": {"pk": "unit"},
    "reporting:outcome": {"pk": "unit"},
    "reporting:outcome_json": {"pk": "outcome"},
    "reporting:measures": {"pk": "unit"},
    **{f"reporting:{what}_{ending}": {"pk": "unit"} for what in ("unit", "people", "measures") for ending in ENDINGS},
}
HERE = {"root", "department", "unit", "beside", "far"}

# What those may do who answer for a unit.
ANSWERS = [Action.SEE_PEOPLE, Action.SEE_FIGURES, Action.LEAD]
HEADS = [*ANSWERS, Action.DECIDE]
COORDINATES = [*HEADS, Action.KEEP_REGISTER, Action.SEE_SURVEYS, Action.KEEP_SURVEYS, Action.PUBLISH, Action.WRITE]

# A coordinator and superuser who came by a lesson link: nothing of what they are goes with it.
BY_LINK = "by lesson link"
OPEN_BY_LINK = {
    "courses:recording_file",
    "records:check",
    "records:check_question",
    "records:check_result",
    "records:lesson_link",
    "records:measure",
    "records:practice",
    "records:proof",
    "records:proof_jwt",
    "records:proof_pdf",
    "records:proof_svg",
    "records:search",
    "surveys:answer",
    "surveys:pulse",
    "^((?:[\\w\\-]+/)*)$",  # lessons and courses; of other pages, those that are public
}

# Role → action → the units in which it may be done.
REACH = {
    "anonymous": {},
    BY_LINK: {},
    "employee": {},
    "elected": {},
    "head": {action: {"unit"} for action in HEADS},
    "head elsewhere": {action: {"far"} for action in HEADS},
    "deputy": {action: {"unit"} for action in HEADS},
    "department_coordinator": {action: {"department", "unit", "beside"} for action in ANSWERS},
    "editor": {Action.WRITE: HERE},
    "coordinator": dict.fromkeys(COORDINATES, HERE),
    "board_reader": {Action.SEE_FIGURES: HERE, Action.SEE_SURVEYS: HERE},
    "foreign coordinator": {action: {"foreign"} for action in COORDINATES},
}


def of_ours(urlpatterns: list | None = None) -> list[Route]:
    """The routes that no prefix in the table of third parties covers."""
    return [route for route in routes(urlpatterns) if not _prefix(route)]


def _prefix(route: Route) -> str | None:
    if route.path.startswith(OURS_IN_ADMIN):
        return None
    return next((prefix for prefix in THIRD_PARTY if route.path.startswith(prefix)), None)


def without_a_rule(urlpatterns: list | None = None) -> list[str]:
    """The routes of ours whose views do not say who may reach them."""
    rules = {PUBLIC, SIGNED_IN, *Action}
    return [str(route) for route in of_ours(urlpatterns) if route.rule not in rules]


def demonstration() -> list:
    """The patterns as they are where DEMO is on."""
    return runpy.run_path(find_spec("learning.urls").origin)["urlpatterns"]


@pytest.fixture(autouse=True)
def _on_a_day(time_machine):
    time_machine.move_to(moment(TODAY), tick=False)


def test_every_route_has_a_rule():
    assert without_a_rule() == []


def test_every_route_of_the_demonstration_has_a_rule(settings):
    settings.DEMO = settings.DEBUG = True
    assert "components" in {route.name for route in routes(demonstration())}
    assert without_a_rule(demonstration()) == []


def test_a_view_without_a_rule_fails_the_walk():
    def unruled(request):
        return HttpResponse("öppet")

    patterns = [
        path("oppen/", public(lambda request: None), name="open"),
        path("", include(([path("glomd/", unruled, name="forgotten")], "room"))),
    ]
    assert without_a_rule(patterns) == ["room:forgotten"]


def test_a_view_of_ours_does_not_hide_behind_the_table_of_third_parties():
    names = [route.name for route in routes() if route.rule and _prefix(route)]
    assert names == []


def test_each_line_of_the_tables_is_in_use(settings):
    settings.DEMO = settings.DEBUG = True
    walked = routes(demonstration())
    assert [prefix for prefix in THIRD_PARTY if not any(route.path.startswith(prefix) for route in walked)] == []
    assert (OPEN_ADMIN | set(THINGS)) - {route.name for route in walked} == set()


@dataclass
class World:
    """A municipality with everything in it, somebody of every role, and another municipality beside."""

    municipality: Municipality = field(default_factory=make_municipality)

    def __post_init__(self):
        foreign = make_municipality("Annan")
        department = make_unit(self.municipality)
        self.units = {
            "root": self.municipality.root,
            "department": department,
            "unit": make_unit(department),
            "beside": make_unit(department),
            "far": make_unit(make_unit(self.municipality)),
            "foreign": make_unit(foreign),
        }
        self.courses = {place: make_course(place, slug=f"kurs-{place.pk}") for place in (self.municipality, foreign)}
        yesterday = TODAY - timedelta(days=1)
        self.goals = {place: make_goal(course, place, due_on=yesterday) for place, course in self.courses.items()}
        self.outcomes = [freeze(goal=goal, now=moment(TODAY)) for goal in self.goals.values()]
        course = self.courses[self.municipality]
        self.offer = make_requirement(course, self.municipality, {"population": "elected"}, obligation="offer")
        self.files = {
            place: receive(
                municipality=place, filename="hr.csv", content=b"Anst.nr;Namn;Enhet\n1;Kim Ek;Norr", on=TODAY
            )
            for place in (self.municipality, foreign)
        }
        self.surveys = {
            place: load_survey(municipality=place, source=read_survey("behov"), on=TODAY)
            for place in (self.municipality, foreign)
        }
        for survey in self.surveys.values():
            open_wave(survey=survey, starts_on=TODAY, ends_on=TODAY, by=None, on=TODAY)
        self.recorded = {place: make_recording(place).file for place in (self.municipality, foreign)}
        self.picture = default_storage.save("images/prov.png", ContentFile(b"bild"))
        self.people = self._people()
        for role in ("employee", "foreign coordinator"):
            grant_leave(person=self.people[role], starts_on=TODAY, ends_on=None, reason="studies")
        self.attempts, self.completions = {}, {}
        for role, person in self.people.items():
            course = self.courses[person.municipality]
            # Some weeks after, questions of the course come back.
            day = TODAY - timedelta(days=40) if role == "elected" else TODAY
            self.attempts[role] = take_check(person, course, day)
            self.completions[role] = Completion.objects.get(person=person)
        course, decider = self.courses[self.municipality], self.people["coordinator"]
        self.releases = open_figures(municipality=self.municipality, by=decider, now=moment(TODAY))
        self.reports = {place: self._report(place) for place in self.courses}
        about = {"starts_on": TODAY, "ends_on": None, "reason": "leaves", "decided_by": decider}
        told = {"kind": "course", "what": "Kurs", "organiser": "Skolan", "first_day": TODAY, "last_day": TODAY}
        self.exemptions, self.evidence = {}, {}
        for name in ("employee", "head elsewhere", "foreign coordinator"):
            person = self.people[name]
            self.exemptions[name] = exempt(person=person, course=course, **about)
            about_it = {"people": [person], "by": person, "now": moment(TODAY), "content": b"%PDF-1.7"}
            (self.evidence[name],) = report(**about_it, **told)
        self.sessions = {
            role: start_session(
                leader=self.people[role],
                unit=self.units[unit],
                lesson=self.courses[self.people[role].municipality].lessons().first(),
                now=moment(TODAY),
            )
            for role, unit in {"head": "unit", "coordinator": "far", "foreign coordinator": "foreign"}.items()
        }

    def _report(self, place: Municipality) -> YearlyReport:
        """A report that is fixed, and the draft of the next one."""
        coordinator, now = self.people["coordinator"], moment(TODAY)
        report = make_report(place, coordinator, now)
        begin(municipality=place, on=report.on, by=coordinator, now=now)
        return report

    def _people(self) -> dict[str, Person]:
        units = self.units
        functions = ["deputy", "editor", "coordinator", "board_reader"]
        people = {function: make_head(units["unit"], function) for function in functions}
        return people | {
            "employee": make_person(units["unit"]),
            "elected": make_person(units["beside"], population=Population.ELECTED),
            "head": make_head(units["unit"]),
            "head elsewhere": make_head(units["far"]),
            BY_LINK: make_head(units["unit"], "coordinator", is_staff=True, is_superuser=True),
            "department_coordinator": make_head(units["department"], "department_coordinator"),
            "foreign coordinator": make_head(units["foreign"], "coordinator"),
        }

    def decides(self, role: str, name: str) -> bool:
        """Whether the role decides in matters of the person: for its units, and never for itself."""
        where = {"employee": "unit", "head elsewhere": "far", "foreign coordinator": "foreign"}[name]
        return role != name and where in REACH[role].get(Action.DECIDE, set())

    def client(self, role: str) -> Client:
        client = Client()
        if role == BY_LINK:
            client.post(lesson_url(self.people[role], self.lesson, through=TODAY))
        elif role in self.people:
            client.force_login(self.people[role])
        return client

    @property
    def lesson(self) -> LessonPage:
        return self.courses[self.municipality].lessons().first()

    def things(self, kind: str, role: str, action: str) -> list[tuple]:
        """Things of the kind: what stands in the address, and whether it is there for the role."""
        match kind:
            case "unit":
                reach = REACH[role].get(action, set())
                return [(unit.pk, name in reach) for name, unit in self.units.items()]
            case "course":
                own = getattr(self.people.get(role), "municipality", None)
                return [(course.pk, place == own) for place, course in self.courses.items()]
            case "file":
                own = getattr(self.people.get(role), "municipality", None)
                return [(file.pk, place == own) for place, file in self.files.items()]
            case "appointment":
                own = getattr(self.people.get(role), "municipality", None)
                found = Appointment.objects.select_related("person__municipality").order_by("pk")
                return one_of_each((row.pk, row.person.municipality == own) for row in found)
            case "change":
                own = getattr(self.people.get(role), "municipality", None)
                return one_of_each((row.pk, row.municipality == own) for row in Reorganisation.objects.all())
            case "act":
                return [("oppna", True)]
            case "person":
                own = getattr(self.people.get(role), "municipality", None)
                return one_of_each((person.uuid, person.municipality == own) for person in self.people.values())
            case "employment" | "leave":
                own = getattr(self.people.get(role), "municipality", None)
                model = {"employment": Employment, "leave": Leave}[kind]
                found = model.objects.select_related("person__municipality").order_by("pk")
                return one_of_each((row.pk, row.person.municipality == own) for row in found)
            case "attempt":
                return [(attempt.pk, owner == role) for owner, attempt in self.attempts.items()]
            case "proof":  # whose site is asked; who asks is nobody's business
                return one_of_each(
                    (c.uuid, c.person.municipality == self.municipality) for c in self.completions.values()
                )
            case "recorded":
                own = getattr(self.people.get(role), "municipality", None)
                return one_of_each((c.uuid, c.person.municipality == own) for c in self.completions.values())
            case "decided on":
                return [(self.people[name].uuid, self.decides(role, name)) for name in ("employee", "head elsewhere")]
            case "exemption":
                return [(one.pk, self.decides(role, name)) for name, one in self.exemptions.items()]
            case "evidence":
                own = action == SIGNED_IN
                return [(e.uuid, self.decides(role, n) or (own and n == role)) for n, e in self.evidence.items()]
            case "completion":
                return [(completion.uuid, owner == role) for owner, completion in self.completions.items()]
            case "recording":
                own = getattr(self.people.get(role), "municipality", None)
                return [(file.name.removeprefix(FOLDER), place == own) for place, file in self.recorded.items()]
            case "picture":
                return [(self.picture.removeprefix("images/"), True)]
            case "led":
                return [(session.code, leader == role) for leader, session in self.sessions.items()]
            case "attended":  # whoever is not signed in is told nothing of any code
                own = None if role == BY_LINK else getattr(self.people.get(role), "municipality", None)
                sessions = self.sessions.values()
                return [(one.code, own in (None, one.leader.municipality)) for one in sessions]
            case "survey":
                own = getattr(self.people.get(role), "municipality", None)
                return [(survey.pk, place == own) for place, survey in self.surveys.items()]
            case "wave":  # asks the elected officials of its municipality, and nobody else
                own = self.municipality if role == "elected" else None
                return [(survey.waves.get().pk, place == own) for place, survey in self.surveys.items()]
            case "asked again":
                own = self.municipality if role == "elected" else None
                return [(course.pk, place == own) for place, course in self.courses.items()]
            case "needs_wave":
                own = getattr(self.people.get(role), "municipality", None)
                return [(survey.waves.get().pk, place == own) for place, survey in self.surveys.items()]
            case "position":
                return [(1, True)]
            case "message":  # that the proof is ready
                own = getattr(self.people.get(role), "municipality", None)
                found = Message.objects.select_related("person__municipality").order_by("pk")
                return one_of_each((row.pk, row.person.municipality == own) for row in found)
            case "requirement":
                own = getattr(self.people.get(role), "municipality", None)
                return [(goal.requirement_id, place == own) for place, goal in self.goals.items()]
            case "plan":
                return [(self.goals[self.municipality].area.plan.key, True)]
            case "ending":
                return [("csv", True)]
            case "release":  # of the municipality whose site is asked
                return [(self.releases[0].on, True)]
            case "report":
                own = getattr(self.people.get(role), "municipality", None)
                return [(report.pk, place == own) for place, report in self.reports.items()]
            case "outcome":  # of the whole municipality
                reach = REACH[role].get(action, set())
                whole = {self.municipality: "root"}
                return [(one.pk, whole.get(one.municipality, "foreign") in reach) for one in self.outcomes]
            case "offer":
                return [(offers.token(self.people["elected"], self.offer), True)]
            case "unsubscribe":
                return [(unsubscribing.token(self.people["employee"], "completed"), True)]
            case "token":
                return [("en-nyckel", True)]


def one_of_each(things: Iterable[tuple]) -> list[tuple]:
    """One thing that is there, and one that is not: more would only be more of the same."""
    return list({there: (thing, there) for thing, there in things}.values())


NOBODYS = {
    "recording": f"{uuid4()}.mp3",
    "picture": "finns-inte.png",
    "unit": 10**9,
    "file": 10**9,
    "appointment": 10**9,
    "change": 10**9,
    "act": "oppna",
    "person": uuid4(),
    "employment": 10**9,
    "leave": 10**9,
    "course": 10**9,
    "attempt": 10**9,
    "completion": uuid4(),
    "proof": uuid4(),
    "recorded": uuid4(),
    "decided on": uuid4(),
    "exemption": 10**9,
    "evidence": uuid4(),
    "led": "ABCDEF",
    "attended": "ABCDEF",
    "unsubscribe": "en-nyckel",
    "offer": "en-nyckel",
    "release": date(2001, 1, 1),
    "report": 10**9,
    "outcome": 10**9,
    "requirement": 10**9,
    "ending": "csv",
    "plan": "finns-inte",
    "message": 10**9,
    "position": 1,
    "asked again": 10**9,
    "survey": 10**9,
    "wave": 10**9,
    "needs_wave": 10**9,
}


@pytest.fixture
def world(db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return World()


def addresses(route: Route, world: World, role: str) -> list[tuple[str, bool]]:
    """The addresses of the route with everything that may stand in them, and whether each is there for the role."""
    kinds = THINGS.get(route.name, {})
    unknown = set(route.kwargs) - set(kinds)
    if unknown:
        pytest.fail(f"{route} takes {', '.join(sorted(unknown))}: say in THINGS what kind of thing that is.")
    filled = [({}, True)]
    for name, kind in kinds.items():
        things = world.things(kind, role, route.rule)
        filled = [({**kwargs, name: value}, there and own) for kwargs, there in filled for value, own in things]
    return [(reverse(route.name, kwargs=kwargs), there) for kwargs, there in filled]


def nowhere(route: Route) -> str:
    """An address like the route's, for a thing that does not exist; another page where it takes no thing."""
    kinds = THINGS.get(route.name)
    if not kinds:
        return "/finns-inte/"
    return reverse(route.name, kwargs={name: NOBODYS[kind] for name, kind in kinds.items()})


def answer(client: Client, url: str) -> tuple[int, str]:
    """The answer without what differs by nature: the address, its place in the menu, the tokens against forgery."""
    response = client.get(url)
    html = re.sub(r'name="csrfmiddlewaretoken" value="\w+"|aria-current="\w+"', "", response.content.decode())
    return response.status_code, html.replace(f'"{url}"', "")


def is_to_sign_in(response) -> bool:
    return response.status_code == 302 and response.url.startswith("/logga-in/?next=")


def check(route: Route, url: str, client: Client, role: str, is_there: bool) -> str:
    """What is wrong with the answer to the role, or nothing."""
    response = client.get(url)
    if route.rule != PUBLIC and (role == "anonymous" or (role == BY_LINK and not route.is_open_by_link)):
        return "" if is_to_sign_in(response) else f"answers {response.status_code} instead of asking to sign in"
    may = route.rule in (PUBLIC, SIGNED_IN) or route.rule in REACH[role]
    if may and is_there:
        ok = response.status_code in (200, 302, 400, 405) and not is_to_sign_in(response)
        return "" if ok else f"answers {response.status_code} to one who may"
    if response.status_code not in (404, 405) or answer(client, url) != answer(client, nowhere(route)):
        return f"answers {response.status_code} otherwise than for what does not exist"
    posted = client.post(url).status_code
    return "" if posted in (404, 405) else f"answers {posted} to a POST of one who may not"


# Who differs from these by a unit or an action alone is walked with what takes longer.
FIRST = {"anonymous", BY_LINK, "employee", "head", "coordinator", "foreign coordinator"}


@pytest.mark.parametrize(
    "role", [role if role in FIRST else pytest.param(role, marks=pytest.mark.long) for role in REACH]
)
def test_each_role_meets_what_the_rules_say(world, role):
    wrong, client = [], world.client(role)
    for route in of_ours():
        for url, is_there in addresses(route, world, role):
            problem = check(route, url, client, role, is_there)
            wrong += [f"{route} ({url}) {problem}"] if problem else []
    assert wrong == []


def test_a_lesson_link_opens_what_learning_needs_and_nothing_else():
    assert {str(route) for route in routes() if route.is_open_by_link} == OPEN_BY_LINK


def test_a_route_with_an_unknown_thing_in_its_address_fails_the_walk(world):
    route = Route("x/<int:who>/", "room:new", ("who",), public(lambda request, who: None))
    with pytest.raises(pytest.fail.Exception, match="room:new takes who"):
        addresses(route, world, "head")


def test_a_view_that_forgets_whose_the_object_is_fails_the_walk(world):
    route = next(route for route in of_ours() if route.name == "reporting:unit")
    careless = SimpleNamespace(
        get=lambda url: HttpResponse(status=404 if url == nowhere(route) else 200),
        post=lambda url: HttpResponse(status=200),
    )
    url = reverse(route.name, args=[world.units["far"].pk])
    assert "answers 200" in check(route, url, careless, "head", False)
    assert "answers 200" in check(route, url, careless, "anonymous", False)
    absent = SimpleNamespace(get=lambda url: HttpResponse(status=404), post=careless.post)
    assert "POST" in check(route, url, absent, "head", False)


def test_what_belongs_to_others_is_not_there_for_superusers_either(world):
    """Administration is no reason to read another's answers or proofs."""
    client = Client()
    client.force_login(Person.objects.create_superuser("rot@example.org", "x"))
    for name, thing in {"records:check_result": world.attempts["head"].pk, "records:proof": None}.items():
        assert client.get(reverse(name, args=[thing or world.completions["head"].uuid])).status_code == 404


@pytest.mark.parametrize("role", REACH)
def test_lessons_and_courses_are_for_those_of_the_municipality(world, role):
    client = world.client(role)
    for place, course in world.courses.items():
        own = role in world.people and world.people[role].municipality == place
        for page in (course, course.lessons().first(), course.get_parent()):
            site = page.get_site()
            response = client.get(page.relative_url(site), headers={"host": site.hostname})
            if role == "anonymous":
                assert is_to_sign_in(response)
            else:
                assert response.status_code == (200 if own else 404), f"{role}: {page}"


def test_a_draft_is_not_served_to_anyone(world):
    course = world.courses[world.municipality]
    Page.objects.filter(pk=course.pk).update(live=False)
    assert world.client("coordinator").get(course.relative_url(course.get_site())).status_code == 404


DUMMIES = {"revision_id_a": "live", "revision_id_b": "live", "filter_spec": "original"}


def admin_addresses() -> list[tuple[str, str]]:
    """Each address of the admin with something in it, and its name."""
    found = []
    for route in routes():
        if _prefix(route) == "admin/" and route.is_named and route.name not in OPEN_ADMIN:
            found.append((route.name, reverse(route.name, kwargs={k: DUMMIES.get(k, 1) for k in route.kwargs})))
    return found


def reaches_admin(client: Client, url: str) -> bool:
    """Whether the address answers with more than the way to sign in, or a refusal."""
    response = client.get(url)
    return not (response.status_code == 403 or (response.status_code == 302 and "/logga-in/" in response.url))


@pytest.mark.parametrize("role", [role for role, reach in REACH.items() if Action.WRITE not in reach])
def test_no_address_of_the_admin_opens_to_those_who_do_not_write(world, role):
    client = world.client(role)
    found = admin_addresses()
    assert len(found) > 200
    assert [name for name, url in found if reaches_admin(client, url)] == []


@pytest.mark.parametrize("role", ["editor", "coordinator", "foreign coordinator"])
def test_the_admin_opens_to_those_who_write(world, role):
    assert reaches_admin(world.client(role), reverse("wagtailadmin_home"))


@pytest.mark.parametrize(
    "name", ["users:index", "groups:index", "sites:index", "redirects:index", "workflows:index", "collections:index"]
)
def test_editors_and_coordinators_administer_neither_people_nor_sites(world, name):
    prefix = {"users": "wagtailusers_users", "groups": "wagtailusers_groups", "workflows": "wagtailadmin_workflows"}
    prefix |= {"collections": "wagtailadmin_collections"}
    room, _, view = name.partition(":")
    url = reverse(f"{prefix.get(room, f'wagtail{room}')}:{view}")
    for role in ("editor", "coordinator"):
        response = world.client(role).get(url)
        assert (response.status_code, response.url) == (302, "/admin/")


def test_a_superuser_reaches_the_admin_without_an_appointment(db):
    client = Client()
    client.force_login(Person.objects.create_superuser("rot@example.org", "x"))
    assert client.get(reverse("wagtailadmin_home")).status_code == 200


def test_what_is_open_in_the_admin_tells_nothing(client, world):
    for name in OPEN_ADMIN - {"wagtailadmin_login", *RESETS}:
        assert "@example.org" not in client.get(reverse(name)).content.decode()


@pytest.mark.parametrize("name", RESETS)
def test_no_password_is_set_by_mail(client, db, name):
    url = reverse(name, kwargs=RESETS[name])
    assert client.get(url).status_code == 404
    assert client.post(url, {"email": "kim@example.org"}).status_code == 404


def test_the_language_is_chosen_with_a_post_and_leads_to_no_other_host(client, db):
    response = client.post(reverse("set_language"), {"language": "en", "next": "https://ond.example/"})
    assert "ond.example" not in response.url
    assert client.cookies["django_language"].value == "en"


def test_a_document_that_does_not_exist_is_not_there(client, db):
    assert client.get(reverse("wagtaildocs_serve", args=[1, "x.pdf"])).status_code == 404


def test_a_shared_password_opens_neither_pages_nor_documents(client, db):
    for name, args in {"wagtailcore_authenticate_with_password": [1, 1]}.items():
        assert client.post(reverse(name, args=args), {"password": "x"}).status_code == 404


@pytest.mark.parametrize("name", ["wagtailadmin_login", "wagtailcore_login"])
def test_wagtails_own_sign_in_leads_to_ours(client, db, name):
    Person.objects.create_superuser("rot@example.org", "ett-lösenord")
    typed = {"username": "rot@example.org", "password": "ett-lösenord"}
    for response in (client.get(f"{reverse(name)}?next=/admin/pages/"), client.post(reverse(name), typed)):
        assert (response.status_code, response.url.partition("?")[0]) == (302, reverse("access:sign_in"))
    assert "_auth_user_id" not in client.session
    assert client.get(f"{reverse(name)}?next=/admin/pages/").url == "/logga-in/?next=/admin/pages/"


def test_there_is_no_api_of_content_and_no_admin_of_djangos(client, db):
    for url in ("/api/v2/pages/", "/api/v3/pages/", "/api/", "/django-admin/"):
        assert client.get(url).status_code == 404
    with pytest.raises(NoReverseMatch):
        reverse("admin:index")


def test_pictures_are_there_for_all_and_other_uploads_are_not(client, db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    for name in ("images/a.png", "documents/a.pdf", "inspelningar/a.mp3", "a.txt"):
        default_storage.save(name, ContentFile(b"x"))
    response = client.get("/media/images/a.png")
    assert (response.status_code, response["Content-Type"]) == (200, "image/png")
    assert response["X-Content-Type-Options"] == "nosniff"
    for other in (
        "documents/a.pdf",
        "inspelningar/a.mp3",
        "a.txt",
        "images/",
        "images/../a.txt",
        "images/%2e%2e/a.txt",
    ):
        assert client.get(f"/media/{other}").status_code in (400, 404)
