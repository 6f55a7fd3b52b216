"""Refusals that people may read, and the page that shows them."""

from django.shortcuts import render


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
            return render(request, "refusal.html", {"reason": str(exception)}, status=exception.status)
        return None
