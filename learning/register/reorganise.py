"""The acts that reorganise, as pages: what is asked, what would happen, and the doing."""

from collections.abc import Callable
from dataclasses import dataclass

from django import forms
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from learning.organisation import reorganisation
from learning.organisation.models import Appointment, Employment, OrgUnit, Reorganisation
from learning.organisation.reorganisation import By, Part

from .forms import DayField, UnitField

MOST_PARTS = 9


class ActForm(forms.Form):
    """What every act asks: from which day, and on what decision."""

    on = DayField(
        label=_("First day"), help_text=_("The day on which the new organisation begins."), initial=timezone.localdate
    )
    decision = forms.CharField(
        label=_("Decision"), help_text=_("Such as a paragraph or a number of the records. May be empty."),
        max_length=200, required=False,
    )  # fmt: skip

    def __init__(self, *args, unit: OrgUnit, **kwargs):
        super().__init__(*args, **kwargs)
        self.unit = unit
        # What is decided first stands first.
        own = [name for name in self.fields if name not in ActForm.base_fields]
        self.order_fields([*own, *ActForm.base_fields])

    def act(self, by) -> Callable[[], OrgUnit | None]:
        """The act that the form asks for; calling it does it, and returns the unit to go to."""
        raise NotImplementedError

    def _told(self, by) -> dict:
        return {"on": self.cleaned_data["on"], "by": By(by, self.cleaned_data["decision"])}


class NamedForm(ActForm):
    name = forms.CharField(label=_("Name"), max_length=200)


class OpenForm(NamedForm):
    kind = forms.CharField(label=_("Kind"), max_length=50, help_text=_("Such as förvaltning, enhet or nämnd."))
    code = forms.CharField(label=_("Code"), max_length=50, required=False, help_text=_("The code in the HR system."))

    def act(self, by):
        told = {name: self.cleaned_data[name] for name in ("name", "kind", "code")}
        return lambda: reorganisation.open_unit(parent=self.unit, **told, **self._told(by))


class RenameForm(NamedForm):
    def act(self, by):
        return lambda: reorganisation.rename_unit(unit=self.unit, name=self.cleaned_data["name"], **self._told(by))


class MoveForm(ActForm):
    to = UnitField(label=_("Moves to"), queryset=OrgUnit.objects.none())

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        root = OrgUnit.objects.filter(path=self.unit.root_path)
        places = OrgUnit.objects.under(*root).still_open()
        self.fields["to"].queryset = places.exclude(path__startswith=self.unit.path)

    def act(self, by):
        return lambda: reorganisation.move_unit(unit=self.unit, to=self.cleaned_data["to"], **self._told(by))


class MergeForm(ActForm):
    others = forms.ModelMultipleChoiceField(
        label=_("Merged with"),
        queryset=OrgUnit.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Units beside it. One that stands elsewhere is moved here first."),
    )
    name = forms.CharField(
        label=_("Name of the new unit"),
        max_length=200,
        required=False,
        help_text=_("If it is left empty, the others become a part of this unit, which keeps its name."),
    )
    code = forms.CharField(label=_("Code"), max_length=50, required=False, help_text=_("The code in the HR system."))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        beside = OrgUnit.objects.right_below(self.unit.get_parent()).still_open()
        self.fields["others"].queryset = beside.exclude(pk=self.unit.pk)

    def act(self, by):
        others, name = self.cleaned_data["others"], self.cleaned_data["name"]
        if not name:
            return lambda: reorganisation.merge_units(units=others, into=self.unit, **self._told(by))
        return lambda: reorganisation.merge_into_new(
            units=[self.unit, *others],
            parent=self.unit.get_parent(),
            name=name,
            kind=self.unit.kind,
            code=self.cleaned_data["code"],
            **self._told(by),
        )


