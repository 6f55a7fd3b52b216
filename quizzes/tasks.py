"""Work in the background: what takes long to count."""

from celery import shared_task

from .counting import count_anew


@shared_task
def count_answers(municipality_id: int) -> None:
    """Count the answers to the municipality's questions anew."""
    count_anew(municipality_id)
