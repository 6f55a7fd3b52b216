"""What the register keeps about people (see learning.personal)."""

from collections.abc import Collection, Iterator
from uuid import uuid4

from django.contrib.auth.hashers import make_password
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from learning.personal import NAMELESS, NO_FIGURE, Fate, Table, declare

from .hr.services import blank, drop_lines, lines_about
from .hr.words import describe
from .models import Appointment, Employment, HrFinding, HrImport, Leave, Person, Reorganisation
from .trail import MODELS

REGISTER = _("Says who works where, so that the right people are asked to learn, and counted.")
# So that whoever reads an old HR file sees that something stood there.
DISPOSED = {"disposed": True}


def _forget_who(people: Collection[int]) -> None:
    """Leave a row of which nobody can tell whose it was, and that lets nobody in."""
    found = list(Person.objects.filter(pk__in=people))
    for person in found:
        person.first_name = person.last_name = ""
        person.email = person.external_id = person.last_login = None
        person.is_active = person.is_staff = person.is_superuser = person.is_protected = False
        # A new password of any kind ends every session.
        person.uuid, person.password = uuid4(), make_password(None)
    names = ["first_name", "last_name", "email", "external_id", "last_login", "uuid", "password"]
    flags = ["is_active", "is_staff", "is_superuser", "is_protected"]
    Person.objects.bulk_update(found, [*names, *flags], batch_size=500)


def _findings(people: Collection[int]) -> QuerySet[HrFinding]:
    """What HR files say about these people."""
    return HrFinding.objects.about(Person.objects.filter(pk__in=people)).select_related("hr_import").order_by("-pk")


def _blank_findings(people: Collection[int]) -> None:
    """Take names and ids out of what was found. What a file wrote can then no longer be undone."""
    blank(_findings(people).order_by(), name="", hr_id="", details=DISPOSED)


def _refused(people: Collection[int]) -> list:
    """The rows of HR files about these people that could not be read, with why."""
    return lines_about(_findings(people))


def _drop_refused(people: Collection[int]) -> None:
    drop_lines(_refused(people))


def _steps(people: Collection[int]) -> Iterator[tuple[Reorganisation, list]]:
    """What changes of the organisation wrote down of rows of these people: the change and the step."""
    whose = set(people)
    places = Person.objects.filter(pk__in=whose).values("municipality")
    for change in Reorganisation.objects.filter(municipality__in=places).order_by("-pk").iterator():
        yield from ((change, step) for step in change.steps if _whose(step) in whose)


def _whose(step: list) -> int | None:
    """Whose row a step of a reorganisation is about."""
    _name, _pk, before, after = step
    row = before or after
    return row.get("person_id") if isinstance(row, dict) else None


def _blank_steps(people: Collection[int]) -> None:
    """Leave whose rows they were, and how many. Rows are never what these steps say, so nothing can be undone."""
    for change in {change for change, _step in _steps(people)}:
        change.steps = [_blank(step) if _whose(step) in people else step for step in change.steps]
        change.save(update_fields=["steps"])


def _blank(step: list) -> list:
    name, pk, before, after = step
    kept = {key: value for key, value in (before or after).items() if key in ("person_id", "function")} | DISPOSED
    return [name, pk, before and kept, kept]


