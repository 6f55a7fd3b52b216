from celery import shared_task
from django.utils import timezone

from .services import forget


@shared_task
def tick_forget_answers() -> None:
    """Remove old texts, and who has answered rounds that are closed."""
    forget(timezone.localdate())
