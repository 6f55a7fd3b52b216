from django.urls import path

from . import views

app_name = "home"
urlpatterns = [
    path("vart-vander-jag-mig/", views.routes, name="routes"),
    path("handlingsplan/", views.plan, name="plan"),
    path("handlingsplan/<slug:key>/", views.plan, name="plan_by_key"),
    path("tillganglighet/", views.accessibility, name="accessibility"),
]
