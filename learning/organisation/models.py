"""Who works where, and since when."""

import re
import uuid
from collections import defaultdict

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.contrib.auth.models import UserManager as DjangoUserManager
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from treebeard.mp_tree import MP_Node, MP_NodeManager, MP_NodeQuerySet

from learning.dated import Dated, DatedQuerySet, DatedQuerySetMixin


class Population(models.TextChoices):
    """Who is counted together. Populations never share a denominator (S9, S11, L2)."""

    EMPLOYEE = "employee", _("Employees")
    ELECTED = "elected", _("Elected officials")
    PARTNER = "partner", _("Partners")


def series_of(population: str) -> str:
    """What HR ids begin with that come from a system of the population's own: its 123 is not the 123 of HR."""
    return f"{population}:"


SERIES = tuple(map(series_of, Population))


def apart(external_id: str) -> tuple[str, str]:
    """The series of an id of the register, and the id as the system that it comes from shows it."""
    series = next((series for series in SERIES if external_id.startswith(series)), "")
    return series, external_id[len(series) :]


def ids_like(hr_id: str) -> list[str]:
    """The ids, one of each series, that are shown like this."""
    return [hr_id, *(series + hr_id for series in SERIES)]


class OrgUnitQuerySet(DatedQuerySetMixin, MP_NodeQuerySet):
    def under(self, *units):
        """The units and everything below them. No units: nothing."""
        return self.under_paths(unit.path for unit in units)

    def right_below(self, unit):
        """The units one level below the unit."""
        return self.under(unit).filter(depth=unit.depth + 1)

    def under_paths(self, paths):
        """The units with these paths and everything below them. No paths: nothing."""
        within = Q(pk__in=[])
        for path in paths:
            within |= Q(path__startswith=path)
        return self.filter(within)


class OrgUnitManager(MP_NodeManager.from_queryset(OrgUnitQuerySet)):
    def get_queryset(self):
        return OrgUnitQuerySet(self.model, using=self._db).order_by("path")


class OrgUnit(MP_Node):
    """A node of the organisation. It never moves: a reorganisation closes it and opens a successor."""

    name = models.CharField(_("name"), max_length=200)
    kind = models.CharField(_("kind"), max_length=50, help_text=_("The municipality's own word, such as förvaltning."))
    code = models.CharField(_("code"), max_length=50, blank=True, help_text=_("The code in the HR system."))
    starts_on = models.DateField(_("opened on"))
    ends_on = models.DateField(_("last day"), null=True, blank=True)
    predecessors = models.ManyToManyField("self", symmetrical=False, related_name="successors", blank=True)
    made_by = models.ForeignKey("HrImport", null=True, on_delete=models.SET_NULL, related_name="+", editable=False)

    objects = OrgUnitManager()

    class Meta:
        verbose_name = _("unit")
        verbose_name_plural = _("units")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=models.F("starts_on")),
                name="a_unit_closes_after_it_opens",
            )
        ]

    def __str__(self):
        return self.name

    @property
    def root_path(self) -> str:
        """The path of the municipality's root."""
        return self.path[: self.steplen]


# Teachers, preschools, youth centres, caretakers and social services (N11), where the municipality names no others.
FIRST_LINE = [
    *["lärare", "förskol", "barnskötare", "elevassistent", "fritidsledare", "fritidspedagog", "vaktmästare"],
    *["skolsköterska", "kurator", "socialsekreterare", "behandlare"],
]


class MunicipalityQuerySet(models.QuerySet):
    def of_unit(self, unit: OrgUnit) -> "Municipality":
        """The municipality that the unit belongs to."""
        return self.get(root__path=unit.root_path)

    def hold(self, municipality):
        """Let nobody else change the whole register until the transaction ends; rows that point here can be written."""
        own_lock = {"no_key": True} if connection.features.has_select_for_no_key_update else {}
        return self.select_for_update(**own_lock).get(pk=municipality)

    def of_request(self, request):
        """The municipality whose site the request reached, or None."""
        from wagtail.models import Site

        site = Site.find_for_request(request)
        return self.filter(site=site).select_related("root").first() if site else None


