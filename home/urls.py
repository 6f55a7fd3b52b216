from django.urls import path

from . import views

app_name = "home"
urlpatterns = [
    path("vart-vander-jag-mig/", views.routes, name="routes"),
    path("tillganglighet/", views.accessibility, name="accessibility"),
]
