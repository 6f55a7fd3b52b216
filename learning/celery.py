"""The Celery application; tasks live in the tasks.py of their room."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "learning.settings.dev")

app = Celery("kunskapslaget")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
