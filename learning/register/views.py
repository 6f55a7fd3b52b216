"""The pages of the HR files, in Wagtail's admin: a file in, what it would change, and a person who confirms it."""

from collections.abc import Iterable
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import Q
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from wagtail.admin import messages

from learning.access.authority import Action
from learning.access.log import What, note_names
from learning.access.rules import requires
from learning.errors import LearningError
from learning.organisation.hr import services
from learning.organisation.hr.words import ORDER, describe
from learning.organisation.models import HrFinding, HrImport, Municipality, Person, contains, ids_like
from learning.spreadsheets import csv_response

from .file_forms import ColumnsForm, FileForm
from .frame import PAGE, frame, municipality_of, words_of

State = HrImport.State


def _import(request, pk: int) -> HrImport:
    return get_object_or_404(municipality_of(request).hr_imports.defer("lines"), pk=pk)


@requires(Action.KEEP_REGISTER)
def imports(request):
    """Every file so far, and the way in for the next."""
    municipality = municipality_of(request)
    form = FileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            hr_import = _received(request, municipality, form)
        except LearningError as error:
            form.add_error("file", str(error))
        else:
            return redirect("register:import", hr_import.pk)
    files = municipality.hr_imports.defer("lines").select_related("uploaded_by")
    page = Paginator(files, PAGE).get_page(request.GET.get("p"))
    return TemplateResponse(request, "register/imports.html", {"form": form, "page_obj": page, **_crumbs()})


def _received(request, municipality: Municipality, form: FileForm) -> HrImport:
    """Take the file in; where its columns are known from last time, compare it at once."""
    file = form.cleaned_data["file"]
    hr_import = services.receive(
        municipality=municipality,
        filename=file.name,
        content=file.read(),
        on=form.cleaned_data["as_of"],
        population=form.cleaned_data["population"],
        by=request.user,
    )
    if services.knows_columns(hr_import):
        services.choose_columns(hr_import=hr_import, columns=hr_import.columns, opens_units=hr_import.opens_units)
    return hr_import


@requires(Action.KEEP_REGISTER)
@require_GET
def show_import(request, pk: int):
    """Where the file is, and what can be done about it."""
    hr_import = _import(request, pk)
    context = {"import": hr_import, **_crumbs(hr_import)}
    if hr_import.state == State.COLUMNS:
        return _columns_page(request, hr_import, ColumnsForm(hr_import=hr_import, sample=services.sample(hr_import)))
    if hr_import.is_working:
        context["progress"] = services.progress_of(hr_import)
        return TemplateResponse(request, "register/working.html", context)
    return TemplateResponse(request, "register/import.html", context | _findings(request, hr_import))


def _findings(request, hr_import: HrImport) -> dict:
    """The findings of the chosen kind, searched and paged, and how many there are of each."""
    counts = {kind: hr_import.counts.get(kind, 0) for kind in ORDER}
    kinds = [{"value": kind.value, "label": kind.label, "count": counts[kind]} for kind in ORDER if counts[kind]]
    kind = request.GET.get("kind", "")
    rows = hr_import.findings.defer("steps")
    if kind in counts:
        rows = rows.filter(kind=kind)
    if words := words_of(request):
        rows = rows.filter(contains(words, "name") | Q(hr_id__iexact=words))
    page = Paginator(rows, PAGE).get_page(request.GET.get("p"))
    for finding in page.object_list:
        finding.words = describe(finding)
    asked = HrFinding.Kind(kind).label if kind in counts else ""
    shown = page.object_list
    _note(request, hr_import, What.HR_FILE, _whose(hr_import, shown), shown=_number(shown), asked=str(asked))
    return {
        "kinds": kinds,
        "kind": kind,
        "words": words,
        "page_obj": page,
        "page_query": "".join(
            f"{urlencode({name: value})}&" for name, value in (("kind", kind), ("q", words)) if value
        ),
        "total": sum(counts.values()),
        "changes": sum(n for kind, n in counts.items() if kind not in (*HrFinding.NOT_READ, HrFinding.Kind.WARNING)),
        "not_read": sum(counts[kind] for kind in HrFinding.NOT_READ),
        "kept_through": services.kept_through(hr_import),
        "is_kept": HrImport.objects.filter(pk=hr_import.pk).exclude(lines=b"").exists(),
        "unknown_units": counts[HrFinding.Kind.UNKNOWN_UNIT],
        "ended": counts[HrFinding.Kind.ENDED],
        "many_endings": services.many_endings(hr_import),
    }


