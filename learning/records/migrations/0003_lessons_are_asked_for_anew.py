from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("courses", "0005_editions_say_what_they_ask"),
        ("records", "0002_attempts_have_subjects"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="completion", name="one_completion_per_person_edition_and_day"),
        migrations.RemoveConstraint(model_name="lessonprogress", name="one_progress_per_person_and_lesson"),
        migrations.AddField(
            model_name="lessonprogress",
            name="edition_number",
            field=models.PositiveSmallIntegerField(default=1, verbose_name="asked for by edition"),
        ),
        migrations.AlterField(
            model_name="completion",
            name="evidence_level",
            field=models.CharField(choices=[("checked", "Knowledge check passed"), ("attested", "Attested by another person"), ("reported", "Reported by the person"), ("supplemented", "Completed earlier, and has taken the new lessons")], default="checked", max_length=20, verbose_name="evidence level"),
        ),
        migrations.AddConstraint(
            model_name="completion",
            constraint=models.UniqueConstraint(fields=("person", "course_key", "edition", "completed_on", "evidence_level"), name="one_completion_per_person_edition_day_and_evidence"),
        ),
        migrations.AddConstraint(
            model_name="lessonprogress",
            constraint=models.UniqueConstraint(fields=("person", "lesson_key", "course_key", "edition_number"), name="one_progress_per_person_lesson_and_edition"),
        ),
    ]
