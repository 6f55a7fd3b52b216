from django.urls import path

from . import admin_views as views
from .schedule import admin_views as schedule

app_name = "mailings"
urlpatterns = [
    path("", views.mailings, name="index"),
    path("plan/", schedule.settings, name="plan"),
    path("plan/starta/", schedule.begin, name="begin"),
    path("plan/starta/<uuid:uuid>/", schedule.first, name="first"),
    path("plan/stoppa/", schedule.end, name="end"),
    path("plan/sms.<str:ending>", schedule.texts, name="texts"),
    path("pausa/", views.pause_all, name="pause"),
    path("ateruppta/", views.resume_all, name="resume"),
    path("<int:pk>/skicka-igen/", views.again, name="again"),
    path("adress/<uuid:uuid>/fungerar/", views.confirm, name="confirm"),
]