class Municipality(models.Model):
    """One customer: its units, its site and its own words."""

    name = models.CharField(_("name"), max_length=100)
    slug = models.SlugField(_("short name"), unique=True)
    root = models.OneToOneField(OrgUnit, on_delete=models.PROTECT, verbose_name=_("root unit"))
    site = models.OneToOneField("wagtailcore.Site", on_delete=models.PROTECT, verbose_name=_("site"))
    is_fictional = models.BooleanField(
        _("fictional"), default=False, help_text=_("Marks every page: people and figures are invented.")
    )
    vbe_group_name = models.CharField(
        _("name of the VBE group"),
        max_length=100,
        default="VBE-gruppen",
        blank=True,
        help_text=_("Empty means that there is none; the coordinator stands in its place."),
    )
    coordinator_title = models.CharField(_("title of the coordinator"), max_length=100, default="säkerhetssamordnaren")
    department_word = models.CharField(_("word for a department"), max_length=50, default="förvaltning")
    departments_word = models.CharField(_("word for departments"), max_length=50, default="förvaltningar")
    contact_email = models.EmailField(_("address for questions"), blank=True)
    first_line_words = models.JSONField(
        _("words for roles in the first line"), default=list, blank=True, help_text=_("Empty means the usual ones.")
    )

    objects = MunicipalityQuerySet.as_manager()

    class Meta:
        verbose_name = _("municipality")
        verbose_name_plural = _("municipalities")

    def __str__(self):
        return self.name

    @property
    def first_line(self) -> list[str]:
        """What the roles contain that meet the young and the worried first."""
        return self.first_line_words or FIRST_LINE

    @property
    def address(self) -> str:
        """Where its own site is, without a slash at the end."""
        return settings.WAGTAILADMIN_BASE_URL if self.site.is_default_site else self.site.root_url

    def address_of(self, name: str, *args) -> str:
        """The whole address of a page of ours on its own site, by the name that its route has."""
        return self.address + reverse(name, args=args)

    @property
    def units(self) -> OrgUnitQuerySet:
        """Every unit of the municipality, open or closed."""
        return OrgUnit.objects.under(self.root)

    def departments(self, on) -> OrgUnitQuerySet:
        """The departments that are open on the day: the level right under the root."""
        return self.units.on(on).filter(depth=self.root.depth + 1).order_by("name")


