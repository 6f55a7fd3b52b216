"""What the schedule's mails say. Each is looked at again when it is sent: it goes only where it is still called for."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from types import SimpleNamespace

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from courses.models import LessonPage
from learning.access.authority import in_service
from learning.access.lesson_links import lesson_url
from learning.coverage.assignments import Assignment, of_person
from learning.coverage.models import Cause
from learning.delivery.kinds import LINK_WORKS, SAMPLE_ADDRESS, SAMPLE_COURSE, Mail, NotCalledFor, NotNow, composes
from learning.delivery.models import Message, Why
from learning.organisation.models import Appointment, OrgUnit
from learning.records.overview import Left, left_of, news_of
from learning.translations import in_language
from learning.words import fill

from . import heads, offers
from .hours import local
from .models import MailPlan
from .planner import CHECK, EDITION, LESSON, OFFER, REMINDER, RENEWAL

ASKED_OF_YOU = gettext_lazy("Your employer asks it of you. When it is done, the mails stop by themselves.")


def _day(day: date) -> str:
    return date_format(day, "j F Y")


@dataclass(frozen=True)
class Story:
    """What a mail to one who learns can tell: plain texts in its language, so that a sample needs nobody."""

    course: str
    why: str
    url: str
    lesson: str = ""
    objective: str = ""
    minutes: int = 3
    position: int = 1
    total: int = 1
    left: int = 0
    due_on: date | None = None
    news: str = ""
    is_again: bool = False
    is_late: bool = False

    @property
    def due(self) -> str:
        """By when, in words; nothing where there is no last day."""
        if self.due_on is None:
            return ""
        late = _("The last day was %(day)s, but it is not too late: what you do now counts from today.")
        words = late if self.is_late else _("To be done by %(day)s at the latest.")
        return words % {"day": _day(self.due_on)}

    @property
    def how(self) -> str:
        words = ngettext(
            "Lesson %(position)s of %(total)s in %(course)s. It takes %(minutes)d minute, and no password is needed.",
            "Lesson %(position)s of %(total)s in %(course)s. It takes %(minutes)d minutes, and no password is needed.",
            self.minutes,
        )
        return words % vars(self)

    def mail(self, subject: str, heading: str, *paragraphs: str, label: str, preheader: str = "") -> Mail:
        after = [one for one in (self.why, self.due) if one]
        shown = [one for one in paragraphs if one]
        context = {"heading": heading, "paragraphs": shown, "after": after, "url": self.url, "label": label}
        return Mail(subject, "letter", {**context, "preheader": preheader or shown[0]})


def _lesson(story: Story) -> Mail:
    minutes = ngettext("%(minutes)d minute", "%(minutes)d minutes", story.minutes) % {"minutes": story.minutes}
    words = _("Still here for you: %(lesson)s") if story.is_again else _("%(lesson)s – %(minutes)s")
    calm = _("You have not had the time yet, and that is fine. The lesson waits for you.") if story.is_again else ""
    subject = words % {"lesson": story.lesson, "minutes": minutes}
    return story.mail(subject, story.lesson, calm, story.objective, story.how, label=_("Begin the lesson"))


def _check(story: Story) -> Mail:
    words = {"course": story.course}
    return story.mail(
        _("Only the knowledge check is left: %(course)s") % words,
        _("You have taken all the lessons"),
        _("Well done! The knowledge check is all that is left of %(course)s. You can take it again if you need to.")
        % words,
        label=_("Go to the knowledge check"),
    )


def _renewal(story: Story) -> Mail:
    words = {"course": story.course, "day": _day(story.due_on) if story.due_on else ""}
    todo = ngettext(
        "To keep it, take the lesson that is left. It takes some three minutes.",
        "To keep it, take the %(left)d lessons that are left. Each takes some three minutes.",
        story.left,
    )
    check = _("To keep it, take the knowledge check again before then. Look at the lessons again first if you like.")
    return replace(story, due_on=None).mail(
        _("Soon to be renewed: %(course)s") % words,
        _("Time to renew what you know"),
        _("What you have completed of %(course)s counts through %(day)s.") % words,
        todo % {"left": story.left} if story.left else check,
        label=_("Renew"),
    )


def _edition(story: Story) -> Mail:
    words = {"course": story.course}
    return story.mail(
        _("New in %(course)s") % words,
        _("There is something new for you"),
        _("%(course)s has been renewed since you completed it. Only what is new is asked of you.") % words,
        story.news,
        label=_("See what is new"),
    )


def _offer(story: Story) -> Mail:
    return replace(story, why="").mail(
        _("An offer to you: %(course)s") % {"course": story.course},
        _("Would you like to know more?"),
        story.why,
        _("If you say yes, the lessons come by mail, three minutes at a time. If you do nothing, nothing comes."),
        label=_("Yes, please"),
    )


def _reminder(story: Story) -> Mail:
    words = {"course": story.course, "left": story.left}
    left = ngettext(
        "One lesson of some three minutes is left.",
        "%(left)d lessons are left, each of some three minutes. Take one at a time, when it suits you.",
        story.left,
    )
    check = _("The lessons are done. The knowledge check is all that is left.")
    return story.mail(
        _("A reminder: %(course)s") % words,
        _("A friendly reminder"),
        _("You are part of %(course)s.") % words,
        left % words if story.left else check,
        label=_("Go on where you are"),
    )


TELLS = {LESSON: _lesson, CHECK: _check, RENEWAL: _renewal, EDITION: _edition, OFFER: _offer, REMINDER: _reminder}
TITLES = {
    LESSON: gettext_lazy("Lessons"),
    CHECK: gettext_lazy("That the knowledge check is left"),
    RENEWAL: gettext_lazy("That something is to be renewed"),
    EDITION: gettext_lazy("What is new in courses that you have completed"),
    REMINDER: gettext_lazy("Reminders"),
    OFFER: gettext_lazy("Offers of courses"),
}
OFFERED = gettext_lazy("You get this mail because you are offered a course.")
ASKED = gettext_lazy("You get this mail because the course is asked of you, or because you have said yes to it.")


def _sample(kind: str) -> Mail:
    today = timezone.localdate()
    story = Story(
        course=SAMPLE_COURSE,
        why=_("All %(everyone)s are to have %(what)s.") % {"everyone": _("employees"), "what": "grundläggande kunskap"},
        url=SAMPLE_ADDRESS,
        lesson="Se oro utan att stämpla",
        objective="Du kan skilja oro från bevis.",
        position=3,
        total=8,
        left=0 if kind == RENEWAL else 5,
        due_on=None if kind == OFFER else today + timedelta(days=30),
        news="Två lektioner om nätet." if kind == EDITION else "",
    )
    return TELLS[kind](story)


def _compose(message: Message, now: datetime) -> Mail | None:
    plan_of(message, now)
    return told(message, now)


def told(message: Message, now: datetime) -> Mail | None:
    """What the message says on the day; None where what it was about is done. Raises NotCalledFor."""
    story = story_of(message, now)
    return story and TELLS[message.kind](story)


def story_of(message: Message, now: datetime) -> Story | None:
    """What there is to tell on the day; None where what it was about is done. Raises NotCalledFor."""
    kind, on = message.kind, local(now).date()
    assignment = _still_asked(message, on)
    left = left_of(assignment.course, [message.person_id], on=on, check=assignment.cause == Cause.RENEWAL)
    left = left[message.person_id]
    return _story(kind, message, assignment, left, on) if _is_called_for(kind, message, assignment, left) else None


def plan_of(message: Message, now: datetime) -> MailPlan:
    """The plan of the person's municipality, if it sends to them now. Raises NotCalledFor and NotNow."""
    plan = MailPlan.objects.filter(municipality=message.person.municipality_id).exclude(started_at=None).first()
    if plan is None:
        raise NotCalledFor(Why.SWITCHED_OFF)
    if message.person.is_protected:
        raise NotCalledFor(Why.PROTECTED)
    if not plan.hours.is_open(now):
        raise NotNow(next(plan.hours.slots(now), now + timedelta(days=1)))
    return plan


