"""Who is signed in: the person, with what nearly every page asks of them."""

from django.contrib.auth.backends import BaseBackend, ModelBackend
from django.utils.timezone import localdate
from sesame.backends import ModelBackend as SesameBackend

from learning.organisation.models import Person

from .lesson_links import learner


class _WithMunicipality:
    def get_user(self, user_id):
        """The person with their municipality and its site, in one query."""
        person = Person.objects.select_related("municipality__site__root_page").filter(pk=user_id).first()
        return person if person and self.user_can_authenticate(person) else None


class PasswordBackend(_WithMunicipality, ModelBackend):
    """Signs in with a password."""


class LinkBackend(_WithMunicipality, SesameBackend):
    """Signs in with a one-time link."""


class LessonBackend(BaseBackend):
    """Keeps those in who came by a lesson link, for as long as such a link lets them in."""

    def get_user(self, user_id):
        return learner(user_id, on=localdate())
