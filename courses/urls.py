from django.urls import re_path

from . import views

app_name = "courses"
urlpatterns = [
    # Where the storage says that the files are.
    re_path(
        r"^media/inspelningar/(?P<name>[0-9a-f-]{36}\.[a-z0-9]{3,4})$", views.recording_file, name="recording_file"
    ),
]
