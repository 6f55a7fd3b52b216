"""Says in words what a finding of an HR file is."""

from django.utils.translation import gettext as _

from learning.organisation.models import HrFinding, Leave

Kind = HrFinding.Kind
# What needs a person's eyes stands first, and what merely happens stands in the order of a working life.
ORDER = [
    Kind.REFUSED,
    Kind.UNKNOWN_UNIT,
    Kind.WARNING,
    Kind.UNIT_OPENED,
    Kind.NEW,
    Kind.BACK,
    Kind.ADDED,
    Kind.MOVED,
    Kind.CHANGED,
    Kind.RENAMED,
    Kind.LAST_DAY,
    Kind.ENDED,
    Kind.ON_LEAVE,
    Kind.OFF_LEAVE,
]


def describe(finding: HrFinding) -> str:
    """One line about what the finding does, or why the row was not read."""
    details = finding.details
    if details.get("disposed"):
        return _("Disposed of")
    if details.get("protected"):
        return _("Protected identity")
    match finding.kind:
        case Kind.REFUSED | Kind.UNKNOWN_UNIT | Kind.WARNING:
            return details.get("reason", "")
        case Kind.UNIT_OPENED:
            return _("under %(unit)s") % {"unit": details["under"]} if details["under"] else _("at the top")
        case Kind.NEW | Kind.BACK | Kind.ADDED:
            place = ", ".join(filter(None, [details["unit"], details["role"]]))
            return _("%(place)s, from %(day)s") % {"place": place, "day": details["on"]}
        case Kind.MOVED | Kind.CHANGED:
            return _changed(details)
        case Kind.RENAMED:
            return _renamed(details)
        case Kind.ENDED:
            words = _("%(unit)s, last day %(day)s") % {"unit": details["unit"], "day": details["on"]}
            return words + (" – " + _("not in the file") if details.get("missing") else "")
        case Kind.LAST_DAY:
            return _("%(unit)s, last day %(day)s") % {
                "unit": details["unit"],
                "day": details["on"] or _("until further notice"),
            }
        case Kind.ON_LEAVE:
            reason = Leave.Reason(details["reason"]).label
            return _("%(reason)s from %(day)s") % {"reason": reason, "day": details["on"]}
        case Kind.OFF_LEAVE:
            return _("last day of leave %(day)s") % {"day": details["on"]}
    return ""


def _changed(details: dict) -> str:
    before, after = details["before"], details["after"]
    words = [f"{before[name] or '–'} → {after[name] or '–'}" for name in ("unit", "role") if name in after]
    if "main" in after:
        words.append(_("main employment") if after["main"] else _("no longer the main employment"))
    if "on" in after and "on" in before:
        return _("first day %(before)s → %(after)s") % {"before": before["on"], "after": after["on"]}
    return _("%(what)s, from %(day)s") % {"what": ", ".join(words), "day": details["on"]}


def _renamed(details: dict) -> str:
    before, after = details.get("before", {}), details.get("after", {})
    if not after:
        return _("protected identity")
    return ", ".join(f"{before.get(name) or '–'} → {after[name] or '–'}" for name in after)
