import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """The releases and whether they are shown, which were kept by the public pages; their tables have moved already."""

    initial = True

    dependencies = [
        ("home", "0004_what_is_told_moves"),
        ("organisation", "0009_a_municipality_may_have_no_group"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name='PublicFigures',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('opened_at', models.DateTimeField(null=True, verbose_name='opened')),
                        ('municipality', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='public_figures', to='organisation.municipality')),
                        ('opened_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                    ],
                    options={
                        'verbose_name': 'public figures',
                        'verbose_name_plural': 'public figures',
                    },
                ),
                migrations.CreateModel(
                    name='Release',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('on', models.DateField(verbose_name='as of')),
                        ('published_at', models.DateTimeField(verbose_name='published')),
                        ('body', models.JSONField(verbose_name='content')),
                        ('sha256', models.CharField(max_length=64)),
                        ('municipality', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='releases', to='organisation.municipality')),
                    ],
                    options={
                        'verbose_name': 'release of figures',
                        'verbose_name_plural': 'releases of figures',
                        'constraints': [models.UniqueConstraint(fields=('municipality', 'on'), name='one_release_a_day')],
                    },
                ),
            ]
        )
    ]
