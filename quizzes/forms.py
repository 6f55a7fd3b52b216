from collections import Counter

from django.utils.translation import gettext as _

from learning.access.references import OwnReferencesForm

from .grading import PLACING, Kind


class QuestionForm(OwnReferencesForm):
    """A question with its options, which must agree with its kind; a draft may be half written."""

    def is_valid(self):
        if not super().is_valid():
            return False
        if self.is_deferred_validation:
            return True
        options = [row for row in self.formsets["options"].cleaned_data if row and not row.get("DELETE")]
        for fault in faults(self.cleaned_data, options):
            self.add_error(None, _("%(fault)s What you wrote is kept here.") % {"fault": fault})
        return not self.errors


def faults(question: dict, options: list[dict]) -> list[str]:
    """What keeps the options from being a question of the kind, in words."""
    kind = question["kind"]
    found = list(_PLACED[kind](options) if kind in PLACING else _chosen(kind, options))
    if question.get("image") and not question.get("image_alt"):
        found.append(_("Say what the picture shows."))
    return found


def _chosen(kind: str, options: list[dict]):
    right = sum(bool(option["correct"]) for option in options)
    if any(not option["text"] for option in options):
        yield _("Every option needs a text.")
    if any(not option["feedback"] for option in options):
        yield _("Say to every option why it is right or wrong.")
    if kind == Kind.SINGLE and right != 1:
        yield _("Mark exactly one option as right.")
    if kind == Kind.MULTIPLE and right < 2:
        yield _("Mark at least two options as right, or choose one right answer as the kind.")
    if kind == Kind.MULTIPLE and right == len(options):
        yield _("All options are right, so there is nothing to choose. Add one that is not.")


def _ordered(options: list[dict]):
    texts = [option["text"] for option in options]
    if len(texts) < 3:
        yield _("Write at least three steps, in the right order.")
    if not all(texts):
        yield _("Every step needs a text.")
    if len(set(texts)) < len(texts):
        yield _("Two steps are the same.")


def _placed(options: list[dict]):
    things = [option["text"] for option in options if option["text"]]
    if not all(option["place"] for option in options):
        yield _("Write for each what it goes with.")
    if len(things) < 2:
        yield _("Write at least two things to place.")
    if len(set(things)) < len(things):
        yield _("Two things to place are the same.")


def _matched(options: list[dict]):
    yield from _placed(options)
    places = [option["place"] for option in options]
    if len(set(places)) < len(places):
        yield _("Two pairs have the same second half, so nobody could tell them apart.")


def _sorted(options: list[dict]):
    yield from _placed(options)
    if len({option["place"] for option in options}) < 2:
        yield _("Sort into at least two categories.")


_PLACED = {Kind.ORDER: _ordered, Kind.MATCH: _matched, Kind.SORT: _sorted}


class CheckForm(OwnReferencesForm):
    """A knowledge check: what it asks for must be in its pool."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        # Django names the fields of the tables.
        self._say_twice("quotas", _("The topic stands twice. Keep one of the rows."))
        self._say_twice("pool", _("The question stands twice in the pool. Take one of them away."))

    def _say_twice(self, name: str, words: str) -> None:
        if name in self.formsets:
            self.formsets[name].get_unique_error_message = lambda fields: words

    def is_valid(self):
        if not super().is_valid():
            return False
        for fault in check_faults(self.cleaned_data, _rows(self, "quotas"), _rows(self, "pool")):
            self.add_error(None, _("%(fault)s What you wrote is kept here.") % {"fault": fault})
        return not self.errors


def _rows(form, name: str) -> list[dict]:
    return [row for row in form.formsets[name].cleaned_data if row and not row.get("DELETE")]


def check_faults(check: dict, quotas: list[dict], pool: list[dict]) -> list[str]:
    """What keeps the check from being drawn as it says, in words."""
    live = [row for row in pool if row["question"].live]  # only what is published is drawn
    return list(_measuring(check, live) if check["measures"] else _drawn(check, quotas, live))


def _drawn(check: dict, quotas: list[dict], live: list[dict]):
    if live and check["draw"] > len(live):
        yield _("%(draw)d questions are drawn, but the pool has %(there)d published ones.") % {
            "draw": check["draw"],
            "there": len(live),
        }
    there = Counter(row["question"].topic for row in live)
    for quota in quotas:
        if there[quota["topic"]] < quota["number"]:
            yield _(
                "“%(topic)s” has %(there)d published questions in the pool, not %(asked)d. Topics there: %(topics)s."
            ) % {
                "topic": quota["topic"],
                "there": there[quota["topic"]],
                "asked": quota["number"],
                "topics": ", ".join(sorted(filter(None, there))) or "–",
            }
    least = Counter(row["question"].topic for row in live if row["question"].must_pass)
    for quota in quotas:
        least[quota["topic"]] = max(least[quota["topic"]], quota["number"])
    if quotas and least.total() > check["draw"]:
        yield _("The topics and what must be right are %(least)d questions together, but only %(draw)d are drawn.") % {
            "least": least.total(),
            "draw": check["draw"],
        }


def _measuring(check: dict, live: list[dict]):
    sizes = Counter(row["form"] for row in live if row["form"])
    if len(sizes) < 2:
        yield _("What measures needs at least two forms. Choose a form for questions in the pool.")
    if len(set(sizes.values())) > 1:
        yield _("The forms must have equally many published questions to be compared: %(sizes)s.") % {
            "sizes": ", ".join(f"{form} {number}" for form, number in sorted(sizes.items()))
        }
    if check["minutes"]:
        yield _("What measures has no time limit.")
