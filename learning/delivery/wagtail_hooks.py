"""The page of mailings in Wagtail's menu."""

from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _
from wagtail import hooks

from learning.register.wagtail_hooks import KeepersItem


@hooks.register("register_admin_menu_item")
def offer_mailings():
    return KeepersItem(_("Mailings"), reverse_lazy("mailings:index"), icon_name="mail", name="mailings", order=660)


@hooks.register("register_log_actions")
def log_starts(actions):
    """The municipality's mailings being started and stopped, in Wagtail's log: who and when."""
    actions.register_action("delivery.start", _("Start mailings"), _("Mailings were started"))
    actions.register_action("delivery.stop", _("Stop mailings"), _("Mailings were stopped"))
    actions.register_action("delivery.change", _("Change mailings"), _("The plan of mailings was changed"))
