"""Exemptions and training elsewhere: what a person tells of it, and what those decide who answer for them."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from courses.models import CoursePage
from learning.access.authority import Action, authority_of, decided_on
from learning.access.log import What, note_names
from learning.access.rules import requires, signed_in
from learning.dated import DAY
from learning.errors import LearningError
from learning.organisation.models import Person
from learning.parts import send_file

from .evidence import CONTENT_TYPES, Decision, accept, decline, keep_as_development, report
from .exemptions import end_exemption, exempt
from .forms import DecisionForm, EvidenceForm, ExemptionForm, GroupEvidenceForm
from .models import Evidence, EvidenceStep, Exemption
from .overview import courses_of
from .services import main_unit

ON_A_PAGE = 50
MOST_PEOPLE = 500  # of a unit, to tick


# Exemptions


@requires(Action.DECIDE)
@require_http_methods(["GET", "HEAD", "POST"])
def decisions(request, uuid):
    """How a person stands, from what they are exempt and why, and what they learned elsewhere; a new exemption."""
    person, today = get_object_or_404(decided_on(request), uuid=uuid), timezone.localdate()
    form = ExemptionForm(
        request.POST or None,
        courses=_courses(request),
        today=today,
        may_leave_open=authority_of(request).may(Action.KEEP_REGISTER),
    )
    if request.method == "POST" and form.is_valid():
        try:
            exemption = exempt(person=person, decided_by=request.user, **form.cleaned_data)
        except LearningError as problem:
            form.add_error(None, str(problem))
        else:
            told = _("“%(course)s” is not asked of the person: %(days)s.")
            messages.success(request, told % {"course": exemption.course_title, "days": exemption.days})
            return redirect("records:decisions", uuid=uuid)
    note_names(request, what=What.PERSON, people=[person], asked=_("Exemptions and training elsewhere"))
    rows = person.exemptions.select_related("decided_by", "ended_by").order_by("-starts_on", "-pk")
    context = {
        "person": person,
        "unit": main_unit(person, on=today),
        "asked": [state for state in courses_of(person, on=today)[0] if state.asked and not state.asked.is_offer],
        "form": form,
        "in_force": [row for row in rows if row.ends_on is None or row.ends_on >= today],
        "over": [row for row in rows if row.ends_on and row.ends_on < today],
        "evidence": evidence_of(person),
        "keeps_register": authority_of(request).may(Action.KEEP_REGISTER),
    }
    return render(request, "records/decisions.html", context, status=400 if form.errors else 200)


def _courses(request):
    root = request.user.municipality.site.root_page
    return CoursePage.objects.live().descendant_of(root).order_by("path")


@requires(Action.DECIDE)
@require_POST
def end_early(request, pk):
    """Let the course be asked again from today on."""
    rows = Exemption.objects.filter(person__in=decided_on(request)).select_related("person")
    exemption = get_object_or_404(rows, pk=pk)
    now = timezone.now()
    try:
        end_exemption(exemption=exemption, last_day=timezone.localdate(now) - DAY, by=request.user, now=now)
    except LearningError as problem:
        messages.warning(request, str(problem))
    else:
        messages.success(request, _("The exemption has ended. Its days so far stay as they were."))
    return redirect("records:decisions", uuid=exemption.person.uuid)


# Training elsewhere


def evidence_of(person: Person) -> list[Evidence]:
    """What the person has learned elsewhere, the newest first, each with what was decided of it."""
    rows = person.evidence.select_related("reported_by")
    return list(rows.prefetch_related("steps__completion__withdrawal", "steps__decided_by"))


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def own_evidence(request):
    """What one has learned elsewhere, how it was decided, and the form in which one tells more."""
    today = timezone.localdate()
    form = EvidenceForm(request.POST or None, request.FILES or None, today=today)
    if request.method == "POST" and form.is_valid():
        report(people=[request.user], by=request.user, now=timezone.now(), **form.told)
        messages.success(request, _("It has been saved. The coordinator decides whether it counts for a course."))
        return redirect("records:own_evidence")
    context = {"form": form, "evidence": evidence_of(request.user)}
    return render(request, "records/own_evidence.html", context, status=400 if form.errors else 200)


@requires(Action.DECIDE)
@require_http_methods(["GET", "HEAD", "POST"])
def unit_evidence(request, pk):
    """Tell what several people of a unit did together, such as a study visit."""
    today = timezone.localdate()
    unit = get_object_or_404(authority_of(request).units(Action.DECIDE), pk=pk)
    people = Person.objects.employed_in(authority_of(request).units(Action.DECIDE).under(unit), today)
    people = people.filter(pk__in=decided_on(request)).order_by("last_name", "first_name", "pk")
    if people.count() > MOST_PEOPLE:  # a page of them would be of no use to anybody
        return render(request, "records/unit_evidence.html", {"unit": unit, "is_too_large": True})
    form = GroupEvidenceForm(request.POST or None, today=today, people=people)
    if request.method == "POST" and form.is_valid():
        told = form.told
        found = report(people=told.pop("people"), by=request.user, now=timezone.now(), **told)
        words = ngettext("Registered for %(number)d person.", "Registered for %(number)d people.", len(found))
        messages.success(request, words % {"number": len(found)})
        return redirect("records:unit_evidence", pk=pk)
    note_names(request, what=What.UNIT_PEOPLE, people=people, unit=unit, asked=_("Training elsewhere"))
    context = {"form": form, "unit": unit, "people": people}
    return render(request, "records/unit_evidence.html", context, status=400 if form.errors else 200)


@signed_in
@require_safe
def evidence_file(request, uuid):
    """The proof that was sent in, for the person and for those who decide."""
    evidence = Evidence.objects.exclude(file="").select_related("person").filter(uuid=uuid).first()
    if evidence is None:
        raise Http404
    if evidence.person != request.user:
        if not decided_on(request).filter(pk=evidence.person_id).exists():
            raise Http404
        note_names(request, what=What.PERSON, people=[evidence.person], asked=_("Proof"), exported=True)
    ending = evidence.file.name.rpartition(".")[2]
    try:
        response = send_file(request, evidence.file, content_type=CONTENT_TYPES[ending])
    except FileNotFoundError as error:
        raise Http404 from error
    # Taken out as a file and not shown in the page's own origin, whatever may be in it.
    response.headers["Content-Disposition"] = f'attachment; filename="underlag-{evidence.last_day}.{ending}"'
    return response


@requires(Action.KEEP_REGISTER)
@require_safe
def waiting_evidence(request):
    """What waits for a decision, the oldest first."""
    rows = Evidence.objects.filter(person__in=decided_on(request)).exclude(what="")
    rows = rows.exclude(Exists(EvidenceStep.objects.filter(evidence=OuterRef("pk"))))
    page = Paginator(rows.select_related("person").order_by("reported_at", "pk"), ON_A_PAGE).get_page(
        request.GET.get("sida")
    )
    note_names(request, what=What.PEOPLE, people={one.person for one in page}, asked=_("Training elsewhere"))
    return render(request, "records/waiting_evidence.html", {"waiting": page})


@requires(Action.KEEP_REGISTER)
@require_http_methods(["GET", "HEAD", "POST"])
def decide_evidence(request, uuid):
    """Decide whether what somebody learned elsewhere counts for a course, and how surely it is known."""
    rows = Evidence.objects.select_related("person", "reported_by").filter(person__in=decided_on(request))
    evidence = get_object_or_404(rows, uuid=uuid)
    form = DecisionForm(request.POST or None, evidence=evidence)
    if request.method == "POST" and form.is_valid():
        try:
            step = _decide(evidence, form.cleaned_data, by=request.user)
        except LearningError as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, f"{capfirst(step.get_decision_display())}.")
            return redirect("records:decisions", uuid=evidence.person.uuid)
    note_names(request, what=What.PERSON, people=[evidence.person], asked=_("Training elsewhere"))
    context = {"evidence": evidence, "steps": evidence.steps.select_related("decided_by", "completion"), "form": form}
    return render(request, "records/decide_evidence.html", context, status=400 if form.errors else 200)


def _decide(evidence: Evidence, given: dict, *, by: Person) -> EvidenceStep:
    about = {"evidence": evidence, "by": by, "now": timezone.now()}
    match given["decision"]:
        case Decision.ACCEPTED:
            return accept(**about, course=given["course"], level=given["level"])
        case Decision.DECLINED:
            return decline(**about, reason=given["reason"])
    return keep_as_development(**about)
