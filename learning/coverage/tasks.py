"""Work in the background: large changes, and what a lost message left behind."""

from celery import shared_task
from django.utils import timezone

from learning.plans.models import Goal

from .services import freeze, settle


@shared_task
def settle_standings() -> None:
    """Derive the standings of everyone who is marked."""
    settle()


@shared_task
def tick_heal_standings() -> None:
    """Derive what a lost message or a killed process left marked."""
    settle()


@shared_task
def tick_freeze_closed_goals() -> None:
    """Fix the outcome of every measured goal whose date has passed."""
    settle()
    closed = Goal.objects.filter(due_on__lt=timezone.localdate(), reports=None).exclude(requirement=None)
    for goal in closed:
        freeze(goal=goal, now=timezone.now())
