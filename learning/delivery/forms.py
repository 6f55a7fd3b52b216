"""What is asked of those who choose or look for mails."""

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from .kinds import kinds
from .models import State


class ChoiceForm(forms.Form):
    """The language of one's mails, and which of those that can be refused one wants."""

    language = forms.ChoiceField(label=_("Language of the mails"), choices=settings.LANGUAGES, widget=forms.RadioSelect)
    wanted = forms.MultipleChoiceField(
        label=_("What I want to be sent"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["wanted"].choices = [(kind.name, kind.title) for kind in kinds() if not kind.required]

    @property
    def refused(self) -> list[str]:
        """What was offered and not chosen."""
        offered = [name for name, _title in self.fields["wanted"].choices]
        return [name for name in offered if name not in self.cleaned_data["wanted"]]


class SearchForm(forms.Form):
    """Which mails a coordinator looks for."""

    q = forms.CharField(label=_("Name, HR id or e-mail"), required=False, max_length=100)
    state = forms.ChoiceField(label=_("State"), required=False)
    kind = forms.ChoiceField(label=_("Kind"), required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["state"].choices = [("", _("All")), *State.choices]
        self.fields["kind"].choices = [("", _("All")), *((kind.name, kind.title) for kind in kinds())]
