from django.urls import path

from . import access_log, appointments, disposal, people, person, units, views

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
    path("personer/", people.people, name="people"),
    path("personer/lista.csv", people.people_csv, name="people_csv"),
    path("personer/ny/", people.new_person, name="new_person"),
    path("personer/<uuid:uuid>/", person.show_person, name="person"),
    path("personer/<uuid:uuid>/uppgifter/", person.update_person, name="update_person"),
    path("personer/<uuid:uuid>/anstallning/", person.employ, name="employ"),
    path("personer/<uuid:uuid>/franvaro/", person.grant_leave, name="grant_leave"),
    path("anstallningar/<int:pk>/flytta/", person.move_employment, name="move_employment"),
    path("anstallningar/<int:pk>/avsluta/", person.end_employment, name="end_employment"),
    path("anstallningar/<int:pk>/ratta/", person.correct_employment, name="correct_employment"),
    path("anstallningar/<int:pk>/ta-bort/", person.withdraw_employment, name="withdraw_employment"),
    path("franvaro/<int:pk>/avsluta/", person.end_leave, name="end_leave"),
    path("franvaro/<int:pk>/ratta/", person.correct_leave, name="correct_leave"),
    path("franvaro/<int:pk>/ta-bort/", person.withdraw_leave, name="withdraw_leave"),
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
