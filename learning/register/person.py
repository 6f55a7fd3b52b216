"""The page of one person: who it is, everything dated about them, and what can be done."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from django.forms import Form
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from learning.access.authority import Action
from learning.access.lesson_links import revoke
from learning.access.log import What, note_names
from learning.access.rules import requires
from learning.dated import Dated
from learning.organisation import corrections, services
from learning.organisation.models import Employment, Leave, Person

from .acts import act_page
from .effects import name_of
from .forms import EmploymentForm, KnownPersonForm, LastDayForm, LeaveForm, MoveForm, TruthForm
from .frame import SOON, frame, municipality_of
from .sections import sections_of


@dataclass(frozen=True)
class Entry:
    """Something dated about a person, as the page tells it."""

    row: Dated
    kind: str
    what: str
    words: list[str] = field(default_factory=list)
    acts: list[tuple[str, str]] = field(default_factory=list)  # label and address
    ends_function: bool = False


@requires(Action.KEEP_REGISTER)
@require_safe
def show_person(request, uuid):
    """Who the person is, what holds today, what is to come and what is over."""
    person = _person(request, uuid)
    today = localdate()
    note_names(request, what=What.PERSON, people=[person])
    entries = sorted(_entries(person, today), key=lambda entry: (entry.row.starts_on, entry.row.pk), reverse=True)
    return TemplateResponse(
        request,
        "register/person.html",
        {
            "person": person,
            "today": today,
            "parts": [
                {"id": "later", "title": _("Later"), "entries": [e for e in entries if e.row.starts_on > today]},
                {"id": "today", "title": _("Today"), "entries": [e for e in entries if e.row.holds(today)]},
                {"id": "over", "title": _("Before"), "entries": [e for e in entries if _is_over(e.row, today)]},
            ],
            "sections": sections_of(person, today),
            **frame(str(person), above(), icon="user"),
        },
    )


def _is_over(row: Dated, today: date) -> bool:
    return row.ends_on is not None and row.ends_on < today


def _entries(person: Person, today: date) -> Iterator[Entry]:
    for employment in person.employments.select_related("unit"):
        yield Entry(
            employment,
            employment.get_population_display(),
            name_of(employment),
            [*_main(employment), *_soon(employment, today)],
            list(_acts("employment", employment, today)),
        )
    for leave in person.leaves.all():
        yield Entry(leave, _("Leave"), name_of(leave), list(_soon(leave, today)), list(_acts("leave", leave, today)))
    for appointment in person.appointments.select_related("unit"):
        what = f"{appointment.get_function_display()}, {appointment.unit}"
        can_end = not _is_over(appointment, today)
        yield Entry(appointment, _("Function"), what, list(_soon(appointment, today)), ends_function=can_end)


def _main(employment: Employment) -> list[str]:
    return [_("main employment")] if employment.is_main else []


def _soon(row: Dated, today: date) -> Iterator[str]:
    """What is near enough to be prepared for."""
    if today < row.starts_on <= today + SOON:
        yield _("begins within 30 days")
    if row.ends_on and today <= row.ends_on <= today + SOON:
        yield _("ends within 30 days")


def _acts(kind: str, row: Dated, today: date) -> Iterator[tuple[str, str]]:
    """What can be done about it: what is over can only have been otherwise."""
    if not _is_over(row, today):
        if kind == "employment":
            yield _("Move"), reverse("register:move_employment", args=[row.pk])
        yield _("End"), reverse(f"register:end_{kind}", args=[row.pk])
    yield _("Correct"), reverse(f"register:correct_{kind}", args=[row.pk])
    yield _("Take away"), reverse(f"register:withdraw_{kind}", args=[row.pk])


def _person(request, uuid) -> Person:
    return get_object_or_404(Person, municipality=municipality_of(request), uuid=uuid)


def _dated(request, model: type[Dated], pk: int) -> Dated:
    """An employment or a leave of somebody on the register."""
    rows = model.objects.filter(person__municipality=municipality_of(request)).select_related("person")
    return get_object_or_404(rows, pk=pk)


def above(person: Person | None = None) -> list[tuple[str, str]]:
    """The pages above that of a person, or above what is done to the person."""
    pages = [(reverse("register:people"), _("People"))]
    return [*pages, (reverse("register:person", args=[person.uuid]), str(person))] if person else pages


def _nothing(request) -> Form:
    """The form of what only has to be confirmed."""
    return Form(request.POST if request.method == "POST" else None)


def _about(request, person: Person, form, act, title: str, lead: Iterable[str] = (), **options):
    """The page of an act on the person; an HR file may tell something else afterwards."""
    words = [*lead]
    if person.external_id:
        words.append(_("The next HR file tells what HR says. Let it be put right there too."))
    return act_page(
        request, form, act, person=person, title=title, lead=" ".join(words), above=above(person), **options
    )


@requires(Action.KEEP_REGISTER)
def update_person(request, uuid):
    """Another name or address, or a protected identity."""
    person = _person(request, uuid)
    form = KnownPersonForm(request.POST or None, person=person)
    is_protecting = form.is_bound and form.is_valid() and form.identity["is_protected"] and not person.is_protected
    return _about(
        request,
        person,
        form,
        # Its own copy, so that the page speaks of the person as they are until it is confirmed.
        lambda: services.update_person(person=_person(request, uuid), **form.identity),
        _("Change name or e-mail"),
        is_final=is_protecting,
    )


@requires(Action.KEEP_REGISTER)
def employ(request, uuid):
    """Another employment, from a day on."""
    person = _person(request, uuid)
    latest = person.employments.order_by("-starts_on").values_list("population", flat=True).first()
    form = EmploymentForm(request.POST or None, municipality=person.municipality, initial={"population": latest})
    return _about(
        request,
        person,
        form,
        lambda: services.employ(person=person, **form.employment),
        _("New employment or assignment"),
        lead=[_("Beside what is there already. Who changes unit is moved instead.")],
    )


@requires(Action.KEEP_REGISTER)
def move_employment(request, pk: int):
    """Another unit or role from a day on; the time before stays."""
    employment = _dated(request, Employment, pk)
    form = MoveForm(request.POST or None, municipality=employment.person.municipality, employment=employment)
    return _about(
        request,
        employment.person,
        form,
        lambda: services.move_employment(employment=employment, **form.cleaned_data),
        _("Move: %(what)s") % {"what": name_of(employment)},
        lead=[_("From the day on another unit or role; the time before it stays as it was.")],
    )


@requires(Action.KEEP_REGISTER)
def end_employment(request, pk: int):
    """A last day."""
    employment = _dated(request, Employment, pk)
    form = LastDayForm(request.POST or None)
    return _about(
        request,
        employment.person,
        form,
        lambda: services.end_employment(employment=employment, **form.cleaned_data),
        _("End: %(what)s") % {"what": name_of(employment)},
        lead=[_("The last day may lie in the past, if it becomes known late.")],
    )


@requires(Action.KEEP_REGISTER)
def correct_employment(request, pk: int):
    """The employment as it truly was."""
    employment = _dated(request, Employment, pk)
    form = TruthForm(request.POST or None, municipality=employment.person.municipality, employment=employment)
    return _about(
        request,
        employment.person,
        form,
        lambda: corrections.correct_employment(employment=employment, **form.cleaned_data),
        _("Correct: %(what)s") % {"what": name_of(employment)},
        lead=[_("Tell it as it truly was, from the first day. For what changes on a day, choose Move or End.")],
    )


@requires(Action.KEEP_REGISTER)
def withdraw_employment(request, pk: int):
    """An employment that never was."""
    employment = _dated(request, Employment, pk)
    return _about(
        request,
        employment.person,
        _nothing(request),
        lambda: corrections.withdraw_employment(employment=employment),
        _("Take away: %(what)s") % {"what": name_of(employment)},
        lead=[_("Only for what never was. What has been keeps its days: end or correct it.")],
        is_final=True,
    )


@requires(Action.KEEP_REGISTER)
def grant_leave(request, uuid):
    """A time away."""
    person = _person(request, uuid)
    form = LeaveForm(request.POST or None)
    return _about(
        request,
        person,
        form,
        lambda: services.grant_leave(person=person, **form.cleaned_data),
        _("New leave"),
        lead=[_("While it lasts nothing is asked of the person, and they are not counted.")],
    )


@requires(Action.KEEP_REGISTER)
def end_leave(request, pk: int):
    """The last day of a leave."""
    leave = _dated(request, Leave, pk)
    form = LastDayForm(request.POST or None)
    return _about(
        request,
        leave.person,
        form,
        lambda: services.end_leave(leave=leave, **form.cleaned_data),
        _("End: %(what)s") % {"what": name_of(leave)},
    )


@requires(Action.KEEP_REGISTER)
def correct_leave(request, pk: int):
    """The leave as it truly was."""
    leave = _dated(request, Leave, pk)
    truth = {name: getattr(leave, name) for name in LeaveForm.base_fields}
    form = LeaveForm(request.POST or None, initial=truth)
    return _about(
        request,
        leave.person,
        form,
        lambda: corrections.correct_leave(leave=leave, **form.cleaned_data),
        _("Correct: %(what)s") % {"what": name_of(leave)},
    )


@requires(Action.KEEP_REGISTER)
def withdraw_leave(request, pk: int):
    """A leave that never was."""
    leave = _dated(request, Leave, pk)
    return _about(
        request,
        leave.person,
        _nothing(request),
        lambda: corrections.withdraw_leave(leave=leave),
        _("Take away: %(what)s") % {"what": name_of(leave)},
        lead=[_("Only for what never was. A leave that is over is ended or corrected.")],
        is_final=True,
    )


@requires(Action.KEEP_REGISTER)
def stop_links(request, uuid):
    """The lesson links that the person was sent so far are worth nothing."""
    person = _person(request, uuid)
    return act_page(
        request,
        _nothing(request),
        lambda: revoke(person),
        person=person,
        title=_("Let lesson links stop working"),
        lead=_("If a mail has come into the wrong hands. What the person has done is kept."),
        above=above(person),
    )
