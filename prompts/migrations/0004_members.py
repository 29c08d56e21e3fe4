from django.db import migrations, models

import prompts.models.base


def give_ids(apps, schema_editor):
    membership = apps.get_model("prompts", "Membership")
    for pk in membership.objects.values_list("pk", flat=True):
        membership.objects.filter(pk=pk).update(public_id=prompts.models.base.new_public_id())


class Migration(migrations.Migration):
    dependencies = [("prompts", "0003_mails")]

    operations = [
        # Unique only once each row has one of its own.
        migrations.AddField(
            "membership",
            "public_id",
            models.CharField(editable=False, max_length=16, null=True),
        ),
        migrations.RunPython(give_ids, migrations.RunPython.noop),
        migrations.AlterField(
            "membership",
            "public_id",
            models.CharField(
                default=prompts.models.base.new_public_id,
                editable=False,
                max_length=16,
                unique=True,
            ),
        ),
    ]
