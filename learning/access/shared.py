"""A device that goes round: nobody stays signed in on it, and it keeps no page to go back to.

The device carries the mark, not the session, so that it is shared by the next person too.
"""

from datetime import timedelta

from django.conf import settings

COOKIE = "shared_device"
STILLNESS = 60  # seconds after which whoever signed in is signed out
LONGEST = timedelta(hours=4)


def share(response) -> None:
    """Let the device be shared for some hours."""
    response.set_cookie(
        COOKIE, "1", max_age=LONGEST, httponly=True, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
    )


def stop_sharing(response) -> None:
    """Let the device be somebody's own again."""
    response.delete_cookie(COOKIE, samesite="Lax")


def is_shared(request) -> bool:
    """Whether the device goes round."""
    return bool(request.COOKIES.get(COOKIE))
