"""Small helpers of the templates."""

from functools import cache

from django import template
from django.conf import settings
from django.template.base import token_kwargs
from django.template.loader import render_to_string
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import mark_safe
from django.utils.timezone import localdate
from django.utils.translation import get_language

from learning import offers as registry
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


@register.filter
def as_written(text) -> str:
    """A text that is told in one language only; where the page is in another, its own is said."""
    if get_language() == settings.LANGUAGE_CODE:
        return text
    return format_html('<span lang="{}">{}</span>', settings.LANGUAGE_CODE, text)


@register.simple_tag
@cache
def icon(name: str) -> str:
    """A file of components/icons/, in the colour and size of the text beside it; drawn once and then kept."""
    return render_to_string("components/icon.html", {"file": f"components/icons/{name}.html"})


@register.inclusion_tag("components/offers.html", takes_context=True)
def offers(context, course=None):
    """What other rooms offer whoever reads the page: around the course, or on their own page."""
    return {"offers": registry.offers(context["user"], course, localdate())}


@register.tag
def kept(parser, token):
    """Draw what stands between the tags once for each language and each set of the values that are named.

    It sees these values and nothing else, so that what is kept is nobody's own and never out of date.
    """
    values = token_kwargs(token.split_contents()[1:], parser)
    nodelist = parser.parse(["endkept"])
    parser.delete_first_token()
    return Kept(nodelist, values)


class Kept(template.Node):
    MOST = 2000  # of each; few are more than a kilobyte

    def __init__(self, nodelist, values: dict):
        self.nodelist = nodelist
        self.values = values
        self._drawn = {}

    def render(self, context):
        values = {name: value.resolve(context) for name, value in self.values.items()}
        # By type too: what is safe in HTML equals what is not, and 1 equals True.
        key = (get_language(), *values.values(), *map(type, values.values()))
        drawn = self._drawn.get(key)
        if drawn is None:
            # What changes, such as a page of the tree, may be equal to what it was.
            if strange := [name for name, value in values.items() if not isinstance(value, str | int | None)]:
                raise TypeError(f"Only text and numbers can be named by “kept”, not {', '.join(strange)}.")
            drawn = self.nodelist.render(context.new(values))
            if len(self._drawn) >= self.MOST:
                self._drawn.clear()
            self._drawn[key] = drawn
        return drawn
