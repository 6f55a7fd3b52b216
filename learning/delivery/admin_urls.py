from django.urls import path

from . import admin_views as views

app_name = "mailings"
urlpatterns = [
    path("", views.mailings, name="index"),
    path("pausa/", views.pause_all, name="pause"),
    path("ateruppta/", views.resume_all, name="resume"),
    path("<int:pk>/skicka-igen/", views.again, name="again"),
    path("adress/<uuid:uuid>/fungerar/", views.confirm, name="confirm"),
]
