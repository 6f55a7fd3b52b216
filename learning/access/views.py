"""Getting in and out."""

from django.contrib.auth import login, logout
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from . import demo, links
from .authority import Action, authority_of
from .forms import LinkForm, SignInForm
from .rules import public, signed_in
from .tasks import send_sign_in_link
from .throttle import PER_PLACE, count_try, forget, place_of


@public
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request):
    """Sign in with address and password, ask for a link, or (in the demonstration) click."""
    form = SignInForm(request, request.POST or None)
    if request.method == "POST":
        # As the form reads it: no other way of writing the address gives more tries.
        address = form.fields["username"].to_python(request.POST.get("username", "")).lower()
        tries = count_try("sign-in", {address: 10, place_of(request): PER_PLACE}, now=timezone.now())
        if form.is_valid():
            forget(tries)
            login(request, form.get_user())
            return redirect(_next(request))
    return render(request, "access/sign_in.html", _context(request, form=form), status=400 if form.errors else 200)


@public
@require_http_methods(["GET", "HEAD", "POST"])
def ask_for_link(request):
    """Send a one-time link; the answer is the same whether the address is known or not."""
    if request.method != "POST":  # the page was loaded again
        return redirect("access:sign_in")
    form = LinkForm(request.POST)
    if not form.is_valid():
        return render(request, "access/sign_in.html", _context(request, link_form=form), status=400)
    email = form.cleaned_data["email"]
    count_try("link", {email: 5, place_of(request): PER_PLACE}, now=timezone.now())
    request.session["next"] = request.POST.get("next", "")
    send_sign_in_link.delay(email, links.nonce_of(request.session), get_language())
    return render(request, "access/link_sent.html", {"email": email})


@public
@require_http_methods(["GET", "HEAD", "POST"])
def link(request, token):
    """Show a button for the link; only pressing it signs in, so that mail scanners use nothing up."""
    person = links.person_of(token, request.session)
    if person is None:
        return render(request, "access/link_refused.html", status=400)
    if request.method == "POST":
        # Before the session is another: what was asked for in one by a lesson link does not go over.
        target = _next(request)
        login(request, person)
        return redirect(target)
    return render(request, "access/link_confirm.html", {"person": person})


@public
@require_POST
def demo_sign_in(request):
    """Sign a fictional person in by one click."""
    person = demo.visitor(request.POST.get("email", ""))
    if person is None:
        raise Http404
    login(request, person, backend="learning.access.backends.PasswordBackend")
    return redirect(_next(request))


@public
@require_POST
def sign_out(request):
    logout(request)
    return redirect("/")


@signed_in
@require_GET
def after_sign_in(request):
    """Go where the person's day begins: the figures for those who answer for others, else their own page."""
    authority = authority_of(request)
    if authority.may(Action.SEE_FIGURES):
        return redirect("reporting:overview")
    if authority.may(Action.WRITE) or request.user.is_superuser:
        return redirect("wagtailadmin_home")
    return redirect("records:my_page")


def _context(request, *, form=None, link_form=None) -> dict:
    return {
        "form": form or SignInForm(request),
        "link_form": link_form or LinkForm(),
        "visitors": demo.visitors(),
        "next": request.POST.get("next") or request.GET.get("next", ""),
    }


def _next(request) -> str:
    """Where to go after signing in, said by the form or, for a link, when it was asked for; never to another host."""
    target = request.POST.get("next") or request.session.pop("next", "")
    if url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        return target
    return reverse("access:after_sign_in")