def _still_asked(message: Message, on: date) -> Assignment:
    """What the mail is about, if it is still asked of the person. Raises NotCalledFor."""
    asked = (one for one in of_person(message.person, on) if str(one.course.key) == message.about["course"])
    found = next(asked, None)
    if found is None:
        raise NotCalledFor(Why.NOT_ASKED)
    return found


def _is_called_for(kind: str, message: Message, assignment: Assignment, left: Left) -> bool:
    """Whether what it was about is still so: the lesson not taken, the check still left, the offer not accepted.

    Of what is offered nothing but the offer itself comes before a yes, and the offer not after it.
    """
    if assignment.is_offer and (kind == OFFER) == offers.has_accepted(message.person, assignment.requirement):
        return False
    if kind == LESSON:
        return message.about["what"] in {str(page.translation_key) for page in left.lessons}
    if kind == CHECK:
        return left.check and not left.lessons
    if kind == RENEWAL:
        return assignment.cause == Cause.RENEWAL
    if kind == EDITION:
        return assignment.cause == Cause.EDITION
    return True


def _story(kind: str, message: Message, assignment: Assignment, left: Left, on: date) -> Story:
    person, language = message.person, get_language()
    pages = list(assignment.course.lessons())
    page = _page(kind, message, left, pages)
    story = Story(
        course=in_language(assignment.course, language).title,
        why=assignment.why,
        url=_url(kind, message, assignment, page, on),
        total=len(pages),
        left=len(left.lessons),
        due_on=assignment.due_on,
        is_again=message.about["number"] > 1,
        is_late=bool(assignment.due_on and assignment.due_on < on),
    )
    if kind == EDITION:
        news = news_of(assignment.course, [person.pk], on=on).get(person.pk, [])
        story = replace(story, news=" ".join(one.note for one in news if one.note))
    if kind != LESSON or page is None:
        return story
    shown = in_language(page, language)
    return replace(
        story,
        lesson=shown.title,
        objective=fill(shown.objective, person.municipality),
        minutes=page.minutes,
        position=pages.index(page) + 1,
    )


