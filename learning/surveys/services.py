"""Asking, answering and forgetting."""

import secrets
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from dateutil.relativedelta import relativedelta
from django.db import transaction
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from courses.models import CoursePage
from learning.dated import DAY
from learning.errors import LearningError
from learning.offers import Offer
from learning.organisation.models import Employment, Municipality, OrgUnit, Person, PersonQuerySet, Population
from learning.translations import in_language, texts

from .models import Answered, FreeText, Survey, SurveyItem, Tally, Wave

CATALOGUE = Path(__file__).parent / "catalogue"
Stage = Wave.Stage
AFTER_DAYS = 30
LATER_FROM, LATER_THROUGH = relativedelta(months=4), relativedelta(months=6)
TEXTS_KEPT = relativedelta(months=24)


class NotAsked(LearningError):
    """The round is not open to the person on the day."""


class AnsweredAlready(LearningError):
    """An answer cannot be changed, since nobody knows whose it is."""


class WaveNotPossible(LearningError):
    """The round cannot be opened like this."""

    status = 400


# Who is asked


def asked(wave: Wave, on: date) -> PersonQuerySet:
    """Everybody whom the round asks on the day, whether or not they have answered."""
    people = Person.objects.filter(pk__in=_work(wave.survey, on).values("person"))
    match wave.stage:
        case Stage.BEFORE:
            key = wave.survey.course.key
            return people.exclude(lesson_progress__course_key=key).exclude(completions__course_key=key)
        case Stage.AFTER:
            return _completed(people, wave.survey, on - timedelta(days=AFTER_DAYS), on)
        case Stage.LATER:
            return _completed(people, wave.survey, on - LATER_THROUGH, on - LATER_FROM)
    return people


def _work(survey: Survey, on: date):
    """The employments on the day of those whom the survey is for."""
    work = Employment.objects.on(on).filter(unit__in=survey.municipality.units)
    return work.filter(population=Population.ELECTED) if survey.is_of_needs else work


def _completed(people: PersonQuerySet, survey: Survey, first: date, last: date) -> PersonQuerySet:
    done = {"completions__course_key": survey.course.key, "completions__completed_on__range": (first, last)}
    return people.filter(**done).distinct()


def left(wave: Wave, on: date) -> PersonQuerySet:
    """Those whom the round asks on the day and who have not answered."""
    return asked(wave, on).exclude(pk__in=Answered.objects.filter(wave=wave).values("person"))


@dataclass(frozen=True)
class Due:
    """A round that people are to be told of: what is not offered where they are anyway."""

    wave: Wave
    people: PersonQuerySet


def due(municipality: Municipality, on: date) -> list[Due]:
    """The rounds that come to people on the day: after some months, and those of elected officials."""
    waves = Wave.objects.running(municipality, on).filter(stage__in=["", Stage.LATER])
    return [Due(wave, left(wave, on)) for wave in waves]


def offers(person: Person, course: CoursePage | None, *, on: date) -> Iterator[Offer]:
    """What the person may answer: on the page of a course, that course's; on their own page, what comes to them."""
    if not person.municipality_id:
        return
    waves = Wave.objects.running(person.municipality, on)
    waves = waves.filter(survey__course=course.pk) if course else waves.filter(stage__in=["", Stage.LATER])
    for wave in waves:
        if left(wave, on).filter(pk=person.pk).exists():
            survey = in_language(wave.survey, get_language())
            yield Offer(
                url=reverse("surveys:answer", args=[wave.pk]),
                title=survey.title,
                note=_("A few questions, two minutes. Voluntary, and nobody sees what you answer."),
            )


def items_of(wave: Wave, survey: Survey | None = None) -> list[SurveyItem]:
    """What the round asks: before a course nobody can tell what they lack, so that is asked afterwards."""
    items = (survey or wave.survey).items.all()
    return [item for item in items if wave.stage != Stage.BEFORE or item.kind != SurveyItem.Kind.TEXT]


# Answering


@transaction.atomic
def answer(*, person: Person, wave: Wave, chosen: Mapping[int, Sequence[str]], texts: Mapping[int, str], on: date):
    """Count an answer, and note apart from it that the person has answered.

    What is counted are sums of a unit and a month; so no row is anybody's answer, and none can be read or changed.
    """
    if not asked(wave, on).filter(pk=person.pk).exists():
        raise NotAsked(_("This survey is not open to you today. Nothing was kept."))
    _row, is_new = Answered.objects.get_or_create(wave=wave, person=person, defaults={"pk": by_chance()})
    if not is_new:
        raise AnsweredAlready(
            _("You have answered already. That answer is counted; this one was not kept, and neither can be changed.")
        )
    month = on.replace(day=1)
    _count(wave, _unit_of(person, wave.survey, on), month, chosen)
    for item, text in texts.items():
        if text.strip():
            FreeText.objects.create(pk=by_chance(), wave=wave, item_id=item, month=month, text=text.strip())


def by_chance() -> int:
    """A key that tells no order: by order, who has answered could be laid beside what was written."""
    return secrets.randbits(62)


def _count(wave: Wave, unit: OrgUnit, month: date, chosen: Mapping[int, Sequence[str]]) -> None:
    of = {"wave": wave, "unit": unit, "month": month}
    Tally.objects.get_or_create(**of)
    tally = Tally.objects.select_for_update().get(**of)
    tally.number += 1
    for item, values in chosen.items():
        counted = Counter(tally.counts.get(str(item), {}))
        counted.update(values)
        tally.counts[str(item)] = dict(sorted(counted.items()))
    tally.save()


def _unit_of(person: Person, survey: Survey, on: date) -> OrgUnit:
    """The person's committee or department; the municipality where too few are asked there."""
    if not survey.is_of_needs:
        return department_of(person, survey.municipality, smallest=survey.smallest, on=on)
    unit = _main(_work(survey, on), person).unit
    return unit if invited(survey, on)[unit] >= survey.smallest else survey.municipality.root


