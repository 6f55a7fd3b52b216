"""The form of a requirement, and whom it would mean before it is saved."""

from django.core.paginator import Paginator
from django.utils.timezone import localdate
from wagtail.snippets.views.snippets import EditView

from learning.access.authority import Action, authority_of
from learning.access.log import What, note_names
from learning.access.snippets import OwnCreateView
from learning.organisation.models import Person

from .models import Rule
from .preview import Meant, meant, named, rows_of, told

NAMES_ON_A_PAGE = 50


class _ShowsWhoIsMeant:
    """Answers the buttons of MeantPanel: the form as it was sent, with whom it would mean. Nothing is saved."""

    def post(self, request, *args, **kwargs):
        if "meant" not in request.POST:
            return super().post(request, *args, **kwargs)
        self.object = getattr(self, "object", None)
        self.form = self.get_form()
        if not self.is_valid(self.form):
            return self.form_invalid(self.form)
        request.meant = self._told(request, _meant(self.form))
        return self.render_to_response(self.get_context_data())

    def _told(self, request, found: Meant) -> dict:
        """What this reader may be told: names and small numbers only to those who may see people."""
        units = authority_of(request).units(Action.SEE_PEOPLE)
        exactly = units.exists()
        told_now = {
            "on": found.on,
            "total": told(len(found.people), exactly=exactly),
            "employed": found.employed,
            "departments": rows_of(found.departments.items(), exactly=exactly),
            "words": rows_of(found.words.items(), exactly=exactly),
            "compares": bool(self.form.rule),
            "comes_in": told(len(found.comes_in), exactly=exactly),
            "falls_out": told(len(found.falls_out), exactly=exactly),
            "may_see_names": exactly,
        }
        page = request.POST["meant"]
        if exactly and page.isdecimal():
            people = Person.objects.employed_in(units, found.on)
            told_now["names"] = Paginator(named(found, people), NAMES_ON_A_PAGE).get_page(page)
            shown = [person for person, *_why in told_now["names"]]
            note_names(request, what=What.MEANT, people=shown, asked=self.form.cleaned_data["title"])
        return told_now


def _meant(form) -> Meant:
    """Whom the rule of the form means on the day from which it holds, or today."""
    terms = dict(form.terms)
    units, on = terms.pop("units"), max(form.from_day, localdate())
    rule = Rule(requirement=form.instance, starts_on=on, **terms)
    in_force = form.rule and form.rule.requirement.rule_on(on)
    return meant(form.municipality, rule.terms(units), on, in_force and in_force.terms())


class RequirementCreateView(_ShowsWhoIsMeant, OwnCreateView):
    pass


class RequirementEditView(_ShowsWhoIsMeant, EditView):
    pass
