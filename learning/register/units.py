"""The pages of the organisation: its chart on any day, each unit, and the acts that reorganise."""

from datetime import date
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from wagtail.admin import messages

from learning.access.authority import Action
from learning.access.log import What, note_names
from learning.access.rules import requires
from learning.dated import in_force
from learning.errors import LearningError
from learning.organisation import reorganisation
from learning.organisation.models import Appointment, OrgUnit

from .chart import chart_of, line_of
from .frame import PAGE, frame, municipality_of, words_of
from .reorganise import ACTS, CorrectForm, effects

ICON = "list-ul"


@requires(Action.KEEP_REGISTER)
@require_safe
def organisation(request):
    """The chart of the organisation on a day, or the units whose names hold the words."""
    municipality, on = municipality_of(request), _day(request)
    context = {"on": on, "today": localdate(), "words": words_of(request), **frame(_("Organisation"), icon=ICON)}
    if context["words"]:
        found = municipality.units.on(on).filter(name__icontains=context["words"])
        context["query"] = urlencode({"q": context["words"], "dag": on}) + "&"
        context["page_obj"] = Paginator(found, PAGE).get_page(request.GET.get("p"))
        _add_places(context["page_obj"])
    else:
        context["chart"] = chart_of(municipality, on)
    return TemplateResponse(request, "register/organisation.html", context)


def _day(request) -> date:
    """The day that the address asks for, or today."""
    try:
        return parse_date(request.GET.get("dag", "")) or localdate()
    except ValueError:
        return localdate()


def _add_places(units) -> None:
    """Give each unit the names of those above it, in one query."""
    steps = range(OrgUnit.steplen * 2, 256, OrgUnit.steplen)
    paths = {unit.path[:end] for unit in units for end in steps if end < len(unit.path)}
    names = dict(OrgUnit.objects.filter(path__in=paths).values_list("path", "name"))
    for unit in units:
        unit.place = [names[unit.path[:end]] for end in steps if end < len(unit.path)]


def _unit(request, pk: int) -> OrgUnit:
    return get_object_or_404(municipality_of(request).units, pk=pk)


def _above(unit: OrgUnit, *own: tuple[str, str]) -> list[tuple[str, str]]:
    """The way to the unit's page, from the chart."""
    ancestors = [above for above in unit.get_ancestors() if not above.is_root()]
    way = [(reverse("register:unit", args=[above.pk]), above.name) for above in ancestors]
    return [(reverse("register:organisation"), _("Organisation")), *way, *own]


@requires(Action.KEEP_REGISTER)
@require_safe
def unit(request, pk: int):
    """A unit: where it stands, who leads it, what it was and became, and what can be done with it."""
    shown, today = _unit(request, pk), localdate()
    functions = Appointment.objects.filter(unit=shown).exclude(ends_on__lt=today).select_related("person")
    functions = list(functions.order_by("function", "starts_on", "pk"))
    note_names(request, what=What.FUNCTIONS, people=[one.person for one in functions], unit=shown)
    context = {
        "unit": shown,
        "line": line_of(shown, today) if in_force(shown, today) else None,
        "predecessors": shown.predecessors.all(),
        "successors": shown.successors.all(),
        "functions": functions,
        "below": OrgUnit.objects.right_below(shown).exclude(ends_on__lt=today).order_by("name"),
        "acts": [act for act in ACTS.values() if act.for_root or not shown.is_root()],
        **frame(shown.name, _above(shown), icon=ICON),
    }
    return TemplateResponse(request, "register/unit.html", context)


@requires(Action.KEEP_REGISTER)
def reorganise(request, pk: int, act: str):
    """An act with a unit: asked, shown with what it would do, and then done."""
    shown, page = _unit(request, pk), ACTS.get(act)
    if page is None or (shown.is_root() and not page.for_root) or shown.ends_on is not None:
        raise Http404
    form = page.form(request.POST or None, unit=shown)
    told = None
    if request.method == "POST" and form.is_valid():
        try:
            if request.POST.get("act") == "do":
                return _done(request, page, shown, form)
            told = reorganisation.rehearse(form.act(request.user))
        except LearningError as error:
            form.add_error(None, str(error))
    context = {"page": page, "unit": shown, "form": form, "told": told}
    if told:
        context["effects"] = effects(told)
        context["shares"] = _shares(request, form) if hasattr(form, "shares") else []
    crumbs = frame(str(page.title), _above(shown, (reverse("register:unit", args=[pk]), shown.name)), icon=ICON)
    return TemplateResponse(request, "register/reorganise.html", context | crumbs)


def _shares(request, form) -> list[dict]:
    """What is to be shared out; the names in it are noted."""
    note_names(request, what=What.UNIT_PEOPLE, people=form.people(), unit=form.unit)
    return form.shares()


def _done(request, page, shown: OrgUnit, form):
    became = form.act(request.user)() or shown.get_parent()
    messages.success(request, _("Done: %(act)s.") % {"act": page.title})
    return redirect("register:unit", became.pk)


@requires(Action.KEEP_REGISTER)
def correct_unit(request, pk: int):
    """Mend a name, a kind or a code that was written wrong."""
    shown = _unit(request, pk)
    fields = {name: getattr(shown, name) for name in CorrectForm.base_fields}
    form = CorrectForm(request.POST or None, initial=fields)
    if request.method == "POST" and form.is_valid():
        try:
            reorganisation.correct_unit(unit=shown, **form.cleaned_data)
        except LearningError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The unit was corrected."))
            return redirect("register:unit", pk)
    context = {"unit": shown, "form": form}
    crumbs = frame(_("Correct"), _above(shown, (reverse("register:unit", args=[pk]), shown.name)), icon=ICON)
    return TemplateResponse(request, "register/correct_unit.html", context | crumbs)


@requires(Action.KEEP_REGISTER)
@require_safe
def reorganisations(request):
    """Every change of the organisation: when, what, by whom, on what decision."""
    changes = municipality_of(request).reorganisations.defer("steps").select_related("made_by")
    context = {
        "page_obj": Paginator(changes, PAGE).get_page(request.GET.get("p")),
        **frame(_("Changes"), [(reverse("register:organisation"), _("Organisation"))], icon=ICON),
    }
    return TemplateResponse(request, "register/reorganisations.html", context)


@requires(Action.KEEP_REGISTER)
@require_POST
def undo_reorganisation(request, pk: int):
    """Take a change back, as long as nothing rests on it."""
    change = get_object_or_404(municipality_of(request).reorganisations, pk=pk)
    try:
        reorganisation.undo_reorganisation(reorganisation=change, now=timezone.now())
    except LearningError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The change was undone; the register is as it was before it."))
    return redirect("register:reorganisations")
