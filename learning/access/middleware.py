"""What holds for every answer: the content security policy, shared devices, and the narrow reach of lesson links."""

from csp.middleware import CSPMiddleware
from django.conf import settings
from django.urls import reverse

from .lesson_links import shut_out
from .shared import STILLNESS, is_shared


class ContentSecurityPolicyMiddleware(CSPMiddleware):
    """Gives Wagtail's admin, which styles inline, a policy of its own."""

    def process_response(self, request, response):
        if request.path.startswith(reverse("wagtailadmin_home")):
            response._csp_config = settings.CONTENT_SECURITY_POLICY_ADMIN["DIRECTIVES"]
        return super().process_response(request, response)


class SharedDeviceMiddleware:
    """On a shared device the session ends after a minute of stillness, and no page is kept."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if is_shared(request):
            response["Cache-Control"] = "no-store"
            if request.user.is_authenticated:
                request.session.set_expiry(STILLNESS)
        return response


class LessonLinkMiddleware:
    """Whoever came by a lesson link is nobody, but to the views that open themselves."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        if not getattr(view, "is_open_by_link", False):
            shut_out(request)