def department_of(person: Person, municipality: Municipality, *, smallest: int, on: date) -> OrgUnit:
    """The person's department; the municipality, where fewer work there."""
    work = _main(Employment.objects.on(on).filter(unit__in=municipality.units), person)
    unit = _department(work.unit)
    others = Employment.objects.on(on).filter(unit__path__startswith=unit.path, population=work.population)
    return unit if others.values("person").distinct().count() >= smallest else municipality.root


def _main(work, person: Person) -> Employment:
    return work.filter(person=person).order_by("-is_main", "pk").select_related("unit")[0]


def invited(survey: Survey, on: date) -> dict[OrgUnit, int]:
    """The committees whose members a needs survey asks on the day, each with how many; everybody in one of them."""
    work = _work(survey, on).order_by("person", "-is_main", "pk").select_related("unit")
    units = {one.person_id: one.unit for one in reversed(work)}
    return dict(Counter(units.values()))


def _department(unit: OrgUnit) -> OrgUnit:
    path = unit.path[: 2 * OrgUnit.steplen]
    return unit if unit.path == path else OrgUnit.objects.get(path=path)


# Rounds


def begin_when_published(sender, instance: Survey, **kwargs) -> None:
    """Open the stages of a course's survey on the day on which it is published for the first time."""
    begin_waves(survey=instance, on=localdate(instance.last_published_at))


def begin_waves(*, survey: Survey, on: date) -> None:
    """Let the stages of a course's survey be there; those that are stay as they are."""
    for stage in [] if survey.is_of_needs else Stage:
        Wave.objects.get_or_create(survey=survey, stage=stage, defaults={"starts_on": on})


def next_wave(survey: Survey, on: date) -> tuple[date, date]:
    """The first and the last day of the round that comes next, if nobody says otherwise."""
    last = survey.waves.order_by("-starts_on").first()
    starts_on = max(on, last.starts_on + relativedelta(months=survey.every_months)) if last else on
    return starts_on, starts_on + timedelta(weeks=survey.open_weeks) - DAY


@transaction.atomic
def open_wave(*, survey: Survey, starts_on: date, ends_on: date, by: Person | None, on: date) -> Wave:
    """Open a round of a needs survey, today or later, where no other is open."""
    Survey.objects.select_for_update().get(pk=survey.pk)
    if not (survey.live and survey.is_of_needs):
        raise WaveNotPossible(_("Only a published survey of elected officials has rounds to open. Nothing was opened."))
    if not on <= starts_on <= ends_on:
        raise WaveNotPossible(
            _("A round opens today at the earliest, and closes after it has opened. Nothing was opened.")
        )
    if survey.waves.overlapping(starts_on, ends_on).exists():
        raise WaveNotPossible(_("Another round is open on some of those days. Nothing was opened. Choose other days."))
    return Wave.objects.create(survey=survey, starts_on=starts_on, ends_on=ends_on, opened_by=by)


def close_wave(*, wave: Wave, on: date) -> None:
    """Let yesterday be the last day of the round; one that has not begun is taken away."""
    if wave.is_closed(on) or not wave.survey.is_of_needs:
        raise WaveNotPossible(_("The round is not open. Nothing was changed."))
    if wave.starts_on >= on and not wave.tallies.exists():
        wave.answered.all().delete()
        wave.delete()
        return
    if wave.starts_on >= on:
        raise WaveNotPossible(_("It has been answered today, so it can be closed tomorrow. Nothing was changed."))
    wave.ends_on = on - DAY
    wave.save(update_fields=["ends_on"])


# Forgetting


def blot(*, text: FreeText, by: Person, now: datetime) -> None:
    """Take away what was written, and note who did; once."""
    if text.blotted_at is None:
        text.text, text.blotted_by, text.blotted_at = "", by, now
        text.save()


def forget(on: date) -> tuple[int, int]:
    """Remove the texts that are two years old, and who has answered rounds that are closed; how many of each."""
    old, _of = FreeText.objects.filter(month__lt=(on - TEXTS_KEPT).replace(day=1)).delete()
    answered, _of = Answered.objects.filter(wave__ends_on__lt=on).delete()
    return old, answered


# The ready sets


def read_survey(name: str) -> dict:
    """The ready survey of that name."""
    return tomllib.loads((CATALOGUE / f"{name}.toml").read_text())


@transaction.atomic
def load_survey(*, municipality: Municipality, source: dict, on: date) -> Survey:
    """Publish a ready survey in the municipality from the day; one that is already there is left as it is."""
    existing = Survey.objects.filter(municipality=municipality, key=source["key"]).first()
    if existing:
        return existing
    fields = ("key", "kind", "title", "introduction", "every_months", "open_weeks")
    survey = Survey(municipality=municipality, live=False, **{name: source[name] for name in fields if name in source})
    if "course" in source:
        survey.course = _course(municipality, source["course"])
    survey.items = [SurveyItem(**item) for item in source["items"]]
    survey.save()
    for language, told in source.get("translations", {}).items():
        pairs = zip(texts(survey), told, strict=True)
        survey.translations[language] = {text.path: {"of": text.source, text.key: words} for text, words in pairs}
    begin_waves(survey=survey, on=on)
    survey.save_revision().publish()
    return Survey.objects.get(pk=survey.pk)


def _course(municipality: Municipality, slug: str) -> CoursePage:
    course = CoursePage.objects.descendant_of(municipality.site.root_page).filter(slug=slug).first()
    if course is None:
        raise LearningError(
            _("The survey is about the course “%(course)s”. Load it first; nothing was changed.") % {"course": slug}
        )
    return course
