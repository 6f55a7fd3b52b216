"""Work in the background: what is told when a half-year has ended."""

import logging

from celery import shared_task
from django.utils import timezone

from learning.coverage.services import StillCounting, settle

from .models import PublicFigures
from .releases import publish_due

logger = logging.getLogger(__name__)


@shared_task
def tick_publish_figures() -> None:
    """Publish what is due of every municipality whose figures are open."""
    settle()
    for opened in PublicFigures.objects.exclude(opened_at=None).select_related("municipality__root"):
        try:
            publish_due(municipality=opened.municipality, now=timezone.now())
        except StillCounting:
            logger.warning("Municipality %s publishes later: changes wait to be counted.", opened.municipality_id)
