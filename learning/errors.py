"""Refusals that people may read, and the page that shows them."""

from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme


class LearningError(Exception):
    """A rule was broken; the text says what happened, what was kept and what to do, and may be shown."""

    status = 409


class ExplainRefusalMiddleware:
    """Turns a LearningError that reaches the top into a page with its text, never a trace."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        if isinstance(exception, LearningError):
            context = {"reason": str(exception), "back": _came_from(request)}
            return render(request, "refusal.html", context, status=exception.status)
        return None


def _came_from(request) -> str:
    """The page of ours on which it was asked for; nothing where that is not known."""
    page = request.headers.get("Referer", "")
    return page if url_has_allowed_host_and_scheme(page, {request.get_host()}) else ""
