"""The coordinator's pages of what is mailed when: the settings, what the first week would bring, and the start."""

from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from wagtail.admin import messages
from wagtail.log_actions import log

from learning.access.authority import Action
from learning.access.log import What, note_names
from learning.access.rules import requires
from learning.delivery.frames import framed
from learning.delivery.kinds import kind_of
from learning.organisation.models import Person
from learning.register.frame import frame, municipality_of
from learning.spreadsheets import ENDINGS, file_response

from .forms import MailPlanForm, course_forms
from .models import MailPlan, Recipient
from .preview import first_mail, preview
from .services import start, stop, waits_for_yes
from .texts import places, take_out


def plan_of(request) -> MailPlan:
    """The plan of the municipality whose register the user keeps; one that is not saved, where there is none."""
    municipality = municipality_of(request)
    return MailPlan.objects.filter(municipality=municipality).first() or MailPlan(municipality=municipality)


def _frame(title: str) -> dict:
    return frame(title, [(reverse("mailings:index"), _("Mailings"))], icon="mail")


@requires(Action.KEEP_REGISTER)
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request):
    """When and how much is mailed, and whether it is."""
    plan = plan_of(request)
    data = request.POST if request.method == "POST" else None
    form, courses = MailPlanForm(data, instance=plan), course_forms(plan.municipality, data)
    if data and all([form.is_valid(), *(one.is_valid() for one in courses)]):
        form.save()
        for one in courses:
            one.save()
        log(plan, "delivery.change", user=request.user)
        messages.success(request, _("Saved. It holds from the next mail that is planned."))
        return redirect("mailings:plan")
    context = {
        "plan": plan,
        "form": form,
        "courses": courses,
        "reached": Recipient.objects.filter(person__municipality=plan.municipality).count(),
        "waiting": waits_for_yes(plan.municipality, timezone.localdate()) if plan.started_at else 0,
        **_frame(_("What is mailed when")),
    }
    return TemplateResponse(request, "delivery/plan.html", context, status=400 if form.errors else 200)


@requires(Action.KEEP_REGISTER)
@require_http_methods(["GET", "HEAD", "POST"])
def begin(request):
    """What the first week would bring whom; POST starts it, or lets those in who wait."""
    plan, now = plan_of(request), timezone.now()
    if request.method == "POST":
        if plan.pk is None:
            plan.save()
        start(plan=plan, by=request.user, now=now)
        messages.success(request, _("Started. The first mails go within the hours that you have chosen."))
        return redirect("mailings:plan")
    found = preview(plan, now)
    people = Person.objects.in_bulk([person for person, _planned in found.sample])
    note_names(request, what=What.MAILS, people=people.values(), asked=_("The first week"))
    context = {
        "plan": plan,
        "preview": found,
        "kinds": [kind_of(kind).title for kind in found.kinds],
        "sample": [
            (people[pk], [(kind_of(one.kind).title, one.send_after) for one in week]) for pk, week in found.sample
        ],
        **_frame(_("The first week")),
    }
    return TemplateResponse(request, "delivery/begin.html", context)


@requires(Action.KEEP_REGISTER)
@require_GET
def first(request, uuid):
    """The first mail that somebody would get, for its frame."""
    plan = plan_of(request)
    person = get_object_or_404(Person, uuid=uuid, municipality=plan.municipality)
    note_names(request, what=What.MAILS, people=[person], asked=_("The first week"))
    email = first_mail(plan, person, timezone.now())
    return framed(email.alternatives[0].content if email else "<head></head>")


@requires(Action.KEEP_REGISTER)
@require_POST
def end(request):
    """Plan nothing more."""
    plan = plan_of(request)
    if plan.started_at:
        stop(plan=plan, by=request.user)
    messages.success(request, _("Stopped. Nothing more is planned, and what was queued is not sent."))
    return redirect("mailings:plan")


@requires(Action.KEEP_REGISTER)
@require_POST
def texts(request, ending):
    """SMS texts for those whom mail does not reach, as a file; they are noted as sent."""
    if ending not in ENDINGS:
        raise Http404
    plan = plan_of(request)
    found = take_out(plan=plan, now=timezone.now()) if plan.pk else []
    if not found:
        messages.warning(
            request,
            _("There is nothing to take out now: nobody whom mail does not reach is to be sent anything today."),
        )
        return redirect("mailings:plan")
    note_names(request, what=What.MAILS, people=[text.person for text in found], asked=_("SMS texts"), exported=True)
    head = [_("HR id"), _("Text"), _("Places"), _("Language"), _("Kind")]
    rows = [
        [text.person.hr_id, text.text, places(text.text), text.language, kind_of(text.kind).title] for text in found
    ]
    return file_response(ending, f"sms-{timezone.localdate()}", [head, *rows])
