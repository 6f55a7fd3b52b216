from django.urls import path

from . import views
from .schedule.chasing import remind_unit

app_name = "delivery"
urlpatterns = [
    path("min-sida/mina-utskick/", views.mine, name="mine"),
    path("laget/<int:pk>/paminn/<int:requirement>/", remind_unit, name="remind"),
    path("utskick/erbjudande/<str:token>/", views.offer, name="offer"),
    path("utskick/nej-tack/<str:token>/", views.unsubscribe, name="unsubscribe"),
]
