import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('courses', '0009_recalls_may_be_left_open'),
    ]

    operations = [
        migrations.AddField(
            model_name='coursepage',
            name='outside_months',
            field=models.PositiveSmallIntegerField(blank=True, help_text='How old training elsewhere, such as an earlier course, may be when it is accepted for this one. Empty: it does not count for the course.', null=True, validators=[django.core.validators.MinValueValidator(1)], verbose_name='training elsewhere counts for (months)'),
        ),
    ]
