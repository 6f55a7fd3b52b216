from django.db import migrations, models


def keep_names(apps, schema_editor):
    """Write out who the owners are: a name needs no register to choose from."""
    CoursePage = apps.get_model("courses", "CoursePage")
    for course in CoursePage.objects.exclude(course_owner=None).select_related("course_owner"):
        owner = course.course_owner
        course.steward = f"{owner.first_name} {owner.last_name}".strip() or owner.email or ""
        course.save(update_fields=["steward"])


class Migration(migrations.Migration):

    dependencies = [
        ("courses", "0001_initial"),
        ("organisation", "0002_municipality_has_a_site"),
    ]

    operations = [
        migrations.AddField(
            model_name="coursepage",
            name="steward",
            field=models.CharField(blank=True, max_length=200, verbose_name="course owner"),
        ),
        migrations.RunPython(keep_names, migrations.RunPython.noop),
        migrations.RemoveField(model_name="coursepage", name="course_owner"),
    ]
