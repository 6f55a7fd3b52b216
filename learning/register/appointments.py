"""The page of the functions: who is head, deputy, coordinator, editor or board reader, and since when."""

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
from learning.organisation.models import Appointment

from .forms import AppointmentForm
from .frame import PAGE, frame, municipality_of, words_of

FORM = ("person", "function", "unit", "starts_on", "ends_on")


@requires(Action.KEEP_REGISTER)
def appointments(request):
    """Everyone who has a function today or will have one, and the way to give one."""
    municipality = municipality_of(request)
    form = AppointmentForm(request.POST or None, municipality=municipality)
    if request.method == "POST" and form.is_valid():
        try:
            services.appoint(**{name: form.cleaned_data[name] for name in FORM})
        except LearningError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The function was given."))
            return redirect("register:appointments")
    rows = Appointment.objects.filter(unit__in=municipality.units).exclude(ends_on__lt=localdate())
    if words := words_of(request):
        named = Q(person__first_name__icontains=words) | Q(person__last_name__icontains=words)
        rows = rows.filter(named | Q(unit__name__icontains=words))
    rows = rows.select_related("person", "unit").order_by("unit__path", "function", "starts_on", "pk")
    page = Paginator(rows, PAGE).get_page(request.GET.get("p"))
    note_names(request, what=What.FUNCTIONS, people=[appointment.person for appointment in page])
    return TemplateResponse(
        request,
        "register/appointments.html",
        {
            "form": form,
            "page_obj": page,
            "words": words,
            **frame(_("Functions"), icon="key"),
        },
    )


@requires(Action.KEEP_REGISTER)
@require_POST
def end_appointment(request, pk: int):
    """Let a function end today: yesterday was its last day."""
    own = Appointment.objects.filter(unit__in=municipality_of(request).units).exclude(ends_on__lt=localdate())
    appointment = get_object_or_404(own, pk=pk)
    coordinators = own.filter(function=Appointment.Function.COORDINATOR)
    if appointment in coordinators and len(coordinators) == 1:
        messages.error(request, _("Somebody must keep the register. Name another coordinator first."))
        return redirect("register:appointments")
    services.end_appointment(appointment=appointment, last_day=localdate() - DAY)
    messages.success(request, _("The function has ended."))
    return redirect("register:appointments")
