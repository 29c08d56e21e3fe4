import django.db.models.deletion
from django.db import migrations, models


def take_over_from_shoots(apps, schema_editor):
    Prompt, Shoot = (apps.get_model('prompts', name) for name in ('Prompt', 'Shoot'))
    packs = Shoot.objects.filter(pk=models.OuterRef('shoot_id')).values('pack_id')
    rows = Prompt.objects.filter(shoot__in=Shoot.objects.exclude(pack=None).values('pk'))
    rows.update(base_pack_id=models.Subquery(packs))


class Migration(migrations.Migration):

    dependencies = [
        ('prompts', '0016_campaigns_outlive_looks'),
    ]

    operations = [
        migrations.AddField(
            model_name='prompt',
            name='base_pack',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='prompts.pack'),
        ),
        migrations.RunPython(take_over_from_shoots, migrations.RunPython.noop),
    ]
