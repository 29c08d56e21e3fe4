import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('prompts', '0015_leaving'),
    ]

    operations = [
        migrations.AlterField(
            model_name='campaign',
            name='preset',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='prompts.preset'),
        ),
    ]
