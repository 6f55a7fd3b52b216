from django.urls import path

from . import views

app_name = "delivery"
urlpatterns = [
    path("min-sida/mina-utskick/", views.mine, name="mine"),
    path("utskick/erbjudande/<str:token>/", views.offer, name="offer"),
    path("utskick/nej-tack/<str:token>/", views.unsubscribe, name="unsubscribe"),
]