@requires(Action.KEEP_REGISTER)
def columns(request, pk: int):
    """Which column of the file holds what."""
    hr_import = _import(request, pk)
    if hr_import.state not in (State.COLUMNS, State.COMPARED):
        return redirect("register:import", pk)
    form = ColumnsForm(request.POST or None, hr_import=hr_import, sample=services.sample(hr_import))
    if request.method == "POST" and form.is_valid():
        return _act(
            request,
            hr_import,
            lambda: services.choose_columns(
                hr_import=hr_import,
                columns=form.columns,
                opens_units=form.cleaned_data["opens_units"],
                own_ids=form.own_ids,
            ),
        )
    return _columns_page(request, hr_import, form)


def _columns_page(request, hr_import: HrImport, form: ColumnsForm):
    sample = services.sample(hr_import)
    # Neither which column holds the id nor from which system it is is known for certain yet.
    cells = {cell for line in sample[:3] for cell in line.cells if cell}
    ids = {external_id for cell in cells for external_id in ids_like(cell)}
    _note(request, hr_import, What.HR_FILE, ids, shown=len(sample[:3]))
    context = {"import": hr_import, "form": form, "sample": sample[:3], **_crumbs(hr_import)}
    return TemplateResponse(request, "register/columns.html", context)


@requires(Action.KEEP_REGISTER)
@require_POST
def open_units(request, pk: int):
    """Compare anew, and open the units that the register does not have."""
    hr_import = _import(request, pk)
    return _act(
        request,
        hr_import,
        lambda: services.choose_columns(hr_import=hr_import, columns=hr_import.columns, opens_units=True),
    )


@requires(Action.KEEP_REGISTER)
@require_POST
def confirm(request, pk: int):
    """Let the file become the register."""
    hr_import = _import(request, pk)
    endings = hr_import.counts.get(HrFinding.Kind.ENDED) if request.POST.get("endings") else None
    return _act(request, hr_import, lambda: services.confirm(hr_import=hr_import, by=request.user, endings=endings))


@requires(Action.KEEP_REGISTER)
@require_POST
def discard(request, pk: int):
    """Put the file away."""
    hr_import = _import(request, pk)
    return _act(request, hr_import, lambda: services.discard(hr_import=hr_import))


@requires(Action.KEEP_REGISTER)
@require_POST
def undo(request, pk: int):
    """Let the register become what it was before the file."""
    hr_import = _import(request, pk)
    return _act(request, hr_import, lambda: services.undo(hr_import=hr_import))


def _act(request, hr_import: HrImport, act):
    """Do it and show the file, with a message if it could not be done."""
    try:
        act()
    except LearningError as error:
        messages.error(request, str(error))
    return redirect("register:import", hr_import.pk)


@requires(Action.KEEP_REGISTER)
@require_GET
def refused(request, pk: int):
    """The rows that were not read, as a file to correct and bring again."""
    hr_import = _import(request, pk)
    found = list(services.refused_lines(hr_import))
    ids = _whose(hr_import, (finding for _line, finding in found))
    _note(request, hr_import, What.REFUSED_ROWS, ids, shown=len(found), exported=True)
    rows = [[*hr_import.headings, _("Line"), _("What is wrong")]]
    rows += [[*line.cells, line.number, finding.details["reason"]] for line, finding in found]
    return csv_response(f"avvisade-rader-{hr_import.as_of}.csv", rows)


def _whose(hr_import: HrImport, findings: Iterable[HrFinding]) -> set[str]:
    """The ids in the register of those whom the findings are about."""
    return {hr_import.series + finding.hr_id for finding in findings if finding.hr_id}


def _number(findings: Iterable[HrFinding]) -> int:
    """How many people the findings name."""
    return len({finding.hr_id or finding.pk for finding in findings if finding.name})


def _note(
    request, hr_import: HrImport, what: str, ids: set[str], *, shown: int, asked: str = "", exported: bool = False
) -> None:
    """Note whose rows are told: those on the register who have one of these ids, and how many others are shown."""
    people = Person.objects.filter(municipality=hr_import.municipality_id, external_id__in=ids)
    people = set(people.values_list("pk", flat=True))
    asked = ", ".join(filter(None, [hr_import.as_of.isoformat(), asked]))
    others = max(0, shown - len(people))
    note_names(request, what=what, people=people, others=others, asked=asked, exported=exported)


def _crumbs(hr_import: HrImport | None = None) -> dict:
    above = [(reverse("register:imports"), _("HR files"))]
    return frame(hr_import.filename, above) if hr_import else frame(_("HR files"))
