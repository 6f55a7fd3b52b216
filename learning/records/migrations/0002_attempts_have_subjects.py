from django.db import migrations
from django.db.models import OuterRef, Subquery


def name_subjects(apps, schema_editor):
    """Give each attempt the course that it completed, or else the one whose check it is."""
    Attempt = apps.get_model("quizzes", "Attempt")
    Completion = apps.get_model("records", "Completion")
    CoursePage = apps.get_model("courses", "CoursePage")
    completed = Completion.objects.filter(attempt=OuterRef("pk")).values("course_key")[:1]
    checked = CoursePage.objects.filter(check_ref=OuterRef("check_ref")).order_by("pk").values("translation_key")[:1]
    for key in (completed, checked):
        Attempt.objects.filter(subject_key=None).update(subject_key=Subquery(key))


class Migration(migrations.Migration):

    dependencies = [
        ("records", "0001_initial"),
        ("courses", "0002_steward_by_name"),
        ("quizzes", "0002_an_attempt_has_a_subject"),
    ]

    operations = [migrations.RunPython(name_subjects, migrations.RunPython.noop)]
