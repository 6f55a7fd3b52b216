"""When each task of the clock last ran, and how it ended: what tells a living worker from a dead one."""

from datetime import datetime, timedelta

from celery import Task
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from .models import Run

# What each task of the clock does, by its name in the settings.
WORDS = {
    "sum-up": _("Sum up the days and months that have ended"),
    "follow-appointments": _("Let in and out those whose function begins or ends"),
    "forget-old-lines": _("Forget old rows of HR files"),
    "forget-survey-answers": _("Forget who has answered closed surveys"),
    "freeze-closed-goals": _("Fix the outcome of goals whose date has passed"),
    "heal-standings": _("Pick up standings that are to be counted anew"),
    "plan-mails": _("Plan the mails of the day"),
    "publish-figures": _("Publish the public figures"),
    "publish-scheduled": _("Publish pages at their time"),
    "read-returned-mails": _("Read mails that came back"),
    "resume-imports": _("Go on with HR files that were interrupted"),
    "send-mails": _("Send the mails that wait"),
    "sweep-sessions": _("Clear sessions that have ended"),
    "sweep-tries": _("Clear old tries to sign in"),
}

# The clock's quickest tasks come several times in this while.
SILENCE = timedelta(minutes=2)


def note(task: Task, retval=None, state: str = "", **kwargs) -> None:
    """Note that a task of the clock has ended, and the kind of error it ended with."""
    if ".tick_" in task.name:
        error = type(retval).__name__ if state == "FAILURE" else ""
        Run.objects.update_or_create(task=task.name, defaults={"ended_at": timezone.now(), "error": error})


def is_alive(now: datetime) -> bool:
    """Whether a worker has done anything of late."""
    return Run.objects.filter(ended_at__gt=now - SILENCE).exists()


def schedule() -> list[tuple[str, str, Run | None]]:
    """What each task of the clock does, with how often it is to run and its last run."""
    last = {run.task: run for run in Run.objects.all()}
    return [
        (str(WORDS.get(name, name)), _often(entry["schedule"]), last.get(entry["task"]))
        for name, entry in sorted(settings.CELERY_BEAT_SCHEDULE.items())
    ]


def _often(seconds: int) -> str:
    """How often, in the largest whole unit."""
    if seconds % 86400 == 0:
        return ngettext("every day", "every %(number)d days", seconds // 86400) % {"number": seconds // 86400}
    if seconds % 3600 == 0:
        return ngettext("every hour", "every %(number)d hours", seconds // 3600) % {"number": seconds // 3600}
    if seconds % 60 == 0:
        return ngettext("every minute", "every %(number)d minutes", seconds // 60) % {"number": seconds // 60}
    return ngettext("every second", "every %(number)d seconds", seconds) % {"number": seconds}
