"""What waits for those who write: drafts, texts to read, what is due for review, what cannot be published."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.text import Truncator
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from wagtail.models import Page
from wagtail.permissions import policy_registry

from learning.translated import Translated
from learning.translations import State, languages, state
from quizzes.analysis import Verdict, to_mend
from quizzes.models import KnowledgeCheck, Question

from .authoring import Finding, read_all, stops
from .models import ColleagueTask, CoursePage, FactSnippet, LessonPage, Recording, Route

DUE_WITHIN = timedelta(days=60)
MOST_QUESTIONS = 5


def writable(user, model=Page):
    """The pages of the kind that the user may write."""
    pages = policy_registry.get_by_type(Page).instances_user_has_any_permission_for(user, {"add", "change", "publish"})
    return model.objects.filter(pk__in=pages.values("pk"))


def own(user, model):
    """The snippets of the kind that the user may change."""
    return policy_registry.get_by_type(model).instances_user_has_any_permission_for(user, ["change"])


def facts(user):
    """The dated facts that the user may change."""
    return own(user, FactSnippet)


def drafts(user):
    """The user's own pages with something unpublished, newest first."""
    mine = Q(owner=user) | Q(latest_revision__user=user)
    return writable(user).filter(mine, has_unpublished_changes=True).order_by("-latest_revision_created_at")


def courses_due(user, *, on: date):
    """The published courses to be reviewed within the time, most urgent first. Their lessons follow them."""
    return writable(user, CoursePage).live().filter(review_on__lte=on + DUE_WITHIN).order_by("review_on", "path")


def facts_due(user, *, on: date):
    """The facts whose day to be checked has come."""
    return facts(user).filter(check_by__lte=on)


def stopped_lessons(user) -> Iterator[tuple[LessonPage, list[Finding]]]:
    """The lessons that cannot be published as they were last written, each with why."""
    lessons = writable(user, LessonPage).select_related("latest_revision").order_by("path")
    written = [_last_written(lesson) for lesson in lessons]
    # All at once: each lesson by itself would ask for its own questions and facts.
    streams = LessonPage.cards.field.stream_block.bulk_to_python([cards for _objective, cards in written])
    for lesson, (objective, _cards), cards in zip(lessons, written, read_all(streams), strict=True):
        if found := stops(objective=objective, cards=cards):
            yield lesson, found


def _last_written(lesson: LessonPage) -> tuple[str, list]:
    """The objective and the cards as they are stored, of the draft if there is one."""
    if lesson.has_unpublished_changes and lesson.latest_revision:
        draft = lesson.latest_revision.content
        return draft["objective"], json.loads(draft["cards"])
    return lesson.objective, list(lesson.cards.raw_data)


def to_translate(user) -> Iterator[tuple[Translated, str, State]]:
    """What is begun in a language and not whole, or has been changed since, as it was last written: with how much."""
    found = []
    for model, parts in {CoursePage: "outcomes", LessonPage: "sources"}.items():
        pages = writable(user, model).select_related("latest_revision").prefetch_related(parts).order_by("path")
        found += map(_draft_if_translated, pages)
    for model, parts in {Question: ["options"], KnowledgeCheck: [], FactSnippet: [], Recording: [], Route: []}.items():
        found += own(user, model).exclude(translations={}).prefetch_related(*parts)
    for thing in found:
        for language in thing.translations:
            standing = state(thing, language)
            if standing.is_begun and not standing.is_whole:
                yield thing, language, standing


def _draft_if_translated(page: CoursePage | LessonPage) -> CoursePage | LessonPage:
    draft = page.latest_revision.content if page.has_unpublished_changes and page.latest_revision else {}
    return page.with_content_json(draft) if draft.get("translations") else page


@dataclass(frozen=True)
class Row:
    """One thing to do, and where to do it."""

    title: str
    url: str
    note: str


@dataclass(frozen=True)
class Section:
    """Things of one kind, and what is said when there are none."""

    heading: str
    empty: str
    rows: list[Row]
    note: str = ""


def sections(user, *, on: date) -> list[Section]:
    """What an editor's start page shows on the day."""
    reading = ColleagueTask.states_for(user).select_related("revision__user").order_by("started_at")
    questions, counted_at = to_mend(own(user, Question).prefetch_related("options"))
    return [
        Section(_("My drafts"), _("You have no drafts."), [_draft(page) for page in drafts(user)]),
        Section(_("Waiting for me"), _("Nobody waits for you to read."), [_reading(state) for state in reading]),
        Section(
            _("Due for review"),
            _("No course is due for review within 60 days."),
            [_course(course, on) for course in courses_due(user, on=on)],
        ),
        Section(
            _("Facts to check"),
            _("No fact has passed its day to be checked."),
            [_fact(fact) for fact in facts_due(user, on=on)],
        ),
        Section(
            _("Lessons that cannot be published"),
            _("Every lesson can be published as it stands."),
            [Row(_title(lesson), edit_url(lesson), " ".join(map(str, why))) for lesson, why in stopped_lessons(user)],
        ),
        Section(
            _("Questions to look at"),
            _("The answers tell of no question that should be mended."),
            _questions(questions),
            _("Counted %(when)s.") % {"when": _moment(counted_at)} if counted_at else "",
        ),
        Section(
            _("To translate"),
            _("What has been translated is whole, and none of it has been changed since."),
            [_untold(*found) for found in to_translate(user)],
        ),
    ]


