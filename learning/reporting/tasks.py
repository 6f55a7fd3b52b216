"""Work in the background: what is told when a half-year has ended."""

from celery import shared_task
from django.utils import timezone

from learning.coverage.services import settle

from .models import PublicFigures
from .releases import publish_due


@shared_task
def tick_publish_figures() -> None:
    """Publish what is due of every municipality whose figures are open."""
    settle()
    for opened in PublicFigures.objects.exclude(opened_at=None).select_related("municipality__root"):
        publish_due(municipality=opened.municipality, now=timezone.now())
