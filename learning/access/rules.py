"""Every view of ours says who may reach it. A view without a rule fails the walk of all routes."""

from functools import wraps

from django.contrib.auth.decorators import login_required
from django.http import Http404

from . import authority

PUBLIC = "public"
SIGNED_IN = "signed in"


def public(view):
    """Anyone may reach the view."""
    view.access_rule = PUBLIC
    return view


def signed_in(view):
    """Anyone who is signed in may reach the view; what they see there is their own."""
    guarded = login_required(view)
    guarded.access_rule = SIGNED_IN
    return guarded


def open_by_link(view):
    """Whoever came by a lesson link reaches the view too, as far as its rule goes; to any other they are nobody."""
    view.is_open_by_link = True
    return view


def requires(action: authority.Action):
    """Those who may do this somewhere may reach the view; for others it does not exist.

    The view itself fetches its objects from `authority_of(request).units` with the same action.
    """

    def decorate(view):
        @login_required
        @wraps(view)
        def guarded(request, *args, **kwargs):
            if not authority.authority_of(request).may(action):
                raise Http404
            return view(request, *args, **kwargs)

        guarded.access_rule = action
        return guarded

    return decorate
