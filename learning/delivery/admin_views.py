"""The coordinator's page of mailings: what waits, what failed and why, and whether the worker is alive."""

from django.core.paginator import Paginator
from django.db.models import Count, Min, Q
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from wagtail.admin import messages

from learning.access.authority import Action
from learning.access.log import What, note_names
from learning.access.rules import requires
from learning.organisation.models import Person
from learning.register.frame import PAGE, frame, municipality_of

from .forms import SearchForm
from .kinds import kind_of
from .models import Mailbox, Message, Pause, State
from .runs import is_alive, schedule
from .services import confirm_address, pause, resume, send_again

TROUBLE = [State.FAILED, State.BOUNCED]


@requires(Action.KEEP_REGISTER)
@require_GET
def mailings(request):
    """The municipality's mails by kind and state; those that are looked for, else those that failed."""
    municipality, now = municipality_of(request), timezone.now()
    own = Message.objects.of(municipality)
    form = SearchForm(request.GET)
    found = _asked_for(own, form.cleaned_data) if form.is_valid() else own.none()
    page = Paginator(found.select_related("person").order_by("-queued_at", "-pk"), PAGE).get_page(request.GET.get("p"))
    dead = list(Mailbox.objects.dead().filter(person__municipality=municipality).select_related("person"))
    people = [*(message.person for message in page), *(mailbox.person for mailbox in dead)]
    note_names(request, what=What.MAILS, people=people)
    query = request.GET.copy()
    query.pop("p", None)
    context = {
        "form": form,
        "is_searched": any(form.cleaned_data.values()) if form.is_valid() else True,
        "page_obj": page,
        "query": f"{query.urlencode()}&" if query else "",
        "kinds": _counts(own),
        "states": State.labels,
        "oldest": own.filter(state=State.WAITING, send_after__lte=now).aggregate(Min("send_after"))["send_after__min"],
        "dead": dead,
        "pause": Pause.objects.filter(municipality=municipality).select_related("by").first(),
        "is_alive": is_alive(now),
        "schedule": schedule(),
        **frame(_("Mailings"), icon="mail"),
    }
    return TemplateResponse(request, "delivery/mailings.html", context)


def _asked_for(own, asked: dict):
    if not any(asked.values()):
        return own.filter(state__in=TROUBLE)
    if asked["q"]:
        own = own.filter(person__in=Person.objects.called(asked["q"].replace("\x00", "")))
    if asked["state"]:
        own = own.filter(state=asked["state"])
    return own.filter(kind=asked["kind"]) if asked["kind"] else own


def _counts(own) -> list[dict]:
    """How many mails of each kind are in each state."""
    states = {state.value: Count("pk", filter=Q(state=state)) for state in State}
    rows = own.values("kind").annotate(**states).order_by("kind")
    return [{"kind": kind_of(row["kind"]), "name": row["kind"], "counts": [row[one] for one in states]} for row in rows]


@requires(Action.KEEP_REGISTER)
@require_POST
def again(request, pk):
    """Let a mail that was not handed over be tried anew."""
    message = get_object_or_404(Message.objects.of(municipality_of(request)), pk=pk)
    if send_again(message, now=timezone.now()):
        messages.success(request, _("The mail waits to be sent again."))
    else:
        messages.warning(request, _("The mail has been sent or waits already. Nothing was changed."))
    return redirect("mailings:index")


@requires(Action.KEEP_REGISTER)
@require_POST
def confirm(request, uuid):
    """Say that a person's address works."""
    person = get_object_or_404(Person, uuid=uuid, municipality=municipality_of(request))
    confirm_address(person)
    messages.success(request, _("Mail is sent to the address again."))
    return redirect("mailings:index")


@requires(Action.KEEP_REGISTER)
@require_POST
def pause_all(request):
    """Send nothing more to anybody in the municipality for now."""
    pause(municipality=municipality_of(request), by=request.user, now=timezone.now())
    messages.success(request, _("All mail is paused. What is to be sent waits."))
    return redirect("mailings:index")


@requires(Action.KEEP_REGISTER)
@require_POST
def resume_all(request):
    """Send again, beginning with what has waited."""
    resume(municipality=municipality_of(request))
    messages.success(request, _("Mail is sent again."))
    return redirect("mailings:index")
