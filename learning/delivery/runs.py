"""When each task of the clock last ran, and how it ended: what tells a living worker from a dead one."""

from datetime import datetime, timedelta

from celery import Task
from django.conf import settings
from django.utils import timezone

from .models import Run

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


def schedule() -> list[tuple[str, timedelta, Run | None]]:
    """Each task of the clock by its name, with how often it is to run and its last run."""
    last = {run.task: run for run in Run.objects.all()}
    return [
        (name, timedelta(seconds=entry["schedule"]), last.get(entry["task"]))
        for name, entry in sorted(settings.CELERY_BEAT_SCHEDULE.items())
    ]