declare(
    Table(
        Person,
        "pk",
        title=_("Who you are"),
        why=_("Says who you are, and lets you sign in."),
        fields=[
            "first_name",
            "last_name",
            "email",
            "external_id",
            "is_protected",
            "municipality",
            (_("identifier"), "uuid"),
            (_("may sign in"), "is_active"),
            (_("runs the platform"), "is_staff"),
            (_("may do everything"), "is_superuser"),
            (_("has a password"), Person.has_usable_password),
            (_("registered"), "date_joined"),
            "last_login",
        ],
        fate=Fate.EMPTIED,
        because=_("Name, address and HR id are removed. A row without a name stays, because figures count it."),
        act=_forget_who,
    ),
    Table(
        Person.groups.through,
        "person",
        title=_("Groups that may write"),
        why=_("Lets you write courses and keep the register."),
        fields=[(_("group"), "group")],
        fate=Fate.DELETED,
        because=NO_FIGURE,
    ),
    Table(
        Person.user_permissions.through,
        "person",
        title=_("Permissions of your own"),
        why=_("Lets you write courses and keep the register."),
        fields=[(_("permission"), "permission")],
        fate=Fate.DELETED,
        because=NO_FIGURE,
    ),
    Table(
        Employment,
        "person",
        why=REGISTER,
        fields=["starts_on", "ends_on", (_("unit"), "unit"), "role", "population", "is_main", "external_no"],
        fate=Fate.EMPTIED,
        because=_(
            "The employment number is removed. Days, unit and role stay, because the figures of those days need them."
        ),
        empty={"external_no": ""},
    ),
    Table(
        Leave,
        "person",
        title=_("Leave"),
        why=_("During leave nothing is asked of you, and you are not counted."),
        fields=["starts_on", "ends_on", "reason"],
        fate=Fate.EMPTIED,
        because=_("The reason is removed. The days stay, because the figures of those days leave you out."),
        empty={"reason": Leave.Reason.OTHER},
    ),
    Table(
        Appointment,
        "person",
        title=_("Functions"),
        why=_("Decides what you may see and do."),
        fields=["function", (_("unit"), "unit"), "starts_on", "ends_on"],
        because=_("Stays without a name: whether a function was filled on a day is told from it."),
    ),
    # Before the findings, which tell whose the rows are.
    Table(
        HrImport,
        "lines",
        title=_("Rows of HR files that could not be read"),
        why=_("Kept to be corrected."),
        fields=[
            (_("file"), lambda found: str(found[1].hr_import)),
            (_("line"), lambda found: found[0].number),
            (_("what the row says"), lambda found: list(found[0].cells)),
            (_("reason"), lambda found: found[1].details.get("reason", "")),
        ],
        find=_refused,
        fate=Fate.DELETED,
        because=NO_FIGURE,
        act=_drop_refused,
    ),
    Table(
        HrFinding,
        "hr_id",
        title=_("What HR files said about you"),
        why=_("Shows what each file changed in the register, and lets it be undone."),
        fields=[(_("file"), "hr_import"), "kind", "number", "name", "hr_id", "column", (_("details"), describe)],
        find=_findings,
        fate=Fate.EMPTIED,
        because=_("Names, ids and details are removed. A file that spoke of the person can no longer be undone."),
        act=_blank_findings,
    ),
    Table(
        Reorganisation,
        "steps",
        title=_("Changes of the organisation that you came along in"),
        why=_("Shows what each change did, and lets it be undone."),
        fields=[
            (_("from"), lambda found: found[0].on),
            (_("kind"), lambda found: found[0].get_kind_display()),
            (_("before"), lambda found: found[0].before),
            (_("after"), lambda found: found[0].after),
            (_("what"), lambda found: MODELS[found[1][0]]._meta.verbose_name),
        ],
        find=_steps,
        fate=Fate.EMPTIED,
        because=_("What it did with rows of the person is removed. Such a change can no longer be undone."),
        act=_blank_steps,
    ),
    Table(
        Reorganisation,
        "made_by",
        title=_("Changes of the organisation that you have made"),
        why=_("Shows who changed the register."),
        fields=["on", "kind", "before", "after", "made_at"],
        because=NAMELESS,
    ),
    Table(
        HrImport,
        "uploaded_by",
        title=_("HR files that you have brought"),
        why=_("Shows who changed the register."),
        fields=["filename", "as_of", "uploaded_at"],
        because=NAMELESS,
    ),
    Table(
        HrImport,
        "confirmed_by",
        title=_("HR files that you have confirmed"),
        why=_("Shows who changed the register."),
        fields=["filename", "as_of", "applied_at"],
        because=NAMELESS,
    ),
)
