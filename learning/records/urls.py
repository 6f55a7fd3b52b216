from django.urls import path

from . import views

app_name = "records"
urlpatterns = [
    path("min-sida/", views.my_page, name="my_page"),
    path("kunskapskontroll/<int:pk>/", views.check, name="check"),
    path("forsok/<int:pk>/<int:position>/", views.check_question, name="check_question"),
    path("forsok/<int:pk>/", views.check_result, name="check_result"),
    path("intyg/<uuid:uuid>/", views.proof, name="proof"),
]