def edit_url(thing) -> str:
    """Where the page or fact is edited."""
    if isinstance(thing, Page):
        return reverse("wagtailadmin_pages:edit", args=[thing.pk])
    return reverse(thing.snippet_viewset.get_url_name("edit"), args=[thing.pk])


def _title(page: Page) -> str:
    return page.get_admin_display_title()


def _draft(page: Page) -> Row:
    return Row(_title(page), edit_url(page), _("saved %(day)s") % {"day": _day(page.latest_revision_created_at.date())})


def _reading(state) -> Row:
    words = {"name": state.revision.user, "day": _day(state.started_at.date())}
    return Row(state.revision.object_str, edit_url(state.revision.content_object), _("from %(name)s, %(day)s") % words)


def _course(course: CoursePage, on: date) -> Row:
    number = course.lessons().count()
    lessons = ngettext("with %(number)d lesson", "with %(number)d lessons", number) % {"number": number}
    late = _("late since %(day)s") if course.review_on < on else _("by %(day)s")
    return Row(_title(course), edit_url(course), f"{late % {'day': _day(course.review_on)}}, {lessons}")


def _fact(fact: FactSnippet) -> Row:
    return Row(fact.text, edit_url(fact), _("to be checked by %(day)s") % {"day": _day(fact.check_by)})


def _questions(found: list[tuple[Question, list[Verdict]]]) -> list[Row]:
    """The gravest, and where the others are."""
    rows = [_question(*one) for one in found[:MOST_QUESTIONS]]
    if len(found) > MOST_QUESTIONS:
        every = _("All %(number)d") % {"number": len(found)}
        rows.append(Row(every, reverse("question_statistics:index"), ""))
    return rows


def _question(question: Question, verdicts: list[Verdict]) -> Row:
    url = reverse("question_statistics:question", args=[question.pk])
    return Row(Truncator(question.text).chars(80), url, verdicts[0].text)


def _untold(thing: Translated, language: str, found: State) -> Row:
    words = {"language": languages()[language], "missing": found.missing, "outdated": found.outdated}
    note = _("%(language)s: %(missing)d missing, %(outdated)d out of date") % words
    return Row(Truncator(_title(thing) if isinstance(thing, Page) else str(thing)).chars(80), edit_url(thing), note)


def _day(day: date) -> str:
    return date_format(day, "j F Y")


def _moment(at: datetime) -> str:
    return date_format(localtime(at), "j F Y H:i")


@dataclass(frozen=True)
class Age:
    """How old something published is, and when somebody is to look at it again."""

    kind: str
    title: str
    owner: str
    published: datetime | None
    review_on: date | None
    is_overdue: bool
    url: str

    @property
    def short_title(self) -> str:
        """The title as a list shows it: that of a fact is all that it says."""
        return Truncator(self.title).chars(80)

    @property
    def standing(self) -> str:
        """Whether it has been looked at in time, in words."""
        if self.review_on is None:
            return _("no date is set")
        return _("overdue") if self.is_overdue else _("in time")


def ages(user, *, on: date) -> list[Age]:
    """Every published course and lesson and every fact that the user keeps, by the day of review: overdue first."""
    courses = list(writable(user, CoursePage).live())
    by_path = {course.path: course for course in courses}
    found = [_age_of_page(course, course, on) for course in courses]
    for lesson in writable(user, LessonPage).live():
        found.append(_age_of_page(lesson, by_path.get(lesson.path[: -LessonPage.steplen]), on))
    found += [_age_of_fact(fact, on) for fact in facts(user).select_related("latest_revision")]
    return sorted(found, key=lambda age: (age.review_on or date.max, age.kind, age.title))


def _age_of_page(page: Page, course: CoursePage | None, on: date) -> Age:
    return Age(
        kind=str(page._meta.verbose_name),
        title=page.title,
        owner=course.steward if course else "",
        published=page.last_published_at,
        review_on=course and course.review_on,
        is_overdue=bool(course and course.review_on and course.review_on < on),
        url=edit_url(page),
    )


def _age_of_fact(fact: FactSnippet, on: date) -> Age:
    return Age(
        kind=str(fact._meta.verbose_name),
        title=fact.text,
        owner="",
        published=fact.latest_revision and fact.latest_revision.created_at,
        review_on=fact.check_by,
        is_overdue=fact.check_by <= on,
        url=edit_url(fact),
    )
