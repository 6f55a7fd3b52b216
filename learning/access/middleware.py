"""What holds for every answer: the content security policy, and how long one stays signed in on a shared device."""

from csp.middleware import CSPMiddleware
from django.conf import settings
from django.urls import reverse

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
