"""What people see and choose of the mails that they get."""

from django.conf import settings
from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from learning.access.rules import public, signed_in

from .choices import choose, refuse
from .forms import ChoiceForm
from .kinds import kind_of, kinds
from .schedule import offers
from .schedule.services import accept, decline
from .unsubscribing import read

ON_PAGE = 100


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def mine(request):
    """What has been sent to whoever asks, and what they want to be sent."""
    choice = getattr(request.user, "mail_choice", None)
    refused = choice.refused if choice else []
    initial = {
        "language": choice.language if choice else settings.LANGUAGE_CODE,
        "wanted": [kind.name for kind in kinds() if kind.name not in refused],
    }
    form = ChoiceForm(request.POST or None, initial=initial)
    if form.is_valid():
        choose(person=request.user, language=form.cleaned_data["language"], refused=form.refused)
        messages.success(request, _("Saved. It holds from the next mail on."))
        return redirect("delivery:mine")
    accepted = request.user.accepted_offers.select_related("requirement__course").order_by("at")
    context = {
        "form": form,
        "required": [kind for kind in kinds() if kind.required],
        "accepted": [(one.requirement.course, offers.offer_url(request.user, one.requirement)) for one in accepted],
        "sent": request.user.messages.exclude(sent_at=None).order_by("-sent_at")[:ON_PAGE],
    }
    return render(request, "delivery/mine.html", context, status=400 if form.errors else 200)


# Mail programs post it by themselves, without cookies (RFC 8058); the token is what counts.
@csrf_exempt
@public
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request, token):
    """Show a button that refuses the kind; POST refuses it, whoever is signed in."""
    found = read(token)
    kind = found and kind_of(found[1])
    if not kind or kind.required:
        raise Http404
    if request.method == "POST":
        refuse(person=found[0], kind=kind.name)
    return render(request, "delivery/unsubscribe.html", {"kind": kind, "is_done": request.method == "POST"})


@public
@require_http_methods(["GET", "HEAD", "POST"])
def offer(request, token):
    """What somebody is offered, with a button that says yes, or no after a yes; POST says it, whoever is signed in."""
    found = offers.read(token)
    if not found:
        raise Http404
    person, requirement = found
    says_no = request.POST.get("answer") == "no"
    if says_no:
        decline(person=person, requirement=requirement)
    elif request.method == "POST":
        accept(person=person, requirement=requirement, now=timezone.now())
    is_accepted = offers.has_accepted(person, requirement)
    context = {"course": requirement.course, "is_accepted": is_accepted, "is_declined": says_no}
    return render(request, "delivery/offer.html", context)
