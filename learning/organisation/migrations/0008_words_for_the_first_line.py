from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("organisation", "0007_fewer_indexes")]

    operations = [
        migrations.AddField(
            model_name="municipality",
            name="first_line_words",
            field=models.JSONField(
                blank=True,
                default=list,
                help_text="Empty means the usual ones.",
                verbose_name="words for roles in the first line",
            ),
        ),
    ]
