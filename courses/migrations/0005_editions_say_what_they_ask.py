import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


def name_courses(apps, schema_editor):
    """Give each edition the key of its course; one whose page is gone gets a key that nothing else has."""
    Edition = apps.get_model("courses", "Edition")
    for edition in Edition.objects.filter(course_key=None).select_related("course"):
        key = edition.course.translation_key if edition.course else uuid.uuid4()
        Edition.objects.filter(pk=edition.pk).update(course_key=key)


class Migration(migrations.Migration):

    dependencies = [
        ("courses", "0004_editors_read_each_other"),
        ("wagtailcore", "0001_squashed_0016_change_page_url_path_to_text_field"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="edition", name="an_edition_has_one_number"),
        migrations.AlterField(
            model_name="edition",
            name="course",
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="courses.coursepage"),
        ),
        migrations.AlterField(
            model_name="edition",
            name="note",
            field=models.CharField(blank=True, max_length=300, verbose_name="what is new"),
        ),
        migrations.AddField(
            model_name="edition",
            name="course_key",
            field=models.UUIDField(null=True, verbose_name="course key"),
        ),
        migrations.RunPython(name_courses, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="edition",
            name="course_key",
            field=models.UUIDField(verbose_name="course key"),
        ),
        migrations.AddField(
            model_name="edition",
            name="kind",
            field=models.CharField(choices=[("first", "The first edition"), ("delta", "Some lessons are to be taken"), ("retake", "The course is to be taken again")], default="first", max_length=20, verbose_name="what it asks"),
        ),
        migrations.AddField(
            model_name="edition",
            name="lesson_keys",
            field=models.JSONField(default=list, verbose_name="lessons to take"),
        ),
        migrations.AddField(
            model_name="edition",
            name="opens_on",
            field=models.DateField(help_text="Empty: there from the beginning.", null=True, verbose_name="opens"),
        ),
        migrations.AddField(
            model_name="edition",
            name="grace_until",
            field=models.DateField(help_text="The last day. Empty: as long as they are valid.", null=True, verbose_name="earlier editions count through"),
        ),
        migrations.AddField(
            model_name="edition",
            name="opened_by",
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name="edition",
            constraint=models.UniqueConstraint(fields=("course_key", "number"), name="an_edition_has_one_number"),
        ),
        migrations.AddConstraint(
            model_name="edition",
            constraint=models.CheckConstraint(
                condition=models.Q(("grace_until__isnull", True), ("kind", "first"), ("number", 1), ("opens_on__isnull", True))
                | models.Q(("grace_until__isnull", True), ("kind", "delta"), ("number__gt", 1), ("opens_on__isnull", False))
                | models.Q(("grace_until__gte", models.F("opens_on")), ("kind", "retake"), ("number__gt", 1)),
                name="an_edition_says_what_it_asks",
            ),
        ),
    ]
