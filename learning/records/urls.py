from django.urls import path

from . import check_views, decision_views, link_views, practice_views, proof_views, together_views, views

app_name = "records"
urlpatterns = [
    path("min-sida/", views.my_page, name="my_page"),
    path("l/<str:token>/", link_views.lesson_link, name="lesson_link"),
    path("min-sida/annan-utbildning/", decision_views.own_evidence, name="own_evidence"),
    path("beslut/<uuid:uuid>/", decision_views.decisions, name="decisions"),
    path("undantag/<int:pk>/avsluta/", decision_views.end_early, name="end_exemption"),
    path("annan-utbildning/", decision_views.waiting_evidence, name="waiting_evidence"),
    path("annan-utbildning/enhet/<int:pk>/", decision_views.unit_evidence, name="unit_evidence"),
    path("annan-utbildning/<uuid:uuid>/", decision_views.decide_evidence, name="decide_evidence"),
    path("annan-utbildning/<uuid:uuid>/fil/", decision_views.evidence_file, name="evidence_file"),
    path("ova/", practice_views.practice, name="practice"),
    path("sok/", views.search, name="search"),
    path("kunskapskontroll/<int:pk>/", check_views.check, name="check"),
    path("fore-och-efter/<int:pk>/", check_views.measure, name="measure"),
    path("forsok/<int:pk>/<int:position>/", check_views.check_question, name="check_question"),
    path("forsok/<int:pk>/", check_views.check_result, name="check_result"),
    path("intyg/<uuid:uuid>/", proof_views.proof, name="proof"),
    path("intyg/<uuid:uuid>/intyg.pdf", proof_views.proof_file, {"ending": "pdf"}, name="proof_pdf"),
    path("intyg/<uuid:uuid>/intyg.jwt", proof_views.proof_file, {"ending": "jwt"}, name="proof_jwt"),
    path("intyg/<uuid:uuid>/intyg.svg", proof_views.proof_file, {"ending": "svg"}, name="proof_svg"),
    path("intyg/kontroll/<uuid:uuid>/", proof_views.proof_check, name="proof_check"),
    path("intyg/tillbakatagna/", proof_views.taken_back, name="taken_back"),
    path(".well-known/did.json", proof_views.did, name="did"),
    path("tillsammans/", together_views.together, name="together"),
    path("tillsammans/<slug:code>/", together_views.together_card, name="together_card"),
    path("tillsammans/<slug:code>/kod/", together_views.together_code, name="together_code"),
    path("tillsammans/<slug:code>/narvaro/", together_views.together_people, name="together_people"),
    path("tillsammans/<slug:code>/avsluta/", together_views.together_end, name="together_end"),
    path("med/", together_views.attend_code, name="attend_code"),
    path("med/<slug:code>/", together_views.attend, name="attend"),
]
