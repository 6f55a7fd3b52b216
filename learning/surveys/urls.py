from django.urls import path

from . import views

app_name = "surveys"
urlpatterns = [
    path("enkat/<int:pk>/", views.answer, name="answer"),
    path("enkater/", views.overview, name="overview"),
    path("enkater/<int:pk>/", views.results, name="results"),
    path("enkater/<int:pk>.csv", views.results_csv, name="results_csv"),
    path("enkater/<int:pk>/omgang/", views.open_wave, name="open_wave"),
    path("enkater/<int:pk>/fritext/", views.texts, name="texts"),
    path("enkater/omgang/<int:pk>/stang/", views.close_wave, name="close_wave"),
]
