from django.urls import path

from . import appointments, views

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
]
