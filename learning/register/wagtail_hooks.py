"""The register's place in Wagtail's admin."""

from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import Menu, MenuItem, SubmenuMenuItem

from learning.access.authority import Action, authority_of


class KeepersItem(MenuItem):
    """Shown to those who keep the register."""

    def is_shown(self, request):
        return authority_of(request).may(Action.KEEP_REGISTER)


# The rooms above add theirs by the hook.
REGISTER = Menu(
    register_hook_name="register_register_menu_item",
    items=[
        KeepersItem(_("People"), reverse_lazy("register:people"), icon_name="user", order=10),
        KeepersItem(_("Organisation"), reverse_lazy("register:organisation"), icon_name="list-ul", order=20),
        KeepersItem(_("Functions"), reverse_lazy("register:appointments"), icon_name="key", order=30),
        KeepersItem(_("HR files"), reverse_lazy("register:imports"), icon_name="upload", order=40),
        KeepersItem(_("Access log"), reverse_lazy("register:access_log"), icon_name="view", order=50),
        KeepersItem(_("Disposal"), reverse_lazy("register:disposal"), icon_name="bin", order=60),
    ],
)


@hooks.register("register_admin_menu_item")
def offer_register():
    return SubmenuMenuItem(_("Register"), REGISTER, name="register", icon_name="group", order=650)
