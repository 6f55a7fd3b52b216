"""Shows the HTML of a mail in a page: in a frame of its own, where nothing runs and nothing is fetched."""

from csp.constants import NONE, SELF
from django.http import HttpResponse

POLICY = {
    "default-src": [NONE],
    "style-src": ["'unsafe-inline'"],  # a mail carries its styles
    "sandbox": ["allow-popups", "allow-popups-to-escape-sandbox", "allow-top-navigation-by-user-activation"],
    "frame-ancestors": [SELF],
}


def framed(html: str) -> HttpResponse:
    """The mail as an answer under a policy of its own; its links lead out of the frame."""
    response = HttpResponse(html.replace("<head>", '<head><base target="_top">', 1))
    response._csp_config = POLICY
    return response
