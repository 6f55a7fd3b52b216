"""Who is signed in: the person, with what nearly every page asks of them."""

from django.contrib.auth.backends import ModelBackend
from sesame.backends import ModelBackend as SesameBackend

from learning.organisation.models import Person


class _WithMunicipality:
    def get_user(self, user_id):
        """The person with their municipality and its site, in one query."""
        person = Person.objects.select_related("municipality__site__root_page").filter(pk=user_id).first()
        return person if person and self.user_can_authenticate(person) else None


class PasswordBackend(_WithMunicipality, ModelBackend):
    """Signs in with a password."""


class LinkBackend(_WithMunicipality, SesameBackend):
    """Signs in with a one-time link."""
