"""What mails look like: a sample of each kind, and those that the demonstration has kept."""

from email import message_from_bytes, policy

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import override
from django.views.decorators.http import require_safe

from learning.access.rules import public
from learning.organisation.models import Municipality, Person

from .frames import framed
from .kinds import Kind, kind_of, kinds
from .letters import letter
from .models import KeptMail, Message

PAGE = 50
LANGUAGES = [code for code, _name in settings.LANGUAGES]


@public
@require_safe
def samples(request):
    """Every kind of mail in every language, as HTML and as text."""
    shown = [
        {"kind": kind, "language": language, "email": _sample(request, kind, language)}
        for kind in kinds()
        for language in LANGUAGES
    ]
    return render(request, "delivery/samples.html", {"samples": shown})


@public
@require_safe
def sample(request, kind, language):
    """The HTML of a sample, for its frame."""
    found = kind_of(kind)
    if not found or language not in LANGUAGES:
        raise Http404
    return framed(_html(_sample(request, found, language)))


def _sample(request, kind: Kind, language: str):
    """A mail of the kind to nobody."""
    municipality = Municipality.objects.of_request(request) or Municipality.objects.first()
    person = Person(first_name="Alva", last_name="Lindgren", email="alva@example.org", municipality=municipality)
    message = Message(person=person, kind=kind.name, message_id="<sample@example.org>")
    with override(language):
        return letter(message, kind.sample(), kind, language=language, now=timezone.now())


def _html(email) -> str:
    return email.alternatives[0].content


@public
@require_safe
def kept_mails(request):
    """The mails of the demonstration, the newest first; of one person, where an address is asked for."""
    found = KeptMail.objects.defer("content")
    if address := request.GET.get("till", ""):
        found = found.filter(address=address.lower())
    if name := request.GET.get("slag", ""):
        found = found.filter(message_id__in=Message.objects.filter(kind=name).values("message_id"))
    pages = Paginator(found, PAGE).get_page(request.GET.get("sida"))
    asked = {"address": address, "kind": name}
    return render(request, "delivery/kept_mails.html", {"pages": pages, "kinds": kinds(), **asked})


@public
@require_safe
def kept_mail(request, pk):
    """One of them, as HTML with the text beside it."""
    kept = get_object_or_404(KeptMail, pk=pk)
    email = message_from_bytes(kept.content.encode(), policy=policy.default)
    text = email.get_body(["plain"])
    headers = [(name, email[name]) for name in ("From", "To", "Reply-To", "List-Unsubscribe") if email[name]]
    context = {"kept": kept, "headers": headers, "text": text.get_content() if text else ""}
    return render(request, "delivery/kept_mail.html", context)


@public
@require_safe
def kept_html(request, pk):
    """The HTML of one of them, for its frame."""
    kept = get_object_or_404(KeptMail, pk=pk)
    html = message_from_bytes(kept.content.encode(), policy=policy.default).get_body(["html"])
    if html is None:
        raise Http404
    return framed(html.get_content())
