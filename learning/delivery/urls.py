from django.urls import path

from . import views

app_name = "delivery"
urlpatterns = [
    path("utskick/nej-tack/<str:token>/", views.unsubscribe, name="unsubscribe"),
]