class LowercaseEmailField(models.EmailField):
    """An address that is stored and compared in lower case; an empty one is no address."""

    def get_prep_value(self, value):
        value = super().get_prep_value(value)
        return value.strip().lower() or None if value else None

    def deconstruct(self):
        """A plain EmailField to migrations: they import nothing of ours."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.EmailField", args, kwargs


def contains(word: str, *fields: str) -> Q:
    """What any of the fields contains, in capitals or not."""
    # SQLite's LIKE knows no å and Å as one letter; its REGEXP is Python's, which does.
    folds = word.isascii() or connection.vendor != "sqlite"
    lookup, text = ("icontains", word) if folds else ("iregex", re.escape(word))
    return Q(*((f"{name}__{lookup}", text) for name in fields), _connector=Q.OR)


class PersonQuerySet(models.QuerySet):
    def employed_in(self, units: OrgUnitQuerySet, on):
        """Those with an employment in one of the units on the day, each once."""
        employments = Employment.objects.on(on).filter(unit__in=units)
        return self.filter(pk__in=employments.values("person"))

    def called(self, words: str):
        """Those whose name, address or HR id each of the words is found in; the protected are found by HR id alone.

        A word with @ or a full stop in it is looked for in addresses, any other in names.
        """
        found = self
        for word in words.split():
            fields = ["email"] if "@" in word or "." in word.strip(".") else ["first_name", "last_name"]
            named = contains(word, *fields)
            found = found.filter(Q(external_id__in=ids_like(word)) | Q(named, is_protected=False))
        return found

    def not_disposed(self):
        """Those of whom something is left that says who they are (see Person.is_disposed)."""
        nameless = Q(first_name="", last_name="", email=None, external_id=None)
        return self.exclude(nameless, is_active=False, is_protected=False)


class PersonManager(DjangoUserManager.from_queryset(PersonQuerySet)):
    """Makes people by e-mail, since there is no username."""

    use_in_migrations = False

    def create_user(self, email=None, password=None, **extra):
        person = self.model(email=email, **extra)
        person.set_password(password)
        person.save(using=self._db)
        return person

    def create_superuser(self, email=None, password=None, **extra):
        return self.create_user(email, password, is_staff=True, is_superuser=True, **extra)

    def get_by_natural_key(self, username):
        return self.get(email=username.lower())


class Person(AbstractUser):
    """Someone who learns, leads, writes or coordinates. Keyed to HR by id, never by e-mail or personnummer."""

    username = None
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    municipality = models.ForeignKey(
        Municipality,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        verbose_name=_("municipality"),
        db_index=False,  # the index by name begins with it
    )
    external_id = models.CharField(_("HR id"), max_length=50, null=True, blank=True)
    email = LowercaseEmailField(_("e-mail"), unique=True, null=True, blank=True)
    is_protected = models.BooleanField(
        _("protected identity"), default=False, help_text=_("The name is neither kept nor shown.")
    )
    made_by = models.ForeignKey("HrImport", null=True, on_delete=models.SET_NULL, related_name="+", editable=False)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["first_name", "last_name"]

    objects = PersonManager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ["last_name", "first_name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["municipality", "external_id"], name="one_person_per_hr_id"),
        ]
        indexes = [models.Index(fields=["municipality", "last_name", "first_name", "id"], name="people_by_name")]

    def __str__(self):
        return self.get_full_name() or self.email or str(self.uuid)

    @property
    def is_disposed(self) -> bool:
        """Whether nothing is left that says who this was: the row only holds figures together."""
        left = self.first_name or self.last_name or self.email or self.external_id
        return not (left or self.is_active or self.is_protected)

    @property
    def hr_id(self) -> str:
        """The id as the system that it comes from shows it, without the series."""
        return apart(self.external_id or "")[1]

    def get_full_name(self):
        if self.is_protected:
            return gettext("Protected identity")
        return gettext("Disposed person") if self.is_disposed else super().get_full_name()

    @property
    def listed_name(self) -> tuple[str, str]:
        """Last and first name in columns of their own; what stands for a name fills the first."""
        hidden = self.is_protected or self.is_disposed
        return (self.get_full_name(), "") if hidden else (self.last_name, self.first_name)

    def clean(self):
        # AbstractUser would normalise a username that we do not have.
        self.email = type(self).objects.normalize_email(self.email)


class Employment(Dated):
    """A person in a unit, in a role, for a time."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="employments")
    # The index by unit and day begins with it.
    unit = models.ForeignKey(OrgUnit, on_delete=models.PROTECT, related_name="employments", db_index=False)
    role = models.CharField(_("role"), max_length=100, blank=True)
    population = models.CharField(_("population"), max_length=20, choices=Population, default=Population.EMPLOYEE)
    is_main = models.BooleanField(_("main employment"), default=True)
    external_no = models.CharField(
        _("employment number"), max_length=50, blank=True, help_text=_("Tells a person's employments apart in HR.")
    )
    made_by = models.ForeignKey("HrImport", null=True, on_delete=models.SET_NULL, related_name="+", editable=False)

    objects = DatedQuerySet.as_manager()

    class Meta(Dated.Meta):
        verbose_name = _("employment")
        verbose_name_plural = _("employments")
        indexes = [models.Index(fields=["unit", "starts_on", "ends_on"], name="employment_by_unit_and_day")]

    def __str__(self):
        return f"{self.person}, {self.unit}"


class Leave(Dated):
    """A time away, during which nothing is asked of the person."""

    class Reason(models.TextChoices):
        PARENTAL = "parental", _("Parental leave")
        SICK = "sick", _("Sick leave")
        STUDIES = "studies", _("Studies")
        OTHER = "other", _("Other leave")

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="leaves")
    reason = models.CharField(_("reason"), max_length=20, choices=Reason, default=Reason.OTHER)
    made_by = models.ForeignKey("HrImport", null=True, on_delete=models.SET_NULL, related_name="+", editable=False)

    objects = DatedQuerySet.as_manager()

    class Meta(Dated.Meta):
        verbose_name = _("leave")
        verbose_name_plural = _("leaves")

    def __str__(self):
        return f"{self.person}: {self.get_reason_display()}"


