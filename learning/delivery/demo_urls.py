from django.urls import path

from . import sample_views as views

app_name = "demo_mails"
urlpatterns = [
    path("", views.kept_mails, name="index"),
    path("<int:pk>/", views.kept_mail, name="mail"),
    path("<int:pk>/html/", views.kept_html, name="html"),
]
