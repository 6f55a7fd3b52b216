"""Everything that is kept about a person, for that person: as a page, and as files to take along."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from learning import personal
from learning.organisation.models import Person

from .log import others_who_read, readings
from .rules import signed_in

# So many of the newest rows of a kind stand on the page; all stand in the files.
ON_PAGE = 100
# What the page shows by itself, with what repeats within a day told once.
READERS = "access.AccessEntry.people"


@dataclass
class Kind:
    """The rows of one table about the person, or the newest of them, and how many there are."""

    table: personal.Table
    rows: list[list[tuple[str, object]]]
    total: int

    @property
    def labels(self) -> list[str]:
        return [label for label, _value in self.rows[0]]

    @property
    def in_words(self) -> list[list[tuple[str, str]]]:
        """The rows as they are read by people."""
        return [[(label, _words(value)) for label, value in row] for row in self.rows]


def kinds_of(person: Person, *, most: int | None = None, leaving_out: str = "") -> list[Kind]:
    """Every table that holds something of the person to show, but for the one with this key."""
    kinds = []
    for table in personal.tables():
        rows = list(table.export(person.pk, most=most)) if table.key != leaving_out else []
        if rows:
            total = table.count([person.pk]) if len(rows) == most else len(rows)
            kinds.append(Kind(table, rows, total))
    return kinds


def others() -> list[personal.Table]:
    """The tables that hold something about people that tells them nothing, such as a sum that stands for an address."""
    return [table for table in personal.tables() if not table.fields]


@signed_in
@require_safe
def own_data(request):
    """What is kept about whoever asks, why and for how long, and who has read their name."""
    read = list(others_who_read(request.user)[: ON_PAGE + 1])
    context = {
        "kinds": kinds_of(request.user, most=ON_PAGE, leaving_out=READERS),
        "others": others(),
        "readings": readings(read[:ON_PAGE]),
        "has_more": len(read) > ON_PAGE,
        "on_page": ON_PAGE,
    }
    return render(request, "access/own_data.html", context)


@signed_in
@require_safe
def own_data_json(request):
    """All of it, for other programs."""
    body = {
        _("Taken out"): timezone.localtime(),
        _("What is kept about you"): [
            {
                _("Kind"): kind.table.name,
                _("Why"): kind.table.why,
                _("When you have been gone for long"): kind.table.because,
                _("Rows"): [dict(row) for row in kind.rows],
            }
            for kind in kinds_of(request.user)
        ],
    }
    response = JsonResponse(body, json_dumps_params={"ensure_ascii": False, "indent": 2})
    return _as_file(response, "json")


@signed_in
@require_safe
def own_data_html(request):
    """All of it, to read and to print."""
    context = {"kinds": kinds_of(request.user), "others": others(), "now": timezone.localtime()}
    return _as_file(render(request, "access/own_data_file.html", context), "html")


def _as_file(response: HttpResponse, ending: str) -> HttpResponse:
    response["Content-Disposition"] = f'attachment; filename="mina-uppgifter-{timezone.localdate()}.{ending}"'
    return response


def _words(value) -> str:
    """The value as people read it; nothing for what is empty."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, datetime):
        return date_format(timezone.localtime(value), "Y-m-d H:i")
    if isinstance(value, date):
        return value.isoformat()
    return "; ".join(_parts(value)) if isinstance(value, (dict, list)) else str(value)


def _parts(value) -> Iterator[str]:
    """The parts of what has parts."""
    if isinstance(value, dict):
        yield from (f"{name}: {_words(part)}" for name, part in value.items())
    else:
        yield from map(_words, value)
