"""How a plan is edited: what has been reported on stays in it; and how a duty names its functions."""

from django import forms
from django.core.exceptions import ValidationError
from django.forms.formsets import DELETION_FIELD_NAME
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from modelcluster.forms import BaseChildFormSet
from wagtail.admin.panels import InlinePanel

from learning.access.authority import WHOLE_MUNICIPALITY
from learning.access.references import OwnReferencesForm
from learning.organisation.models import Appointment


class KeepReportedFormSet(BaseChildFormSet):
    """Refuses to remove what has a fixed outcome, and shows it again beside all else that was written."""

    def clean(self):
        super().clean()
        kept = [form for form in self.deleted_forms if form.instance.pk and form.instance.is_reported]
        for form in kept:
            form.data = form.data.copy()
            form.data[form.add_prefix(DELETION_FIELD_NAME)] = ""
        if kept:
            names = ", ".join(str(form.instance) for form in kept)
            raise ValidationError(
                _("The outcome of this has been fixed, so it cannot be removed: %(names)s. Nothing was changed.")
                % {"names": names}
            )


class KeepReportedPanel(InlinePanel):
    """An inline panel that keeps what has been reported on."""

    def get_form_options(self):
        options = super().get_form_options()
        options["formsets"][self.relation_name]["formset"] = KeepReportedFormSet
        return options


class DutyForm(OwnReferencesForm):
    """The form of a duty: the functions that are held unit by unit, to tick, and a kind of unit that there is."""

    functions = forms.MultipleChoiceField(
        label=gettext_lazy("functions"),
        choices=[(f.value, f.label) for f in Appointment.Function if f not in WHOLE_MUNICIPALITY],
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Whoever holds one of them in the unit itself fills the duty."),
    )

    def clean_kind(self):
        """A kind that no unit is of would ask nobody, and never be missed."""
        kind, municipality = self.cleaned_data["kind"], self.for_user and self.for_user.municipality
        if not kind or municipality is None:
            return kind
        kinds = dict.fromkeys(municipality.units.filter(ends_on=None).order_by("kind").values_list("kind", flat=True))
        found = next((one for one in kinds if one.casefold() == kind.strip().casefold()), None)
        if found is None:
            raise ValidationError(
                _("There is no unit of that kind. Those that there are: %(kinds)s.") % {"kinds": ", ".join(kinds)}
            )
        return found
