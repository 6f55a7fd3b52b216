from django.urls import path

from . import pulse_views, views

app_name = "surveys"
urlpatterns = [
    path("enkat/<int:pk>/", views.answer, name="answer"),
    path("minns-du/<int:pk>/", pulse_views.answer, name="pulse"),
    path("enkater/", views.overview, name="overview"),
    path("enkater/bibehallen-kunskap/", pulse_views.retained, name="retained"),
    path("enkater/bibehallen-kunskap.csv", pulse_views.retained_csv, name="retained_csv"),
    path("enkater/<int:pk>/", views.results, name="results"),
    path("enkater/<int:pk>.csv", views.results_csv, name="results_csv"),
    path("enkater/<int:pk>/omgang/", views.open_wave, name="open_wave"),
    path("enkater/<int:pk>/fritext/", views.texts, name="texts"),
    path("enkater/omgang/<int:pk>/stang/", views.close_wave, name="close_wave"),
]
