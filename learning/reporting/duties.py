"""How it stands with the functions that are to be filled: on a unit's page, on a page of their own and as a file."""

from dataclasses import dataclass, replace
from datetime import date

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Substr
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from learning.coverage.vacancies import Post, State, vacancies
from learning.organisation.models import OrgUnit, OrgUnitQuerySet
from learning.plans.models import Duty

# So many of each kind are told on a unit's page, which leads to all of them.
MOST_TOLD = 10


@dataclass(frozen=True)
class DutyStanding:
    """A duty and how it stands with it in each unit that is to fill it."""

    duty: Duty
    posts: list[Post]
    is_past: bool = False  # whether it is told of a day that has been

    @property
    def lacking(self) -> list[Post]:
        """The units that have nobody in place and trained."""
        return [post for post in self.posts if post.state.is_lacking]

    @property
    def filled(self) -> int:
        """How many units have somebody in place and trained, whether or not that ends soon."""
        return len(self.posts) - len(self.lacking)

    @property
    def ending(self) -> list[Post]:
        return [post for post in self.posts if post.state == State.ENDING]

    @property
    def told(self) -> list[Post]:
        """Those that are told with names on a unit's page."""
        return self.lacking[:MOST_TOLD] + self.ending[:MOST_TOLD]

    @property
    def title(self) -> str:
        """How many of the units lack it, in a sentence."""
        lacking, words = len(self.lacking), {"all": len(self.posts), "what": self.duty.title}
        words["units"] = self._word(lacking or len(self.posts))
        if not lacking:
            return self._all_have_it() % words
        words["number"] = lacking
        if self.is_past:
            return _("%(number)s %(units)s lacked %(what)s") % words
        return ngettext("%(number)s %(units)s lacks %(what)s", "%(number)s %(units)s lack %(what)s", lacking) % words

    def _all_have_it(self) -> str:
        if self.is_past:
            return ngettext(
                "%(all)s %(units)s that was to have %(what)s had it",
                "All %(all)s %(units)s that were to have %(what)s had it",
                len(self.posts),
            )
        return ngettext(
            "%(all)s %(units)s that is to have %(what)s has it",
            "All %(all)s %(units)s that are to have %(what)s have it",
            len(self.posts),
        )

    def _word(self, number: int) -> str:
        """The municipality's own word for so many of the units."""
        if self.duty.kind:
            return _("unit") if number == 1 else _("units")
        place = self.duty.municipality
        return place.department_word if number == 1 else place.departments_word


def duties_of(unit: OrgUnit, on: date, *, is_past: bool = False) -> list[DutyStanding]:
    """The duties of the municipality that ask something of the unit or of those below it on the day."""
    duties = Duty.objects.on(on).filter(municipality__root__path=unit.root_path)
    duties = duties.select_related("municipality__root", "course").order_by("starts_on", "title", "pk")
    found = [DutyStanding(duty, vacancies(duty, unit, on), is_past) for duty in duties]
    return [standing for standing in found if standing.posts]


def has_duties() -> Exists:
    """Whether a duty may ask something of a unit or of those below it: of most it does not, and no more is asked."""
    here = OrgUnit.objects.filter(path__startswith=OuterRef(OuterRef("path")))
    asked = here.filter(Q(kind=OuterRef("kind")) | Q(depth=OuterRef("municipality__root__depth") + 1))
    root = Substr(OuterRef("path"), 1, OrgUnit.steplen)
    return Exists(Duty.objects.filter(Exists(asked), municipality__root__path=root))


def duties_within(units: OrgUnitQuerySet, on: date, *, is_past: bool = False) -> list[DutyStanding]:
    """The duties of the municipality that these units belong to, in these units alone."""
    within = set(units.values_list("pk", flat=True))
    root = OrgUnit.objects.get(path=units.first().root_path)
    found = [
        replace(standing, posts=[post for post in standing.posts if post.unit.pk in within])
        for standing in duties_of(root, on, is_past=is_past)
    ]
    return [standing for standing in found if standing.posts]
