"""The page of the access log: who has read or taken out which list of names, and when."""

from datetime import datetime, time

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Concat
from django.template.response import TemplateResponse
from django.utils.timezone import make_aware
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from learning.access.authority import Action
from learning.access.log import lists, readings
from learning.access.models import AccessEntry
from learning.access.rules import requires
from learning.dated import DAY
from learning.organisation.models import OrgUnit, Person

from .forms import LogForm
from .frame import PAGE, frame, municipality_of


@requires(Action.KEEP_REGISTER)
@require_GET
def access_log(request):
    """The lines that were asked for, the newest first; what repeats itself within a day together."""
    municipality = municipality_of(request)
    form = LogForm(request.GET)
    entries = lists().filter(municipality=municipality)
    entries = _asked_for(entries, form.cleaned_data) if form.is_valid() else entries.none()
    page = Paginator(entries, PAGE).get_page(request.GET.get("p"))
    query = request.GET.copy()
    query.pop("p", None)
    return TemplateResponse(
        request,
        "register/access_log.html",
        {
            "form": form,
            "page_obj": page,
            "readings": readings(page),
            "query": f"{query.urlencode()}&" if query else "",
            **frame(_("Access log"), icon="view"),
        },
    )


def _asked_for(entries: QuerySet[AccessEntry], asked: dict) -> QuerySet[AccessEntry]:
    """Those of the lines that the form asks for."""
    if asked["way"]:
        entries = entries.filter(exported=asked["way"] == "exported")
    if asked["what"]:
        entries = entries.filter(what=asked["what"])
    if asked["first"]:
        entries = entries.filter(at__gte=_midnight(asked["first"]))
    if asked["last"]:
        entries = entries.filter(at__lt=_midnight(asked["last"] + DAY))
    if words := asked["q"]:
        # A protected name is kept nowhere, and is not to be found either.
        named = Person.objects.filter(is_protected=False).annotate(whole=Concat("first_name", Value(" "), "last_name"))
        readers, units = named.filter(whole__icontains=words), OrgUnit.objects.filter(name__icontains=words)
        entries = entries.filter(Q(reader__in=readers.values("pk")) | Q(unit__in=units.order_by().values("pk")))
    return entries


def _midnight(day) -> datetime:
    return make_aware(datetime.combine(day, time.min))
