"""The page of mailings in Wagtail's menu."""

from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _
from wagtail import hooks

from learning.register.wagtail_hooks import KeepersItem


@hooks.register("register_admin_menu_item")
def offer_mailings():
    return KeepersItem(_("Mailings"), reverse_lazy("mailings:index"), icon_name="mail", name="mailings", order=660)
