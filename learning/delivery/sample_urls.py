from django.urls import path

from . import sample_views as views

app_name = "mail_samples"
urlpatterns = [
    path("", views.samples, name="index"),
    path("<slug:kind>/<slug:language>/", views.sample, name="sample"),
]
