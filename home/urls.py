from datetime import date

from django.urls import path, register_converter

from . import views


class DayConverter:
    """A day as 2025-12-31."""

    regex = r"\d{4}-\d{2}-\d{2}"
    to_python = staticmethod(date.fromisoformat)
    to_url = staticmethod(str)


register_converter(DayConverter, "day")

app_name = "home"
urlpatterns = [
    path("vart-vander-jag-mig/", views.routes, name="routes"),
    path("handlingsplan/", views.plan, name="plan"),
    path("handlingsplan/<slug:key>/", views.plan, name="plan_by_key"),
    path("tillganglighet/", views.accessibility, name="accessibility"),
    path("siffror/", views.figures, name="figures"),
    path("siffror.json", views.figures_json, name="figures_json"),
    path("siffror.csv", views.figures_csv, name="figures_csv"),
    path("siffror/oppna/", views.publishing, name="publishing"),
    path("siffror/<day:on>/", views.figures, name="release"),
    path("siffror/<day:on>.json", views.figures_json, name="release_json"),
    path("siffror/<day:on>.csv", views.figures_csv, name="release_csv"),
]
