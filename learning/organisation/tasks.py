"""Work in the background: HR files, and what a lost message or a killed process left behind."""

from celery import shared_task
from django.utils import timezone

from .hr import services


@shared_task
def work_on_import(pk: int) -> None:
    """Compare, apply or undo an HR file, whichever it waits for."""
    services.work(pk, now=timezone.now())


@shared_task
def tick_forget_old_lines() -> None:
    """Let go of what old HR files hold of people."""
    services.forget_old_lines(timezone.now())


@shared_task
def tick_resume_imports() -> None:
    """Go on with the HR files whose work was interrupted."""
    for pk in services.interrupted(timezone.now()):
        services.work(pk, now=timezone.now())
