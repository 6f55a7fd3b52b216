"""Taking a lesson together: the shared screen, the code, who was there, and each one's own attestation."""

import qrcode
from django import forms
from django.contrib import messages
from django.contrib.auth import logout
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from courses.models import CoursePage, LessonPage, Route
from learning.access.authority import Action, authority_of
from learning.access.log import What, note_names
from learning.access.rules import public, requires
from learning.access.shared import is_shared, share, stop_sharing
from learning.access.throttle import PER_PLACE, count_try, forget, place_of
from learning.errors import LearningError
from learning.organisation.models import Employment, OrgUnitQuerySet, Person, PersonQuerySet
from learning.translations import in_language

from .models import Attendance, GroupSession
from .player import Run
from .together import UnknownCode, attest, end_session, read_code, register, session_with, start_session

SESSIONS_SHOWN = 20
MOST_CARDS = 999
PEOPLE_ON_A_PAGE = 50


# Whoever leads


class StartForm(forms.Form):
    """Which lesson, and with whom."""

    lesson = forms.ModelChoiceField(None, label=gettext_lazy("Lesson"), empty_label=None)
    unit = forms.ModelChoiceField(None, label=gettext_lazy("Unit"), empty_label=None)

    def __init__(self, *args, courses, units, **kwargs):
        super().__init__(*args, **kwargs)
        lesson, unit = self.fields["lesson"], self.fields["unit"]
        of_course = [(_titled(course), list(course.lessons().public())) for course in courses]
        lesson.queryset = LessonPage.objects.filter(pk__in=[page.pk for _title, pages in of_course for page in pages])
        lesson.choices = [(title, [(page.pk, _titled(page)) for page in pages]) for title, pages in of_course]
        unit.queryset, top = units, min((one.depth for one in units), default=0)
        unit.label_from_instance = lambda one: "– " * (one.depth - top) + one.name


def _titled(page) -> str:
    return in_language(page, get_language()).title


