from django.urls import path

from . import views

app_name = "access"
urlpatterns = [
    path("logga-in/", views.sign_in, name="sign_in"),
    path("logga-in/lank/", views.ask_for_link, name="ask_for_link"),
    path("logga-in/lank/<str:token>/", views.link, name="link"),
    path("logga-in/demo/", views.demo_sign_in, name="demo_sign_in"),
    path("logga-ut/", views.sign_out, name="sign_out"),
    path("start/", views.after_sign_in, name="after_sign_in"),
]
