"""The proof of a completion: as a page, as PDF and as a badge; and, for anybody, whether it holds."""

from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from learning.access.rules import open_by_link, public, signed_in
from learning.access.throttle import PER_PLACE, count_try, forget, place_of
from learning.organisation.models import Municipality

from . import badges, proofs
from .models import IN_A_GROUP, Completion, LessonProgress


@open_by_link
@signed_in
@require_safe
def proof(request, uuid):
    """The proof of one of one's own completions; it says so where that has been taken back."""
    completion = _with_days(request, uuid, person=request.user)
    in_a_group = LessonProgress.objects.filter(
        person=request.user,
        course_key=completion.course_key,
        evidence_level__in=IN_A_GROUP,
        finished_at__date__lte=completion.completed_on,
    )
    context = {
        "completion": completion,
        "facts": proofs.facts_of(completion),
        "check_url": proofs.check_address(completion),
        "in_a_group": in_a_group.select_related("lesson").order_by("finished_at", "pk"),
    }
    return render(request, "records/proof.html", context)


def _with_days(request, uuid, **whose) -> Completion:
    """A completion with the last day on which it counts, taken back or not."""
    found = Completion.objects.with_days().select_related("person__municipality__site", "unit", "edition", "withdrawal")
    return get_object_or_404(found, uuid=uuid, **whose)


def _own(request, uuid) -> Completion:
    """One's own completion, to take along: what has been taken back is not handed out."""
    found = Completion.objects.lasting(timezone.localdate())
    found = found.select_related("person__municipality__site", "unit", "edition")
    return get_object_or_404(found, uuid=uuid, person=request.user)


# Ending → what makes the file, and its type: for people, as a signed credential, and as that in a picture.
FILES = {
    "pdf": (proofs.proof_pdf, "application/pdf"),
    "jwt": (badges.signed, "application/vc+jwt"),
    "svg": (badges.picture, "image/svg+xml"),
}


@open_by_link
@signed_in
@require_safe
def proof_file(request, uuid, ending):
    """The proof, to take along."""
    completion, (make, content_type) = _own(request, uuid), FILES[ending]
    response = HttpResponse(make(completion), content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="intyg-{completion.completed_on}.{ending}"'
    return response


@public
@never_cache
@require_safe
def proof_check(request, uuid):
    """Whether a proof holds, for anybody who has its address; a miss counts as a try."""
    tries = count_try("proof", {place_of(request): PER_PLACE}, now=timezone.now())
    municipality = _municipality(request)
    try:
        completion = _with_days(request, uuid, person__municipality=municipality)
    except Http404:
        return render(request, "records/proof_missing.html", {"municipality": municipality}, status=404)
    forget(tries)
    today = timezone.localdate()
    context = {
        "completion": completion,
        "initials": proofs.initials_of(completion.person),
        "has_expired": bool(completion.lasts_through) and completion.lasts_through < today,
    }
    response = render(request, "records/proof_check.html", context)
    response["X-Robots-Tag"] = "noindex"
    return response


def _municipality(request) -> Municipality:
    """The one whose site was asked."""
    municipality = Municipality.objects.of_request(request)
    if municipality is None:
        raise Http404
    return municipality


@public
@require_safe
def did(request):
    """Where the municipality publishes the key by which its badges are checked (did:web)."""
    return _open(JsonResponse(badges.did_document(_municipality(request)), content_type="application/did+json"))


@public
@require_safe
def taken_back(request):
    """Which of the municipality's badges have been taken back, as numbers that say nothing else."""
    told = badges.taken_back(_municipality(request), now=timezone.now())
    return _open(HttpResponse(told, content_type="application/vc+jwt"))


def _open(response: HttpResponse) -> HttpResponse:
    """For those who check badges in a browser, from whatever site."""
    response["Access-Control-Allow-Origin"] = "*"
    return response
