"""The pages of all people: who is on the register, and the way onto it."""

from django.core.paginator import Paginator
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from learning.access.authority import Action
from learning.access.log import What, note_names
from learning.access.rules import requires
from learning.organisation import services
from learning.organisation.models import Municipality, Person, Population
from learning.spreadsheets import csv_response

from .acts import act_page
from .forms import NewPersonForm, PlainSelect, unit_label
from .frame import PAGE, frame, municipality_of, words_of
from .selection import WORDS, Selection, State, headings

# So many are counted and paged through: it bounds what the page costs however many there are.
MOST = 2_000


@requires(Action.KEEP_REGISTER)
@require_safe
def people(request):
    """The people of one population, searched, chosen by unit and state, a page at a time."""
    selection = _selection(request)
    # One query finds how many there are and who stands on the page.
    found = list(selection.people().values_list("pk", flat=True)[: MOST + 1])
    page = Paginator(found[:MOST], PAGE).get_page(request.GET.get("p"))
    rows = list(selection.rows(list(page.object_list)))
    query = selection.query()
    _note(request, selection, page.object_list)
    return TemplateResponse(
        request,
        "register/people.html",
        {
            "selection": selection,
            "tabs": [
                {"label": population.label, "query": selection.query(grupp=population), "value": population}
                for population in Population
            ],
            "states": State,
            "unit_select": _unit_select(selection),
            "words": WORDS[selection.population],
            "rows": rows,
            "page_obj": page,
            "total": len(found[:MOST]),
            "is_more": len(found) > MOST,
            "query": query,
            "page_query": f"{query}&" if query else "",
            **frame(_("People"), icon="user"),
        },
    )


@requires(Action.KEEP_REGISTER)
@require_safe
def people_csv(request):
    """Everyone whom the list would show, as a file."""
    selection = _selection(request)
    found = list(selection.people().values_list("pk", flat=True))
    _note(request, selection, found, exported=True)
    rows = selection.rows(found)
    filename = f"personer-{selection.population}-{selection.on}.csv"
    return csv_response(filename, [headings(selection.population), *(row.cells() for row in rows)])


def _note(request, selection: Selection, people: list[int], *, exported: bool = False) -> None:
    asked = str(Population(selection.population).label)
    note_names(request, what=What.PEOPLE, people=people, unit=selection.unit, asked=asked, exported=exported)


def _selection(request) -> Selection:
    return Selection.of(request.GET, municipality_of(request), localdate(), words_of(request))


def _unit_select(selection: Selection) -> str:
    """The units to choose among, each set in by its level; the closed ones too, for who worked there."""
    units = selection.municipality.units.values_list("pk", "name", "depth", "ends_on")
    labels = [(pk, unit_label(name, depth, ends_on)) for pk, name, depth, ends_on in units]
    select = PlainSelect(choices=[("", _("All")), *labels])
    return select.render("enhet", selection.unit.pk if selection.unit else "", {"id": "unit"})


@requires(Action.KEEP_REGISTER)
def new_person(request):
    """Put somebody on the register whom no HR file brings."""
    municipality = municipality_of(request)
    form = NewPersonForm(
        request.POST or None, municipality=municipality, initial={"population": request.GET.get("grupp", "")}
    )

    def act() -> Person:
        person = services.enrol_person(municipality=municipality, **form.identity)
        services.employ(person=person, **form.employment)
        return person

    return act_page(
        request,
        form,
        act,
        title=_("Put a person on the register"),
        above=[(reverse("register:people"), _("People"))],
        notes=lambda: _of_the_same_name(request, municipality, form.identity),
        lead=_("For those whom no HR file brings, such as elected officials and partners."),
    )


def _of_the_same_name(request, municipality: Municipality, identity: dict) -> list[dict]:
    """Those who may be the same person, so that nobody stands twice on the register."""
    named = {f"{name}__iexact": identity[name] for name in ("first_name", "last_name")}
    same = Person.objects.filter(municipality=municipality, is_protected=False, **named)[:5]
    note_names(request, what=What.PERSON, people=same)
    return [
        {
            "text": _("%(person)s is on the register already: is it the same person?") % {"person": person},
            "url": reverse("register:person", args=[person.uuid]),
        }
        for person in same
    ]
