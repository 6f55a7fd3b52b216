from django.urls import path

from . import views

app_name = "reporting"
urlpatterns = [
    path("laget/", views.overview, name="overview"),
    path("laget/uppdrag/", views.duties, name="duties"),
    path("laget/uppdrag.csv", views.duties_csv, name="duties_csv"),
    path("laget/<int:pk>/", views.unit, name="unit"),
    path("laget/<int:pk>/utfall/", views.outcome, name="outcome"),
    path("laget/<int:pk>/enheter.csv", views.unit_csv, name="unit_csv"),
    path("laget/<int:pk>/personer.csv", views.people_csv, name="people_csv"),
]
