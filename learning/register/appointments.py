"""The page of the functions: who is head, deputy, coordinator, editor or board reader, and since when."""

from datetime import date

from django.core.paginator import Paginator
from django.db.models import Q
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from wagtail.admin import messages

from learning.access.authority import Action
from learning.access.log import What, note_names
from learning.access.rules import requires
from learning.dated import DAY
from learning.errors import LearningError
from learning.organisation import services
from learning.organisation.models import Appointment, Person

from .forms import AppointmentForm
from .frame import PAGE, SOON, frame, municipality_of, words_of


@requires(Action.KEEP_REGISTER)
def appointments(request):
    """Everyone who has a function today or will have one, and the way to give one."""
    municipality, today = municipality_of(request), localdate()
    form = AppointmentForm(
        request.POST or None,
        municipality=municipality,
        initial={name: request.GET[name] for name in ("person", "function", "unit") if name in request.GET},
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.appoint(**{name: form.cleaned_data[name] for name in AppointmentForm.field_order})
        except LearningError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The function was given."))
            return redirect("register:appointments")
    rows = Appointment.objects.filter(unit__in=municipality.units).exclude(ends_on__lt=today)
    rows = rows.select_related("person", "unit").order_by("unit__path", "function", "starts_on", "pk")
    turns = _turns(rows, today)
    if words := words_of(request):
        people = Person.objects.filter(municipality=municipality).called(words)
        rows = rows.filter(Q(person__in=people) | Q(unit__name__icontains=words))
    page = Paginator(rows, PAGE).get_page(request.GET.get("p"))
    named = [*page, *(appointment for _day, _turn, appointment in turns)]
    sought = [*form.candidates, *filter(None, [form.chosen])]
    note_names(request, what=What.FUNCTIONS, people=[*(appointment.person for appointment in named), *sought])
    return TemplateResponse(
        request,
        "register/appointments.html",
        {
            "form": form,
            "page_obj": page,
            "words": words,
            "turns": turns,
            "deputy": Appointment.Function.DEPUTY,
            **frame(_("Functions"), icon="key"),
        },
    )


def _turns(rows, today: date) -> list[tuple[date, str, Appointment]]:
    """What begins and ends soon, day by day: the day, which of the two, and the function."""
    starting = rows.filter(starts_on__gt=today, starts_on__lte=today + SOON)
    ending = rows.filter(ends_on__gte=today, ends_on__lte=today + SOON)
    turns = [(row.starts_on, _("begins"), row) for row in starting]
    turns += [(row.ends_on, _("last day"), row) for row in ending]
    return sorted(turns, key=lambda turn: (turn[0], turn[2].pk))


@requires(Action.KEEP_REGISTER)
@require_POST
def end_appointment(request, pk: int):
    """Let a function end today: yesterday was its last day."""
    own = Appointment.objects.filter(unit__in=municipality_of(request).units).exclude(ends_on__lt=localdate())
    appointment = get_object_or_404(own.select_related("person"), pk=pk)
    back = redirect("register:appointments")
    if request.POST.get("back") == "person":
        back = redirect("register:person", appointment.person.uuid)
    coordinators = own.filter(function=Appointment.Function.COORDINATOR)
    if appointment in coordinators and len(coordinators) == 1:
        messages.error(request, _("Somebody must keep the register. Name another coordinator first."))
        return back
    services.end_appointment(appointment=appointment, last_day=localdate() - DAY)
    messages.success(request, _("The function has ended."))
    return back