def _page(kind: str, message: Message, left: Left, pages: list[LessonPage]) -> LessonPage | None:
    """The lesson that the mail leads to: its own, else the next that is left, else the last (and then its course)."""
    if kind == LESSON:
        return next(page for page in left.lessons if str(page.translation_key) == message.about["what"])
    return next(iter(left.lessons), pages[-1] if pages else None)


def _url(kind: str, message: Message, assignment: Assignment, page: LessonPage | None, on: date) -> str:
    if kind == OFFER:
        return offers.offer_url(message.person, assignment.requirement)
    if page is None:
        return assignment.course.full_url
    return lesson_url(message.person, page, through=max(on, assignment.due_on or on) + LINK_WORKS)


def register() -> None:
    """Let the mails to those who learn be known."""
    for kind in TELLS:
        composes(
            kind,
            title=TITLES[kind],
            why=OFFERED if kind == OFFER else ASKED,
            sample=partial(_sample, kind),
            required="" if kind == OFFER else ASKED_OF_YOU,
        )(_compose)


def _unit_of(message: Message, now: datetime) -> OrgUnit:
    """The unit of a mail to its head, if the person still heads it. Raises NotCalledFor and NotNow."""
    plan_of(message, now)
    own = in_service(local(now).date()).filter(person=message.person, function=Appointment.Function.HEAD)
    appointment = own.filter(unit=message.about["unit"]).select_related("unit").first()
    if appointment is None:
        raise NotCalledFor(Why.NOT_ASKED)
    return appointment.unit


def _unit_url(message: Message, unit: OrgUnit, query: str = "") -> str:
    return message.person.municipality.address_of("reporting:unit", unit.pk) + query


@composes(
    heads.DIGEST,
    title=gettext_lazy("The month in numbers, for heads"),
    why=gettext_lazy("You get this mail once a month because you are head of a unit."),
    sample=lambda: _digest(
        "Hemtjänst Norr",
        SAMPLE_ADDRESS,
        SimpleNamespace(counted=42, competent=31, lacking=11, overdue=4),
    ),
)
def compose_digest(message: Message, now: datetime) -> Mail | None:
    """The three numbers of the day on which it is sent."""
    unit = _unit_of(message, now)
    numbers = heads.numbers_of(unit, message.person.municipality, local(now).date())
    return numbers and _digest(unit.name, _unit_url(message, unit, f"?mal={numbers.goal.pk}"), numbers)


def _digest(unit: str, url: str, numbers) -> Mail:
    words = {"unit": unit, "done": numbers.competent, "all": numbers.counted}
    lacking = ngettext(
        "%(number)d person still needs the course.", "%(number)d people still need the course.", numbers.lacking
    )
    overdue = ngettext(
        "For %(number)d of them the last day has passed.",
        "For %(number)d of them the last day has passed.",
        numbers.overdue,
    )
    paragraphs = [
        _("%(done)d of %(all)d have completed the course.") % words,
        lacking % {"number": numbers.lacking},
        overdue % {"number": numbers.overdue},
    ]
    context = {
        "heading": unit,
        "preheader": paragraphs[0],
        "paragraphs": paragraphs,
        "url": url,
        "label": _("See your unit"),
        "after": [_("There you can remind those who need it. No names are sent by mail.")],
    }
    return Mail(_("%(unit)s: %(done)d of %(all)d have completed the course") % words, "letter", context)


@composes(
    heads.ESCALATION,
    title=gettext_lazy("That people in your unit are overdue, for heads"),
    why=gettext_lazy("You get this mail because you are head of the unit."),
    required=gettext_lazy("Whoever is head answers for the unit."),
    sample=lambda: _escalation("Hemtjänst Norr", SAMPLE_ADDRESS, 4, 30),
)
def compose_escalation(message: Message, now: datetime) -> Mail | None:
    """How many they are on the day on which it is sent; none, and it is not sent."""
    unit, about = _unit_of(message, now), message.about
    number = heads.overdue_of(
        unit, message.person.municipality, local(now).date(), more_than=about["days"], whole=about["whole"]
    )
    return _escalation(unit.name, _unit_url(message, unit), number, about["days"]) if number else None


def _escalation(unit: str, url: str, number: int, days: int) -> Mail:
    words = {"unit": unit, "number": number, "days": days}
    sentence = ngettext(
        "%(number)d person in %(unit)s has something left whose last day passed more than %(days)d days ago.",
        "%(number)d people in %(unit)s have something left whose last day passed more than %(days)d days ago.",
        number,
    )
    context = {
        "heading": _("They may need your help to find the time"),
        "preheader": sentence % words,
        "paragraphs": [
            sentence % words,
            _("Three minutes at a time are enough: at a staff meeting, together, or in a quiet moment at work."),
        ],
        "url": url,
        "label": _("See your unit"),
        "after": [_("On the page you see who it is, and can remind them. No names are sent by mail.")],
    }
    subject = ngettext("%(unit)s: %(number)d person is overdue", "%(unit)s: %(number)d people are overdue", number)
    return Mail(subject % words, "letter", context)
