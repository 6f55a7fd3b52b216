"""Work in the background: large changes, and what a lost message left behind."""

import logging

from celery import shared_task
from django.db.models import Exists, OuterRef
from django.utils import timezone

from learning.plans.models import Goal, Requirement

from . import ledger
from .models import FrozenReport
from .services import StillCounting, freeze, settle

logger = logging.getLogger(__name__)


@shared_task
def settle_standings() -> None:
    """Derive the standings of everyone who is marked."""
    settle()


@shared_task
def tick_heal_standings() -> None:
    """Derive what a lost message or a killed process left marked."""
    settle()


@shared_task
def tick_sum_up() -> None:
    """Sum up in the ledger the months that have ended, and of whole municipalities the days."""
    for requirement in Requirement.objects.select_related("municipality").iterator():
        ledger.close(requirement, timezone.localdate())


@shared_task
def tick_freeze_closed_goals() -> None:
    """Fix the outcome of every measured goal whose date has passed."""
    settle()
    fixed = FrozenReport.objects.filter(goal=OuterRef("pk"), on=OuterRef("due_on"))
    closed = Goal.objects.decided().filter(due_on__lt=timezone.localdate()).exclude(requirement=None)
    for goal in closed.exclude(Exists(fixed)).order_by("pk"):
        try:
            freeze(goal=goal, now=timezone.now())
        except StillCounting:
            logger.warning("The outcome of goal %s is not fixed yet: changes wait to be counted.", goal.pk)
