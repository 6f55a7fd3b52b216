"""Small helpers of the templates."""

from functools import cache

from django import template
from django.template.loader import render_to_string
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import mark_safe
from django.utils.translation import get_language

from learning import translations, words

register = template.Library()


@register.filter
def own_words(text, municipality):
    """Fill the slots of a shared text, plain or rendered, with the municipality's words."""
    # Both the text and the words are escaped.
    return mark_safe(words.fill(conditional_escape(text), municipality, conditional_escape))


@register.filter
def in_language(thing):
    """The thing as the reader's language has it, or as it is written."""
    return translations.in_language(thing, get_language())


@register.filter
def language_of(thing):
    """The code of the language in which the thing is told."""
    return translations.language_of(thing)


@register.simple_tag
def lang(thing):
    """The attribute that says in which language the thing is told, where that is not the page's."""
    language = translations.language_of(thing)
    return "" if language == get_language() else format_html(' lang="{}"', language)


@register.simple_tag
@cache
def icon(name: str) -> str:
    """A file of components/icons/, in the colour and size of the text beside it; drawn once and then kept."""
    return render_to_string("components/icon.html", {"file": f"components/icons/{name}.html"})
