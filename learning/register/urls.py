from django.urls import path

from . import views

app_name = "register"
urlpatterns = [
    path("", views.imports, name="imports"),
    path("<int:pk>/", views.show_import, name="import"),
    path("<int:pk>/kolumner/", views.columns, name="columns"),
    path("<int:pk>/oppna-enheter/", views.open_units, name="open_units"),
    path("<int:pk>/bekrafta/", views.confirm, name="confirm"),
    path("<int:pk>/lagg-bort/", views.discard, name="discard"),
    path("<int:pk>/angra/", views.undo, name="undo"),
    path("<int:pk>/avvisade/", views.refused, name="refused"),
]
