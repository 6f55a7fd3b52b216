"""What is scheduled in the admin happens by itself."""

from datetime import date, timedelta

from django.conf import settings

from courses.tasks import tick_publish_scheduled
from tests.factories import make_course, make_municipality, moment

NOW = moment(date(2025, 3, 3))


def test_pages_come_and_go_at_their_moment(db, time_machine):
    time_machine.move_to(NOW, tick=False)
    coming, going = make_course(make_municipality()).lessons()
    coming.unpublish()
    coming.go_live_at = going.expire_at = NOW + timedelta(hours=1)
    for lesson in (coming, going):
        lesson.save_revision().publish()
    tick_publish_scheduled()
    assert [page.live for page in _again(coming, going)] == [False, True]
    time_machine.move_to(NOW + timedelta(hours=2), tick=False)
    tick_publish_scheduled()
    assert [page.live for page in _again(coming, going)] == [True, False]


def test_the_clock_publishes():
    assert tick_publish_scheduled.name in {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}


def _again(*pages) -> list:
    return [type(page).objects.get(pk=page.pk) for page in pages]
