from django.urls import path

from . import views, yearly_views

CSV, XLSX = {"ending": "csv"}, {"ending": "xlsx"}

app_name = "reporting"
urlpatterns = [
    path("laget/", views.overview, name="overview"),
    path("laget/rapporter/", yearly_views.reports, name="reports"),
    path("laget/rapporter/utkast/", yearly_views.report_draft, name="report_draft"),
    path("laget/rapporter/<int:pk>/", yearly_views.report, name="report"),
    path("laget/rapporter/<int:pk>.json", yearly_views.report_json, name="report_json"),
    path("laget/uppdrag/", views.duties, name="duties"),
    path("laget/uppdrag.csv", views.duties_file, CSV, name="duties_csv"),
    path("laget/uppdrag.xlsx", views.duties_file, XLSX, name="duties_xlsx"),
    path("laget/<int:pk>/", views.unit, name="unit"),
    path("laget/<int:pk>/utfall/", views.outcome, name="outcome"),
    path("laget/utfall/<int:pk>.json", views.outcome_json, name="outcome_json"),
    path("laget/<int:pk>/enheter.csv", views.unit_file, CSV, name="unit_csv"),
    path("laget/<int:pk>/enheter.xlsx", views.unit_file, XLSX, name="unit_xlsx"),
    path("laget/<int:pk>/personer.csv", views.people_file, CSV, name="people_csv"),
    path("laget/<int:pk>/personer.xlsx", views.people_file, XLSX, name="people_xlsx"),
    path("laget/<int:pk>/matt/", views.measures, name="measures"),
    path("laget/<int:pk>/matt.csv", views.measures_file, CSV, name="measures_csv"),
    path("laget/<int:pk>/matt.xlsx", views.measures_file, XLSX, name="measures_xlsx"),
]
