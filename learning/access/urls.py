from django.urls import path

from . import own_data, views

app_name = "access"
urlpatterns = [
    path("logga-in/", views.sign_in, name="sign_in"),
    path("logga-in/lank/", views.ask_for_link, name="ask_for_link"),
    path("logga-in/lank/<str:token>/", views.link, name="link"),
    path("logga-in/demo/", views.demo_sign_in, name="demo_sign_in"),
    path("logga-ut/", views.sign_out, name="sign_out"),
    path("min-sida/mina-uppgifter/", own_data.own_data, name="own_data"),
    path("min-sida/mina-uppgifter/fil.json", own_data.own_data_json, name="own_data_json"),
    path("min-sida/mina-uppgifter/fil.html", own_data.own_data_html, name="own_data_html"),
    path("start/", views.after_sign_in, name="after_sign_in"),
]
