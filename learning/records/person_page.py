"""What records add to the page of a person in the register, and the taking back of a completion."""

from collections.abc import Iterator
from datetime import date

from django import forms
from django.db.models import F, Q
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from learning.access.authority import Action
from learning.access.rules import requires
from learning.organisation.models import Person
from learning.register.acts import act_page
from learning.register.frame import municipality_of
from learning.register.person import above
from learning.register.sections import Row, Section, add_section

from .models import Completion, Withdrawal
from .services import withdraw


def completions_section(person: Person, today: date) -> Section:
    """What the person has completed, with what was taken back."""
    return Section(
        key="completions",
        title=_("Completed courses"),
        rows=[_completion_row(one) for one in person.completions.select_related("withdrawal", "edition")],
        empty=_("No course has been completed yet."),
    )


def _completion_row(completion: Completion) -> Row:
    words = [completion.get_evidence_level_display()]
    if completion.valid_through:
        words.append(_("valid through %(day)s") % {"day": completion.valid_through})
    acts = []
    if withdrawal := completion.taken_back:
        words.append(
            _("taken back on %(day)s: %(reason)s") % {"day": withdrawal.withdrawn_on, "reason": withdrawal.reason}
        )
    else:
        acts.append((_("Take back"), reverse("withdraw_completion", args=[completion.uuid])))
    kind = _("Taken back") if completion.taken_back else _("Completed")
    return Row(str(completion.completed_on), kind, completion.course_title, words, acts)


def decisions_section(person: Person, today: date) -> Section:
    """From what the person is exempt; the rest stands on the page where that is decided."""
    return Section(
        key="decisions",
        title=_("Exemptions and training elsewhere"),
        rows=[
            Row(one.days, _("Exemption"), one.course_title, [one.get_reason_display()])
            for one in person.exemptions.order_by("-starts_on", "-pk")
        ],
        empty=_("There is no exemption."),
        acts=[(_("Decide or look closer"), reverse("records:decisions", args=[person.uuid]))],
    )


def add_sections() -> None:
    """Put the sections on the page."""
    add_section(completions_section)
    add_section(decisions_section)


class WithdrawForm(forms.Form):
    """Why a completion is taken back."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("The person reads it. Write nothing about health or other private matters."),
        max_length=Withdrawal._meta.get_field("reason").max_length,
    )


@requires(Action.KEEP_REGISTER)
def withdraw_completion(request, uuid):
    """Take back a completion that should not have been recorded."""
    found = Completion.objects.filter(person__municipality=municipality_of(request)).select_related("person")
    completion = get_object_or_404(found, uuid=uuid)
    form, today = WithdrawForm(request.POST or None), localdate()
    return act_page(
        request,
        form,
        lambda: withdraw(completion=completion, by=request.user, on=today, **form.cleaned_data),
        person=completion.person,
        title=_("Take back: %(course)s") % {"course": completion.course_title},
        above=above(completion.person),
        lead=_("For what should not have been recorded. The row stays, with who took it back and why."),
        is_final=True,
        tell=lambda: _effects(completion, today),
    )


def _effects(completion: Completion, today: date) -> Iterator[str]:
    """What it means that the completion is taken back, said once it is."""
    yield _("“%(course)s”, completed on %(day)s, does not count from today on. Figures of earlier days stay.") % {
        "course": completion.course_title,
        "day": date_format(completion.completed_on, "j F Y"),
    }
    others = Completion.objects.filter(person=completion.person_id, course_key=completion.course_key).lasting(today)
    others = others.filter(Q(lasts_through=None) | Q(lasts_through__gte=today))
    longest = others.order_by(F("lasts_through").desc(nulls_first=True)).first()
    if longest is None:
        yield _("The person has then not completed the course, and is asked for it where a requirement asks.")
    elif longest.lasts_through:
        day = date_format(longest.lasts_through, "j F Y")
        yield _("Another completion of the course counts through %(day)s.") % {"day": day}
    else:
        yield _("Another completion of the course counts until further notice.")
    yield _("The proof says that it has been taken back.")
