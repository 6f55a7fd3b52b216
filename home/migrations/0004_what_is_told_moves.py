from django.db import migrations

TABLES = {"PublicFigures": "reporting_publicfigures", "Release": "reporting_release"}


class Migration(migrations.Migration):
    """What has been told belongs to the room of reports; the rows stay as they are."""

    dependencies = [("home", "0003_public_figures")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.AlterModelTable(name, table) for name, table in TABLES.items()],
            state_operations=[migrations.DeleteModel(name) for name in TABLES],
        )
    ]
