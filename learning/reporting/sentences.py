"""What a yearly report says in sentences, and what has changed since the one before: pure over what it holds."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from learning.plans.models import Activity
from learning.plans.warnings import told
from learning.surveys.retention import Estimate

from .showing import aim


def summary(body: dict) -> Iterator[str]:
    """The report in a few sentences: each goal, the functions, and how the activities go."""
    on = date.fromisoformat(body["on"])
    alike = defaultdict(list)  # goals of the same knowledge share their figures
    for entry in body["goals"]:
        alike[entry["key"]].append(entry)
    for own in alike.values():
        yield " ".join(filter(None, [_has(own[0], on), _since(own[0], body)]))
        for entry in own:
            yield " ".join(filter(None, [_aim(entry, on), entry["outlook"]]))
    for function in body["functions"]:
        yield function["says"]
    if activities := activities_of(body):
        yield _of_activities(activities)
    if body["picture"]:
        yield _of_picture(body["picture"])


def _has(entry: dict, on: date) -> str:
    """How many have it, on the day or as last told."""
    told_of = entry["figure"] or entry["last"]
    if not told_of:
        words = _("Of %(what)s no figure is told, so that nobody is singled out.")
        return words % {"what": entry["requirement"]}
    if not told_of["counted"]:
        return _("Of %(what)s nobody was to be counted.") % {"what": entry["requirement"]}
    return _("On %(day)s %(done)s of %(all)s had %(what)s (%(percent)s %%).") % {
        "day": in_words(told_of.get("on", on)),
        "done": intcomma(told_of["completed"]),
        "all": intcomma(told_of["counted"]),
        "what": entry["requirement"],
        "percent": told_of["per_cent"],
    }


def _since(entry: dict, body: dict) -> str:
    """What has changed since the report before, where both tell a figure of their day."""
    points = points_since(entry)
    if points is None:
        return ""
    words = {"day": in_words(entry["before"].get("on", body["earlier"]["on"])), "points": abs(points)}
    if not points:
        return _("That is as many per cent as on %(day)s.") % words
    if points > 0:
        more = ngettext(
            "That is %(points)s percentage point more than on %(day)s.",
            "That is %(points)s percentage points more than on %(day)s.",
            words["points"],
        )
        return more % words
    less = ngettext(
        "That is %(points)s percentage point less than on %(day)s.",
        "That is %(points)s percentage points less than on %(day)s.",
        words["points"],
    )
    return less % words


def points_since(entry: dict) -> int | None:
    """Percentage points since the report before, of the shares as they are written; None where one is not told."""
    shares = [figure["per_cent"] if figure else None for figure in (entry["figure"], entry["before"])]
    return None if None in shares else shares[0] - shares[1]


def _aim(entry: dict, on: date) -> str:
    """What the goal asks, and of one whose day has passed whether it was reached."""
    due_on = entry["due_on"] and date.fromisoformat(entry["due_on"])
    points = [(date.fromisoformat(day), share) for day, share in entry["points"]]
    return aim(entry["threshold_percent"], due_on, on, points)


def activities_of(body: dict) -> list[dict]:
    """All activities of the report."""
    return [activity for area in body.get("areas", []) for activity in area["activities"]]


def _of_activities(activities: list[dict]) -> str:
    """How many activities there are, and how many of them have come how far."""
    parts = []
    for status in Activity.Status:
        if number := sum(one["status"] == status for one in activities):
            parts.append(_so_many(status, number))
    if silent := sum(not one["status"] for one in activities):
        parts.append(_("%(number)s without a note") % {"number": silent})
    total = ngettext("The plan has %(number)s activity", "The plan has %(number)s activities", len(activities))
    return f"{total % {'number': len(activities)}}: {', '.join(parts)}."


def _so_many(status: str, number: int) -> str:
    words = {
        Activity.Status.NOT_BEGUN: ngettext("%(number)s is not begun", "%(number)s are not begun", number),
        Activity.Status.UNDER_WAY: ngettext("%(number)s is under way", "%(number)s are under way", number),
        Activity.Status.DONE: ngettext("%(number)s is done", "%(number)s are done", number),
        Activity.Status.DROPPED: ngettext("%(number)s is dropped", "%(number)s are dropped", number),
    }
    return words[status] % {"number": number}


def _of_picture(picture: dict) -> str:
    """How many topics there are, and how many of them ask for a lesson."""
    words = {"title": picture["title"], "number": len(picture["topics"])}
    topics = ngettext("%(title)s has %(number)s topic", "%(title)s has %(number)s topics", words["number"]) % words
    lacking = sum(topic["is_lacking"] for topic in picture["topics"])
    if not lacking:
        return _("%(topics)s; none of them asks for a new lesson.") % {"topics": topics}
    more = ngettext(
        "%(topics)s; %(lacking)s asks for a new lesson.", "%(topics)s; %(lacking)s ask for a new lesson.", lacking
    )
    return more % {"topics": topics, "lacking": lacking}


def retained(found: Estimate) -> str:
    """How much is retained, with the span that chance leaves, and what it was at the check."""
    words = {"people": found.people, "low": found.percent_low, "high": found.percent_high}
    if found.percent_before is None:
        return _("%(low)s–%(high)s %% of the questions right, by %(people)s people who answered.") % words
    words["before"] = found.percent_before
    return (
        _(
            "%(low)s–%(high)s %% of the questions right, by %(people)s people who answered; the first time it was "
            "%(before)s %%."
        )
        % words
    )


def changes(body: dict, before: dict) -> Iterator[str]:
    """What is otherwise than in the report before, beside the figures; first what makes figures hard to compare."""
    if not before:
        return
    if body["method"] != before["method"]:
        yield _("Figures are counted in another way than before. Compare them with care: %(method)s.") % body
    yield from _changed_goals(body["goals"], before["goals"])
    yield from _changed_activities(activities_of(body), activities_of(before))
    yield from _changed_topics(body["picture"], before.get("picture"))


def _changed_goals(goals: list[dict], before: list[dict]) -> Iterator[str]:
    earlier = {(one["key"], one["goal"]): one for one in before}
    here = {(one["key"], one["goal"]): one for one in goals}
    for key, one in here.items():
        if key not in earlier:
            yield _("New goal: %(goal)s") % {"goal": one["goal"]}
    for key, one in earlier.items():
        if key not in here:
            yield _("No longer a goal: %(goal)s") % {"goal": one["goal"]}
    # Goals that are measured alike have these in common.
    rules = {one["key"]: one for one in goals if one["key"] in {old["key"] for old in before}}
    for key, one in rules.items():
        old = next(old for old in before if old["key"] == key)
        if (one["definition"], one["who"], one["grace_days"]) != (old["definition"], old["who"], old["grace_days"]):
            words = _("What %(what)s is, or who is counted, has been changed. Compare the figures with care.")
            yield words % {"what": one["requirement"]}
    for key in here.keys() & earlier.keys():
        if here[key]["threshold_percent"] != earlier[key]["threshold_percent"]:
            yield _("The goal is now %(now)s %% and was %(before)s %%: %(goal)s") % {
                "now": here[key]["threshold_percent"],
                "before": earlier[key]["threshold_percent"],
                "goal": here[key]["goal"],
            }


def _changed_activities(activities: Iterable[dict], before: Iterable[dict]) -> Iterator[str]:
    earlier = {one["id"]: one for one in before}
    for one in activities:
        old = earlier.pop(one["id"], None)
        if old is None:
            yield _("New activity: %(title)s") % one
        elif one["status"] != old["status"] and one["status"]:
            was = old["status_words"] or _("not noted")
            words = {"title": one["title"].rstrip("."), "now": one["status_words"].lower(), "was": was.lower()}
            yield _("%(title)s: %(now)s, before: %(was)s.") % words
    for old in earlier.values():
        yield _("No longer in the plan: %(title)s") % old


def _changed_topics(picture: dict | None, before: dict | None) -> Iterator[str]:
    """What is seen that was not, and the other way round, where the report before told of another picture."""
    if picture and before and picture["year"] != before["year"]:
        for title in picture["new"]:
            yield _("New in the situation picture: %(topic)s") % {"topic": title}
        for title in picture["gone"]:
            yield _("No longer in the situation picture: %(topic)s") % {"topic": title}


def in_words(day: date | str) -> str:
    """The day as it is read."""
    return told(date.fromisoformat(day) if isinstance(day, str) else day)


def title_of(on: date) -> str:
    """What the report of a day is called."""
    if (on.month, on.day) == (12, 31):
        return _("Yearly report %(year)s") % {"year": on.year}
    return _("Report as of %(day)s") % {"day": in_words(on)}
