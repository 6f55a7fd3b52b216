from celery import shared_task
from django.utils import timezone

from . import pulse, services


@shared_task
def tick_forget_answers() -> None:
    """Remove old texts, and who has answered what can be answered no more."""
    today = timezone.localdate()
    services.forget(today)
    pulse.forget(today)
