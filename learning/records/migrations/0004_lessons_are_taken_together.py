import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("courses", "0005_editions_say_what_they_ask"),
        ("organisation", "0007_fewer_indexes"),
        ("records", "0003_lessons_are_asked_for_anew"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="lessonprogress",
            name="evidence_level",
            field=models.CharField(choices=[("checked", "Knowledge check passed"), ("taken", "Lessons taken card by card"), ("group", "Taken in a group, attested by the person"), ("attested", "Attested by another person"), ("reported", "Reported by the person"), ("supplemented", "Completed earlier, and has taken the new lessons")], default="taken", max_length=20, verbose_name="evidence level"),
        ),
        migrations.AlterField(
            model_name="completion",
            name="evidence_level",
            field=models.CharField(choices=[("checked", "Knowledge check passed"), ("taken", "Lessons taken card by card"), ("group", "Taken in a group, attested by the person"), ("attested", "Attested by another person"), ("reported", "Reported by the person"), ("supplemented", "Completed earlier, and has taken the new lessons")], default="checked", max_length=20, verbose_name="evidence level"),
        ),
        migrations.CreateModel(
            name="GroupSession",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=10, unique=True, verbose_name="code")),
                ("started_at", models.DateTimeField(verbose_name="started")),
                ("ends_at", models.DateTimeField(verbose_name="the code counts until")),
                ("leader", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL, verbose_name="led by")),
                ("lesson", models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="group_sessions", to="courses.lessonpage")),
                ("unit", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organisation.orgunit", verbose_name="unit")),
            ],
            options={
                "verbose_name": "lesson in a group",
                "verbose_name_plural": "lessons in a group",
            },
        ),
        migrations.CreateModel(
            name="Attendance",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("how", models.CharField(choices=[("own", "by the person, on a device of their own"), ("shared", "by the person, on a shared device"), ("leader", "by whoever led the lesson")], max_length=10, verbose_name="attested")),
                ("attested_at", models.DateTimeField(verbose_name="when")),
                ("person", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="attendances", to=settings.AUTH_USER_MODEL)),
                ("session", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="attendances", to="records.groupsession")),
            ],
            options={
                "verbose_name": "attendance",
                "verbose_name_plural": "attendances",
            },
        ),
        migrations.AddIndex(
            model_name="groupsession",
            index=models.Index(fields=["unit", "-started_at"], name="group_session_by_unit"),
        ),
        migrations.AddConstraint(
            model_name="groupsession",
            constraint=models.CheckConstraint(condition=models.Q(("ends_at__gte", models.F("started_at"))), name="a_group_session_ends_after_it_starts"),
        ),
        migrations.AddConstraint(
            model_name="attendance",
            constraint=models.UniqueConstraint(fields=("session", "person"), name="one_attendance_per_person_and_session"),
        ),
    ]
