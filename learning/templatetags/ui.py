"""Small helpers of the templates."""

from django import template
from django.utils.html import conditional_escape
from django.utils.safestring import mark_safe

from learning import words

register = template.Library()


@register.filter
def own_words(text, municipality):
    """Fill the slots of a shared text, plain or rendered, with the municipality's words."""
    safe = conditional_escape(text)
    escaped = _Escaped(municipality) if municipality else None
    return mark_safe(words.fill(str(safe), escaped))  # both the text and the words are escaped


class _Escaped:
    """The municipality with its words escaped for HTML."""

    def __init__(self, municipality):
        self.name = conditional_escape(municipality.name)
        self.vbe_group_name = conditional_escape(municipality.vbe_group_name)
        self.coordinator_title = conditional_escape(municipality.coordinator_title)
