from django.urls import path

from . import access_log, appointments, disposal, units, views

app_name = "register"
urlpatterns = [
    path("hr-filer/", views.imports, name="imports"),
    path("hr-filer/<int:pk>/", views.show_import, name="import"),
    path("hr-filer/<int:pk>/kolumner/", views.columns, name="columns"),
    path("hr-filer/<int:pk>/oppna-enheter/", views.open_units, name="open_units"),
    path("hr-filer/<int:pk>/bekrafta/", views.confirm, name="confirm"),
    path("hr-filer/<int:pk>/lagg-bort/", views.discard, name="discard"),
    path("hr-filer/<int:pk>/angra/", views.undo, name="undo"),
    path("hr-filer/<int:pk>/avvisade/", views.refused, name="refused"),
    path("uppdrag/", appointments.appointments, name="appointments"),
    path("uppdrag/<int:pk>/avsluta/", appointments.end_appointment, name="end_appointment"),
    path("organisation/", units.organisation, name="organisation"),
    path("organisation/andringar/", units.reorganisations, name="reorganisations"),
    path("organisation/andringar/<int:pk>/angra/", units.undo_reorganisation, name="undo_reorganisation"),
    path("organisation/<int:pk>/", units.unit, name="unit"),
    path("organisation/<int:pk>/ratta/", units.correct_unit, name="correct_unit"),
    path("organisation/<int:pk>/<slug:act>/", units.reorganise, name="reorganise"),
    path("atkomstlogg/", access_log.access_log, name="access_log"),
    path("gallring/", disposal.disposal, name="disposal"),
]
