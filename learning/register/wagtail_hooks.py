"""The register's place in Wagtail's admin."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from learning.access.authority import Action, authority_of


class _KeepersItem(MenuItem):
    """Shown to those who keep the register."""

    def is_shown(self, request):
        return authority_of(request).may(Action.KEEP_REGISTER)


@hooks.register("register_admin_menu_item")
def offer_people():
    return _KeepersItem(_("People"), reverse("register:people"), icon_name="user", order=649)


@hooks.register("register_admin_menu_item")
def offer_imports():
    return _KeepersItem(_("HR files"), reverse("register:imports"), icon_name="group", order=650)


@hooks.register("register_admin_menu_item")
def offer_appointments():
    return _KeepersItem(_("Functions"), reverse("register:appointments"), icon_name="key", order=651)


@hooks.register("register_admin_menu_item")
def offer_organisation():
    return _KeepersItem(_("Organisation"), reverse("register:organisation"), icon_name="site", order=652)


@hooks.register("register_admin_menu_item")
def offer_access_log():
    return _KeepersItem(_("Access log"), reverse("register:access_log"), icon_name="view", order=658)


@hooks.register("register_admin_menu_item")
def offer_disposal():
    return _KeepersItem(_("Disposal"), reverse("register:disposal"), icon_name="bin", order=659)
