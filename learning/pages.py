"""The base of every page type."""

from django.utils.translation import gettext_lazy as _
from wagtail.models import Page


class BasePage(Page):
    """A page whose search description is asked for where its title is."""

    promote_panels = [*Page.promote_panels]
    show_in_menus_default = False

    class Meta:
        abstract = True
        verbose_name = _("page")