class SplitForm(ActForm):
    names = forms.CharField(
        label=_("Names of the new units"),
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("One on each line, at least two. One of them may have the old name. Next you say who goes where."),
    )

    def clean_names(self) -> list[str]:
        names = list(dict.fromkeys(filter(None, map(str.strip, self.cleaned_data["names"].splitlines()))))
        if not 2 <= len(names) <= MOST_PARTS:
            raise forms.ValidationError(_("Write from two to nine different names, one on each line."))
        if any(len(name) > 200 for name in names):
            raise forms.ValidationError(_("A name may have 200 letters at most."))
        return names

    def act(self, by):
        parts = [Part(name) for name in self.cleaned_data["names"]]
        for name, pk, place in self._chosen(len(parts)):
            getattr(parts[place], name).add(pk)
        return lambda: reorganisation.split_unit(unit=self.unit, parts=parts, **self._told(by))[0]

    # Who goes where

    def shares(self) -> list[dict]:
        """What is to be shared out among the parts: units, functions, roles and the people in them."""
        units, functions = self._rows("units"), self._rows("appointments")
        groups = [
            {"title": gettext("Units below"), "lines": [self._line("units", unit.pk, unit.name) for unit in units]},
            {
                "title": gettext("Functions"),
                "lines": [self._line("appointments", f.pk, _function(f)) for f in functions],
            },
        ]
        for role, rows in self._by_role().items():
            title = role or gettext("Without a role")
            lines = [self._line("employments", row.pk, str(row.person), follows=True) for row in rows]
            groups.append({"title": title, "all": self._line("role", rows[0].pk, title), "lines": lines})
        return [group for group in groups if group["lines"]]

    def people(self) -> set[int]:
        """Those whose names stand among what is to be shared out."""
        return {row.person_id for kind in ("appointments", "employments") for row in self._rows(kind)}

    def _rows(self, kind: str):
        """The units below, the functions or the employments that reach the day."""
        rows = {
            "units": OrgUnit.objects.right_below(self.unit).order_by("name"),
            "appointments": Appointment.objects.filter(unit=self.unit).select_related("person"),
            "employments": Employment.objects.filter(unit=self.unit).select_related("person"),
        }
        return rows[kind].exclude(ends_on__lt=self.cleaned_data["on"])

    def _by_role(self) -> dict[str, list[Employment]]:
        roles: dict[str, list[Employment]] = {}
        for row in self._rows("employments").order_by("role", "person__last_name", "person__first_name", "pk"):
            roles.setdefault(row.role, []).append(row)
        return roles

    def _line(self, name: str, pk: int, label: str, *, follows: bool = False) -> dict:
        """A choice among the parts; one that follows others may be left to them."""
        key = f"{name}-{pk}"
        parts = [(str(place), part) for place, part in enumerate(self.cleaned_data["names"])]
        options = [("", gettext("with the others"))] * follows + parts
        return {"key": key, "label": label, "options": options, "chosen": self.data.get(key, "")}

    def _chosen(self, parts: int):
        """(Kind, id, part) of everything that was given to a part."""

        def place(key: str) -> int | None:
            text = self.data.get(key, "")
            return next((number for number in range(parts) if text == str(number)), None)

        for kind in ("units", "appointments"):
            for row in self._rows(kind):
                if (own := place(f"{kind}-{row.pk}")) is not None:
                    yield kind, row.pk, own
        for rows in self._by_role().values():
            together = place(f"role-{rows[0].pk}") or 0
            for row in rows:
                own = place(f"employments-{row.pk}")
                yield "employments", row.pk, together if own is None else own


class CloseForm(ActForm):
    on = DayField(
        label=_("First day without it"),
        help_text=_("The unit must be empty by then: move or merge it if somebody works there."),
        initial=timezone.localdate,
    )

    def act(self, by):
        return lambda: reorganisation.close_unit(unit=self.unit, **self._told(by))


class CorrectForm(forms.Form):
    """What was written wrong; it has never been called otherwise."""

    name = forms.CharField(label=_("Name"), max_length=200)
    kind = forms.CharField(label=_("Kind"), max_length=50)
    code = forms.CharField(label=_("Code"), max_length=50, required=False, help_text=_("The code in the HR system."))


def _function(appointment: Appointment) -> str:
    return f"{appointment.get_function_display()}: {appointment.person}"


@dataclass(frozen=True)
class ActPage:
    """An act as a page: its address, its words and its form."""

    slug: str
    title: str
    lead: str
    form: type[ActForm]
    for_root: bool = False


ACTS = {
    page.slug: page
    for page in (
        ActPage(
            "oppna", _("Open a unit below"), _("A new unit opens, with nobody in it yet."), OpenForm, for_root=True
        ),
        ActPage(
            "namn",
            _("New name"),
            _("The unit is called something else from a day on. Earlier days keep the old name."),
            RenameForm,
        ),
        ActPage(
            "flytta",
            _("Move"),
            _("The unit, all below it, its people and its functions get another place in the organisation."),
            MoveForm,
        ),
        ActPage("sla-ihop", _("Merge"), _("Several units become one. Everybody comes along."), MergeForm),
        ActPage("dela", _("Split"), _("The unit becomes several. You say who goes where."), SplitForm),
        ActPage("stang", _("Close"), _("The unit ceases. Its history stays."), CloseForm),
    )
}


def effects(told: Reorganisation) -> list[str]:
    """What the change does, in words."""
    found = []
    if told.people:
        found.append(
            ngettext("%(people)d person comes along.", "%(people)d people come along.", told.people)
            % {"people": told.people}
        )
    if told.functions:
        found.append(
            ngettext("%(functions)d function comes along.", "%(functions)d functions come along.", told.functions)
            % {"functions": told.functions}
            if told.kind != Reorganisation.Kind.CLOSED
            else ngettext("%(functions)d function ends.", "%(functions)d functions end.", told.functions)
            % {"functions": told.functions}
        )
    found.append(gettext("Figures for earlier days stay as they are."))
    return found