class PresentForm(forms.Form):
    """Those who were there; nobody but those whom the leader may attest for."""

    person = forms.ModelMultipleChoiceField(None, to_field_name="uuid", required=False)

    def __init__(self, *args, people, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = people


def _units(request) -> OrgUnitQuerySet:
    """The units that are open today and in which the person may lead."""
    return authority_of(request).units(Action.LEAD).on(timezone.localdate())


@requires(Action.LEAD)
@require_http_methods(["GET", "HEAD", "POST"])
def together(request):
    """Choose a lesson and a unit, and begin; and what the units have taken together before."""
    units = _units(request)
    courses = CoursePage.objects.live().descendant_of(request.user.municipality.site.root_page).order_by("path")
    asked = {"lesson": request.GET.get("lektion"), "unit": request.GET.get("enhet")}
    form = StartForm(request.POST or None, initial=asked, courses=courses, units=units)
    if request.method == "POST" and form.is_valid():
        session = start_session(leader=request.user, **form.cleaned_data, now=timezone.now())
        return redirect("records:together_card", code=session.code)
    context = {
        "form": form,
        "sessions": GroupSession.objects.within(authority_of(request).units(Action.LEAD))[:SESSIONS_SHOWN],
    }
    return render(request, "records/together.html", context, status=400 if form.errors else 200)


def _led(request, code: str) -> GroupSession:
    """A lesson that the person leads; others do not exist."""
    sessions = GroupSession.objects.within(authority_of(request).units(Action.LEAD))
    return get_object_or_404(sessions, code=code, leader=request.user)


@requires(Action.LEAD)
@require_safe
def together_card(request, code):
    """A card on the shared screen, as asked or with what is right. Nothing of it is kept."""
    session = _led(request, code)
    lesson = in_language(session.lesson, get_language())
    cards = Run(lesson).cards
    card = cards[_between(request.GET.get("kort"), 1, len(cards)) - 1]
    tells = "svar" in request.GET and card.has_answer
    if card.has_answer and not tells:
        onward, label = f"?kort={card.position}&svar", _("Show the answer")
    elif card.position < len(cards):
        onward, label = f"?kort={card.position + 1}", _("Next")
    else:
        onward, label = reverse("records:together_code", args=[code]), _("To the code")
    context = {
        "session": session,
        "lesson": lesson,
        "player_title": lesson.title,
        "card": card,
        "tells": tells,
        "position": card.position,
        "total": len(cards),
        "next_url": onward,
        "next_label": label,
        "skip_url": f"?kort={min(card.position + card.skip + 1, len(cards))}" if card.skip else "",
        "skip_label": _("Pass it by"),
        "previous": _before(card, tells),
        "routes": Route.objects.shown_in(request.user.municipality),
    }
    return render(request, "records/together_card.html", context)


def _between(text: str | None, least: int, most: int) -> int:
    number = int(text) if text and text.isascii() and text.isdecimal() and len(text) < 5 else least
    return max(least, min(number, most))


def _before(card, tells: bool) -> str:
    if tells:
        return f"?kort={card.position}"
    return f"?kort={card.position - 1}" if card.position > 1 else ""


@requires(Action.LEAD)
@require_safe
def together_code(request, code):
    """The code for the room, to scan or to type, and how many have attested; never who."""
    session = _led(request, code)
    address = request.build_absolute_uri(reverse("records:attend", args=[code]))
    context = {
        "session": session,
        "is_open": session.is_open(timezone.now()),
        "position": _between(request.GET.get("kort"), 1, MOST_CARDS),
        "grouped": f"{code[:3]} {code[3:]}",
        "typed": request.build_absolute_uri(reverse("records:attend_code")).partition("://")[2],
        "qr": qr_picture(address),
    }
    return render(request, "records/together_code.html", context)


def qr_picture(text: str) -> dict:
    """A QR code as the side of a square and the path of its dark modules."""
    code = qrcode.QRCode(border=4)
    code.add_data(text)
    rows = code.get_matrix()
    dark = (f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, is_dark in enumerate(row) if is_dark)
    return {"side": len(rows), "path": "".join(dark)}


@requires(Action.LEAD)
@require_http_methods(["GET", "HEAD", "POST"])
def together_people(request, code):
    """The leader attests for those who were there and did not do it themselves."""
    session, form = _led(request, code), PresentForm(request.POST, people=_people(request))
    if not form.is_valid():  # one whom the leader may not attest for does not exist, and then nothing is written
        raise Http404
    ticked = _at_work(request, form.cleaned_data["person"])
    if request.method == "POST" and "sida" not in request.POST:
        return _registered(request, session, ticked)
    if not session.is_open(timezone.now()):
        return render(request, "records/together_people.html", {"session": session})
    # What is ticked stays so while one looks for others.
    words = (request.POST or request.GET).get("sok", "").strip()
    people = _people(request).called(words) if words else _people(request, _units(request).under(session.unit))
    others = people.exclude(pk__in=[person.pk for person in ticked])
    pages = Paginator(_at_work(request, others), PEOPLE_ON_A_PAGE)
    page = pages.get_page(request.POST.get("sida"))
    shown = [*ticked, *page]
    note_names(request, what=What.UNIT_PEOPLE, people=shown, unit=session.unit, asked=_("Attendance"))
    context = {
        "session": session,
        "is_open": True,
        "ticked": ticked,
        "people": page,
        "words": words,
        "there": set(session.attendances.values_list("person", flat=True)),
    }
    return render(request, "records/together_people.html", context)


def _registered(request, session: GroupSession, people: PersonQuerySet):
    """Register those who are ticked, and say how many."""
    if not people:
        messages.warning(request, _("Tick at least one person. Nobody was registered."))
    else:
        number = register(session=session, people=people, now=timezone.now())
        words = ngettext("%(number)d person was registered.", "%(number)d people were registered.", number)
        messages.success(request, words % {"number": number})
    return redirect("records:together_people", code=session.code)


def _at_work(request, people: PersonQuerySet) -> PersonQuerySet:
    """The people by name, each with where they work among the leader's units: names alone do not tell them apart."""
    there = Employment.objects.on(timezone.localdate()).filter(unit__in=_units(request)).select_related("unit")
    found = people.prefetch_related(Prefetch("employments", there, to_attr="there"))
    return found.order_by("last_name", "first_name", "pk")


def _people(request, units: OrgUnitQuerySet | None = None) -> PersonQuerySet:
    """Those whom the person may attest for: employed where they lead, or in these units of theirs; not themselves."""
    units = _units(request) if units is None else units
    return Person.objects.employed_in(units, timezone.localdate()).exclude(pk=request.user.pk)


@requires(Action.LEAD)
@require_POST
def together_end(request, code):
    """Let the code count no longer."""
    end_session(session=_led(request, code), now=timezone.now())
    return redirect("records:together_code", code=code)


# Each who was there


@public
@require_safe
def attend_code(request):
    """Where the code on the screen is typed."""
    code = read_code(request.GET.get("kod", ""))
    if code.isascii() and code.isalnum():
        return redirect("records:attend", code=code)
    context = {"typed": request.GET["kod"], "problem": UnknownCode()} if code else {}
    return render(request, "records/attend_code.html", context, status=404 if code else 200)


@public
@require_http_methods(["GET", "HEAD", "POST"])
def attend(request, code):
    """Attest that one was there, on one's own device or on one that goes round; a GET changes nothing."""
    act = request.POST.get("act")
    if act in DEVICE:
        return DEVICE[act](request, code)
    if not request.user.is_authenticated:
        # The same for any code: nobody learns which ones there are.
        return render(request, "records/attend_sign_in.html")
    try:
        session = _session_with(request, code)
    except UnknownCode as problem:
        return render(request, "records/attend_code.html", {"problem": problem}, status=problem.status)
    if act == "attest":
        return _attested(request, session)
    context = {
        "session": session,
        "attendance": session.attendances.filter(person=request.user).first(),
        "is_open": session.is_open(timezone.now()),
    }
    return render(request, "records/attend.html", context)


def _session_with(request, code: str) -> GroupSession:
    """The lesson with the code; a miss counts as a try."""
    tries = count_try("code", {str(request.user.pk): 10, place_of(request): PER_PLACE}, now=timezone.now())
    session = session_with(code=code, person=request.user)
    forget(tries)
    return session


def _attested(request, session: GroupSession):
    how = Attendance.How.SHARED if is_shared(request) else Attendance.How.OWN
    try:
        attest(session=session, person=request.user, how=how, now=timezone.now())
    except LearningError as problem:
        messages.warning(request, str(problem))
    else:
        messages.success(request, _("You are registered. Thank you for being there."))
    if how == Attendance.How.SHARED:
        return _leave(request, session.code)
    return redirect("records:attend", code=session.code)


def _leave(request, code: str):
    """Sign out, and let the next person sign in on the same page."""
    logout(request)
    return redirect("records:attend", code=code)


def _share(request, code: str):
    """Let the device go round, and whoever is signed in on it be signed out."""
    response = _leave(request, code)
    share(response)
    return response


def _own(request, code: str):
    """Let the device be somebody's own again."""
    response = redirect("records:attend", code=code)
    stop_sharing(response)
    return response


DEVICE = {"leave": _leave, "share": _share, "own": _own}
