import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    # Apart from the first: Wagtail's own migrations need Person before there are sites.

    dependencies = [
        ("organisation", "0001_people_and_units"),
        ("wagtailcore", "0098_apitoken"),
    ]

    operations = [
        migrations.AddField(
            model_name="municipality",
            name="site",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, to="wagtailcore.site", verbose_name="site"
            ),
        ),
    ]
