from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.utils.translation import gettext_lazy as _


class SignInForm(AuthenticationForm):
    """E-mail and password. The same answer whether the address is unknown or the password wrong."""

    error_messages = {
        "invalid_login": _("The address and the password do not match. Check both, or ask for a link by mail."),
        "inactive": _("The address and the password do not match. Check both, or ask for a link by mail."),
    }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("E-mail")
        self.fields["username"].widget = forms.EmailInput(attrs={"autocomplete": "username", "maxlength": 254})

    def clean_username(self):
        return self.cleaned_data["username"].lower()


class LinkForm(forms.Form):
    """The address that a one-time link is sent to."""

    email = forms.EmailField(label=_("E-mail"), widget=forms.EmailInput(attrs={"autocomplete": "email"}))

    def clean_email(self):
        return self.cleaned_data["email"].lower()
