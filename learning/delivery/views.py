"""What people choose of the mails that they get."""

from django.http import Http404
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from learning.access.rules import public

from .choices import refuse
from .kinds import kind_of
from .unsubscribing import read


# Mail programs post it by themselves, without cookies; the token is what counts.
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