class Appointment(Dated):
    """A person's function in a unit and all below it: authority and duty both come from it (S14)."""

    class Function(models.TextChoices):
        HEAD = "head", _("Head")
        DEPUTY = "deputy", _("Deputy head")
        DEPARTMENT_COORDINATOR = "department_coordinator", _("Department coordinator")
        EDITOR = "editor", _("Editor (VBE group)")
        COORDINATOR = "coordinator", _("Coordinator")
        BOARD_READER = "board_reader", _("Board reader")

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="appointments")
    unit = models.ForeignKey(OrgUnit, on_delete=models.PROTECT, related_name="appointments")
    function = models.CharField(_("function"), max_length=30, choices=Function)

    objects = DatedQuerySet.as_manager()

    class Meta(Dated.Meta):
        verbose_name = _("appointment")
        verbose_name_plural = _("appointments")

    def __str__(self):
        return f"{self.get_function_display()}: {self.person}, {self.unit}"


class Reorganisation(models.Model):
    """A change of the organisation from a day on: who made it, on what decision, and what it did row by row."""

    class Kind(models.TextChoices):
        OPENED = "opened", _("Opened")
        RENAMED = "renamed", _("New name")
        MOVED = "moved", _("Moved")
        MERGED = "merged", _("Merged")
        SPLIT = "split", pgettext_lazy("what was done", "Split")
        CLOSED = "closed", _("Closed")

    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, related_name="reorganisations")
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    on = models.DateField(_("from"))
    # Names: a unit that was opened by a change that was undone is no more.
    before = models.JSONField(_("before"), default=list)
    after = models.JSONField(_("after"), default=list)
    decision = models.CharField(_("decision"), max_length=200, blank=True)
    made_at = models.DateTimeField(_("made"), default=timezone.now)
    made_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    undone_at = models.DateTimeField(_("undone"), null=True)
    steps = models.JSONField(default=list, editable=False)

    class Meta:
        verbose_name = _("change of the organisation")
        verbose_name_plural = _("changes of the organisation")
        ordering = ["-made_at", "-pk"]

    def __str__(self):
        return f"{self.get_kind_display()} {self.on}: {', '.join(self.before)} → {', '.join(self.after)}"

    @property
    def people(self) -> int:
        """How many people it gave another unit."""
        return len({row["person_id"] for row in self._rows("employment")})

    @property
    def functions(self) -> int:
        """How many functions it carried over or ended."""
        return len({(row["person_id"], row["function"]) for row in self._rows("appointment")})

    def _rows(self, model: str) -> list[dict]:
        return [before or after for name, _pk, before, after in self.steps if name == model]


class HrProfile(models.Model):
    """Which column of a municipality's HR export holds what; found again by whom it lists and the headings."""

    municipality = models.ForeignKey(Municipality, on_delete=models.CASCADE, related_name="hr_profiles")
    population = models.CharField(_("population"), max_length=20, choices=Population, default=Population.EMPLOYEE)
    own_ids = models.BooleanField(_("ids of its own"), default=False)
    headings = models.JSONField(_("headings"))
    columns = models.JSONField(_("columns"))
    saved_at = models.DateTimeField(_("saved"), auto_now=True)

    class Meta:
        verbose_name = _("column profile")
        verbose_name_plural = _("column profiles")

    def __str__(self):
        return ", ".join(self.headings)


