"""Refuses what looks secret in texts that anybody may read, and says what to do about it. See decision 28."""

from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from courses.models import Route
from learning.errors import LearningError
from learning.organisation.models import Municipality

from .secret import Finding, Kind, found_in, last_names_in


class LooksSecret(LearningError):
    """Something that anybody could read looks secret; nothing was saved."""


# What something looks like, and what to do about it.
ADVICE = {
    Kind.PERSONAL_NUMBER: (
        gettext_lazy("a personal identity number"),
        gettext_lazy("Write what was seen, and not who it was."),
    ),
    Kind.TELEPHONE: (
        gettext_lazy("somebody’s telephone number"),
        gettext_lazy("Leave it out. Numbers that anybody may call are kept as routes; those may be written here too."),
    ),
    Kind.MAIL: (gettext_lazy("an e-mail address"), gettext_lazy("Write a group or a function instead.")),
    Kind.CAR: (gettext_lazy("a registration plate"), gettext_lazy("Write what was seen, and not whose it was.")),
    Kind.MARKING: (
        gettext_lazy("a mark of secrecy"),
        gettext_lazy(
            "Take away all that it marks. If secrecy is what you write about, do so in a sentence, such as “routines "
            "for secrecy”."
        ),
    ),
    Kind.CASE: (
        gettext_lazy("the number of a case"),
        gettext_lazy("Leave it out: whoever has the number finds the person. Numbers of KS and KF may be written."),
    ),
    Kind.ADDRESS: (
        gettext_lazy("a street address"),
        gettext_lazy("Write the kind of place instead, such as a school or a square."),
    ),
    Kind.NAME: (
        gettext_lazy("the name of somebody on the municipality’s register"),
        gettext_lazy("Write a group or a function instead."),
    ),
}


def refusal(label: str, findings: Iterable[Finding]) -> str:
    """That a field is not saved, why, what was found in it, and what to do about each."""
    found = []
    for finding in findings:
        looks_like, advice = ADVICE[finding.kind]
        words = {"words": finding.words, "looks_like": looks_like, "advice": advice}
        found.append(_("“%(words)s” looks like %(looks_like)s. %(advice)s") % words)
    head = _("%(field)s: this is not saved, since anybody may read it.") % {"field": label}
    return " ".join([head, *found])


AT_A_TIME = 10_000  # databases take no more than some ten thousands of words in one question


class Reader:
    """Reads texts of a municipality for what looks secret; asks the register once."""

    def __init__(self, municipality: Municipality, texts: Iterable[str]):
        routes = Route.objects.filter(municipality=municipality).exclude(number="")
        self.public = [municipality.contact_email, *routes.values_list("number", flat=True)]
        self.names = list(_names(municipality, sorted(last_names_in("\n".join(texts)))))

    def found(self, text: str) -> list[Finding]:
        return found_in(text, names=self.names, public=self.public)


def _names(municipality: Municipality, last_names: list[str]) -> Iterator[tuple[str, str]]:
    """First and last names of those on the register who are called one of these."""
    for start in range(0, len(last_names), AT_A_TIME):
        people = municipality.person_set.filter(last_name__in=last_names[start : start + AT_A_TIME])
        yield from people.order_by().values_list("first_name", "last_name").distinct()
