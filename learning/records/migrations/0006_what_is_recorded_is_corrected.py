import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


def name_courses(apps, schema_editor):
    """Let each exemption say which course it is from, also when the page is gone."""
    courses = apps.get_model("courses", "CoursePage").objects.order_by("-pk")
    titles = dict(courses.values_list("translation_key", "title"))
    for exemption in apps.get_model("records", "Exemption").objects.all():
        exemption.course_title = titles.get(exemption.course_key, "–")
        exemption.save(update_fields=["course_title"])


class Migration(migrations.Migration):

    dependencies = [
        ('courses', '0010_training_elsewhere'),
        ('organisation', '0007_fewer_indexes'),
        ('quizzes', '0009_question_files'),
        ('records', '0005_practice'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Evidence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('kind', models.CharField(choices=[('study_visit', 'Study visit'), ('conference', 'Conference'), ('course', 'Earlier course'), ('other', 'Other training')], max_length=20, verbose_name='kind')),
                ('what', models.CharField(max_length=200, verbose_name='what')),
                ('organiser', models.CharField(max_length=200, verbose_name='organiser')),
                ('first_day', models.DateField(verbose_name='first day')),
                ('last_day', models.DateField(verbose_name='last day')),
                ('hours', models.DecimalField(blank=True, decimal_places=1, max_digits=5, null=True, verbose_name='hours')),
                ('words', models.TextField(blank=True, max_length=1000, verbose_name='in words')),
                ('file', models.FileField(blank=True, upload_to='evidence', verbose_name='proof')),
                ('reported_at', models.DateTimeField(verbose_name='reported')),
            ],
            options={
                'verbose_name': 'training elsewhere',
                'verbose_name_plural': 'training elsewhere',
                'ordering': ['-last_day', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='EvidenceStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField(verbose_name='number')),
                ('decision', models.CharField(choices=[('accepted', 'Counts for the course'), ('development', 'Kept as development, and counts for no course'), ('declined', 'Declined')], max_length=20, verbose_name='decision')),
                ('reason', models.CharField(blank=True, max_length=300, verbose_name='reason')),
                ('decided_at', models.DateTimeField(verbose_name='decided')),
            ],
            options={
                'verbose_name': 'decision on training elsewhere',
                'verbose_name_plural': 'decisions on training elsewhere',
                'ordering': ['number'],
            },
        ),
        migrations.CreateModel(
            name='Withdrawal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('withdrawn_on', models.DateField(verbose_name='taken back on')),
                ('reason', models.CharField(max_length=300, verbose_name='reason')),
                ('recorded_at', models.DateTimeField(auto_now_add=True, verbose_name='recorded')),
            ],
            options={
                'verbose_name': 'withdrawal of a completion',
                'verbose_name_plural': 'withdrawals of completions',
            },
        ),
        migrations.RemoveConstraint(
            model_name='completion',
            name='one_completion_per_person_edition_day_and_evidence',
        ),
        migrations.AddField(
            model_name='completion',
            name='time',
            field=models.PositiveSmallIntegerField(default=1, verbose_name='recorded for the time'),
        ),
        migrations.AddField(
            model_name='exemption',
            name='course_title',
            field=models.CharField(default='', max_length=255, verbose_name='course'),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='exemption',
            name='ended_at',
            field=models.DateTimeField(null=True, verbose_name='ended early'),
        ),
        migrations.AddField(
            model_name='exemption',
            name='ended_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='completion',
            name='attempt',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='completions', to='quizzes.attempt'),
        ),
        migrations.RenameField(model_name='exemption', old_name='reason', new_name='words'),
        migrations.AlterField(
            model_name='exemption',
            name='words',
            field=models.CharField(blank=True, max_length=300, verbose_name='in words'),
        ),
        migrations.AddField(
            model_name='exemption',
            name='reason',
            field=models.CharField(choices=[('knows', 'Has the knowledge from elsewhere'), ('leaves', 'Ends the employment soon'), ('elsewhere', 'Works elsewhere for a time'), ('not_concerned', 'The course does not concern the work'), ('other', 'Another reason')], default='other', max_length=20, verbose_name='reason'),
        ),
        migrations.AddConstraint(
            model_name='completion',
            constraint=models.UniqueConstraint(fields=('person', 'course_key', 'edition', 'completed_on', 'evidence_level', 'time'), name='one_completion_per_person_edition_day_and_evidence'),
        ),
        migrations.AddConstraint(
            model_name='completion',
            constraint=models.UniqueConstraint(fields=('attempt', 'time'), name='an_attempt_completes_once_a_time'),
        ),
        migrations.AddField(
            model_name='evidence',
            name='person',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='evidence', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='evidence',
            name='reported_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='reported by'),
        ),
        migrations.AddField(
            model_name='evidencestep',
            name='completion',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='records.completion', verbose_name='completion'),
        ),
        migrations.AddField(
            model_name='evidencestep',
            name='decided_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='decided by'),
        ),
        migrations.AddField(
            model_name='evidencestep',
            name='evidence',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='records.evidence'),
        ),
        migrations.AddField(
            model_name='withdrawal',
            name='completion',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='withdrawal', to='records.completion'),
        ),
        migrations.AddField(
            model_name='withdrawal',
            name='withdrawn_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by'),
        ),
        migrations.AddConstraint(
            model_name='evidence',
            constraint=models.CheckConstraint(condition=models.Q(('last_day__gte', models.F('first_day'))), name='evidence_ends_after_it_starts'),
        ),
        migrations.AddConstraint(
            model_name='evidencestep',
            constraint=models.UniqueConstraint(fields=('evidence', 'number'), name='evidence_is_decided_step_by_step'),
        ),
        migrations.AddConstraint(
            model_name='evidencestep',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('completion__isnull', False), ('decision', 'accepted')), models.Q(models.Q(('decision', 'accepted'), _negated=True), ('completion__isnull', True)), _connector='OR'), name='only_accepted_evidence_completes'),
        ),
        migrations.RunPython(name_courses, migrations.RunPython.noop),
    ]
