"""Work in the background: what was scheduled in the admin."""

from celery import shared_task
from django.core.management import call_command


@shared_task
def tick_publish_scheduled() -> None:
    """Publish and withdraw the pages whose moment has come."""
    call_command("publish_scheduled")