class HrImport(models.Model):
    """A file from the HR system: its columns, what it would change, when it was applied and when undone."""

    class State(models.TextChoices):
        """Where the file is. In those that end in -ing, the work goes on in the background."""

        COLUMNS = "columns", _("Columns to confirm")
        COMPARING = "comparing", _("Being compared")
        COMPARED = "compared", _("To be confirmed")
        APPLYING = "applying", _("Being applied")
        APPLIED = "applied", _("Applied")
        UNDOING = "undoing", _("Being undone")
        UNDONE = "undone", _("Undone")
        DISCARDED = "discarded", _("Discarded")

    WORKING = [State.COMPARING, State.APPLYING, State.UNDOING]

    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, related_name="hr_imports")
    filename = models.CharField(_("file"), max_length=255)
    sha256 = models.CharField(max_length=64)
    as_of = models.DateField(_("as of"))
    population = models.CharField(_("population"), max_length=20, choices=Population, default=Population.EMPLOYEE)
    own_ids = models.BooleanField(
        _("ids of its own"), default=False, help_text=_("The ids are not those of the HR system.")
    )
    state = models.CharField(_("state"), max_length=20, choices=State, default=State.COLUMNS)
    uploaded_at = models.DateTimeField(_("uploaded"), default=timezone.now)
    uploaded_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    # What the file holds, without personnummer; only as long as it is needed.
    headings = models.JSONField(default=list)
    left_out = models.JSONField(default=list)
    lines = models.BinaryField(default=bytes, editable=False)
    columns = models.JSONField(_("columns"), default=dict)
    opens_units = models.BooleanField(_("open units that are named for the first time"), default=False)
    rows = models.PositiveIntegerField(_("rows"), default=0)
    counts = models.JSONField(_("changes"), default=dict)
    # Of what the file was compared with; then of what was written. Where it is no longer so, somebody else changed it.
    digest = models.CharField(max_length=64, blank=True)
    message = models.TextField(_("message"), blank=True)
    worked_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    applied_at = models.DateTimeField(_("applied"), null=True)
    undone_at = models.DateTimeField(_("undone"), null=True)

    class Meta:
        verbose_name = _("HR import")
        verbose_name_plural = _("HR imports")
        ordering = ["-uploaded_at", "-pk"]

    def __str__(self):
        return f"{self.filename} ({self.as_of})"

    @property
    def is_working(self) -> bool:
        return self.state in self.WORKING

    @property
    def series(self) -> str:
        """What the register puts before the ids of this file."""
        return series_of(self.population) if self.own_ids else ""


class HrFindingQuerySet(models.QuerySet):
    def about(self, people):
        """What files say about these people; no foreign key leads there, but their ids in the file's series do."""
        theirs = defaultdict(list)
        ids = people.exclude(external_id=None).values_list("municipality", "external_id")
        for municipality, external_id in ids:
            series, hr_id = apart(external_id)
            theirs[municipality, series].append(hr_id)
        about = Q(pk__in=[])
        for (municipality, series), hr_ids in theirs.items():
            own = {"hr_import__population": series.removesuffix(":")} if series else {}
            about |= Q(hr_import__municipality=municipality, hr_import__own_ids=bool(series), hr_id__in=hr_ids, **own)
        return self.filter(about)


class HrFinding(models.Model):
    """One thing that a file says about one person or unit: a change, a refused row or a warning."""

    class Kind(models.TextChoices):
        UNIT_OPENED = "unit_opened", _("New unit")
        NEW = "new", _("New person")
        BACK = "back", _("Back again")
        ADDED = "added", _("Another employment")
        MOVED = "moved", _("Moved")
        CHANGED = "changed", _("Changed employment")
        RENAMED = "renamed", _("Changed name or e-mail")
        ENDED = "ended", _("Ended")
        LAST_DAY = "last_day", _("Changed last day")
        ON_LEAVE = "on_leave", _("On leave")
        OFF_LEAVE = "off_leave", _("Back from leave")
        UNKNOWN_UNIT = "unknown_unit", _("Unknown unit")
        REFUSED = "refused", _("Refused row")
        WARNING = "warning", _("Warning")

    NOT_READ = [Kind.UNKNOWN_UNIT, Kind.REFUSED]

    # The index by kind begins with it.
    hr_import = models.ForeignKey(HrImport, on_delete=models.CASCADE, related_name="findings", db_index=False)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    number = models.PositiveIntegerField(_("line"), null=True)
    hr_id = models.CharField(_("HR id"), max_length=50, blank=True)
    name = models.CharField(_("name"), max_length=301, blank=True)
    column = models.CharField(_("column"), max_length=50, blank=True)
    details = models.JSONField(default=dict)
    # What it does to the register: rows to make, or to change from what they were (see hr.findings.step).
    steps = models.JSONField(default=list, encoder=DjangoJSONEncoder)

    objects = HrFindingQuerySet.as_manager()

    class Meta:
        verbose_name = _("finding")
        verbose_name_plural = _("findings")
        ordering = ["pk"]
        indexes = [models.Index(fields=["hr_import", "kind"], name="finding_by_kind")]

    def __str__(self):
        return f"{self.get_kind_display()}: {self.name or self.hr_id}"
