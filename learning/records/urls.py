from django.urls import path

from . import check_views, link_views, practice_views, together_views, views

app_name = "records"
urlpatterns = [
    path("min-sida/", views.my_page, name="my_page"),
    path("l/<str:token>/", link_views.lesson_link, name="lesson_link"),
    path("ova/", practice_views.practice, name="practice"),
    path("sok/", views.search, name="search"),
    path("kunskapskontroll/<int:pk>/", check_views.check, name="check"),
    path("fore-och-efter/<int:pk>/", check_views.measure, name="measure"),
    path("forsok/<int:pk>/<int:position>/", check_views.check_question, name="check_question"),
    path("forsok/<int:pk>/", check_views.check_result, name="check_result"),
    path("intyg/<uuid:uuid>/", views.proof, name="proof"),
    path("tillsammans/", together_views.together, name="together"),
    path("tillsammans/<slug:code>/", together_views.together_card, name="together_card"),
    path("tillsammans/<slug:code>/kod/", together_views.together_code, name="together_code"),
    path("tillsammans/<slug:code>/narvaro/", together_views.together_people, name="together_people"),
    path("tillsammans/<slug:code>/avsluta/", together_views.together_end, name="together_end"),
    path("med/", together_views.attend_code, name="attend_code"),
    path("med/<slug:code>/", together_views.attend, name="attend"),
]
