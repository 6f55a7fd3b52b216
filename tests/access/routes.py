"""Every route of an URLconf, with the view that it leads to."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.urls import URLResolver, get_resolver
from django.urls.resolvers import RegexPattern


@dataclass(frozen=True)
class Route:
    """An address as the URLconf writes it, its name with namespaces, and what it leads to."""

    path: str
    name: str
    kwargs: tuple[str, ...]
    view: Callable

    @property
    def is_named(self) -> bool:
        return not self.name.endswith("?")

    @property
    def rule(self):
        """Who may reach the view, as the view itself says; None where it does not."""
        return getattr(self.view, "access_rule", None)

    @property
    def is_open_by_link(self) -> bool:
        """Whether the view opens itself to those who came by a lesson link."""
        return getattr(self.view, "is_open_by_link", False)

    def __str__(self):
        return self.name if self.is_named else self.path


def routes(urlpatterns: list | None = None) -> list[Route]:
    """All routes of the site, or of these patterns."""
    top = get_resolver() if urlpatterns is None else URLResolver(RegexPattern(r"^/"), urlpatterns)
    return list(_below(top))


def _below(resolver, path: str = "", name: str = "", kwargs: tuple = ()) -> Iterator[Route]:
    for entry in resolver.url_patterns:
        here = path + str(entry.pattern)
        taken = (*kwargs, *entry.pattern.regex.groupindex)
        if isinstance(entry, URLResolver):
            yield from _below(entry, here, f"{name}{entry.namespace}:" if entry.namespace else name, taken)
        else:
            yield Route(here, name + (entry.name or "?"), taken, entry.callback)
