"""The page on which something is done: what is asked, what would change, and then it is done.

The act itself tells what it changes: it is let happen, looked at, and taken back until somebody has confirmed exactly
that. So the words never promise anything else than what is done.
"""

import hashlib
from collections.abc import Callable, Iterable

from django import forms
from django.db import transaction
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from wagtail.admin import messages

from learning.access.authority import Action, Authority
from learning.access.log import What, note_names
from learning.errors import LearningError
from learning.organisation.models import Person

from .effects import Effect, Picture
from .frame import frame


class KeepsTheRegister(LearningError):
    """Whoever keeps the register would no longer be able to."""


def act_page(
    request,
    form: forms.Form,
    act: Callable[[], object],
    *,
    title: str,
    person: Person | None = None,
    above: Iterable[tuple[str, str]] = (),
    lead: str = "",
    is_final: bool = False,
    notes: Callable[[], list[dict]] = list,
    tell: Callable[[], Iterable[str]] = tuple,
):
    """Ask what the form asks; show what the act would change; do it when that is confirmed.

    `act` is done to the person, or returns the one whom it puts on the register. `is_final` marks what cannot be
    undone. `notes` are links to look at before. `tell` says, once it is done, what it changed beside the register.
    """
    effect = None
    if request.method == "POST" and form.is_valid():
        try:
            effect = attempt(act, person, by=request.user, seen=request.POST.get("seen", ""), tell=tell)
        except LearningError as error:
            form.add_error(None, str(error))
        else:
            if effect.is_done:
                messages.success(request, " ".join(effect.lines))
                return redirect("register:person", effect.person.uuid)
            if not effect.lines:
                form.add_error(None, _("The register says so already. Nothing was changed."))
    if person:
        note_names(request, what=What.PERSON, people=[person])
    return TemplateResponse(
        request,
        "register/act.html",
        {
            "form": form,
            "person": person,
            "lead": lead,
            "effect": effect if effect and effect.lines else None,
            "notes": notes() if effect and effect.lines else [],
            "seen": digest_of(effect) if effect else "",
            "is_final": is_final,
            **frame(title, above, icon="user"),
        },
    )


def attempt(
    act: Callable[[], object],
    person: Person | None,
    *,
    by: Person,
    seen: str,
    tell: Callable[[], Iterable[str]] = tuple,
) -> Effect:
    """Let the act happen if it changes just what was `seen`; else take it back, and only tell what it would change."""
    today = localdate()
    with transaction.atomic():
        before = Picture.of(person)
        made = act()
        person = person or made
        effect = Effect.between(before, Picture.of(person), person=person, today=today)
        effect.lines += tell()
        if not Authority.of(by, on=today).may(Action.KEEP_REGISTER):
            raise KeepsTheRegister(
                _("You keep the register by this employment, so another coordinator must do it. Nothing was changed.")
            )
        effect.is_done = bool(effect.lines) and seen == digest_of(effect)
        if not effect.is_done:
            transaction.set_rollback(True)
    return effect


def digest_of(effect: Effect) -> str:
    """Tells one effect from another."""
    return hashlib.sha256("\n".join(effect.lines).encode()).hexdigest()
