"""Leaves traces of somebody everywhere, and finds them again in every byte the portal keeps."""

from __future__ import annotations

import secrets
import subprocess
from pathlib import Path

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse

from prompts import spool
from prompts.audit import record
from prompts.flows.albums import add_images, create_album
from prompts.flows.packs import add_to_pack
from prompts.flows.shares import pick_image, sign_picks
from prompts.jobs.worker import Worker
from prompts.mails import queue_mail
from prompts.models import (
    Handover,
    Image,
    Mail,
    Pack,
    Prompt,
    PromptStatus,
    Tune,
    TuneStatus,
    User,
)
from prompts.models.handovers import digest_of
from tests import factories
from tests.factories import ApiClient


def everything_kept(folders: list[Path]) -> dict[str, bytes]:
    """Every byte the portal keeps: files, and the database with its log, or all its rows."""
    kept = {str(f): f.read_bytes() for folder in folders for f in folder.rglob("*") if f.is_file()}
    if connection.vendor == "sqlite":
        name = connection.settings_dict["NAME"]
        paths = [Path(f"{name}{suffix}") for suffix in ("", "-wal", "-shm", "-journal")]
        return kept | {str(path): read_apart(path) for path in paths if path.exists()}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT t::text FROM "{table}" t')  # noqa: S608 - our own tables
            kept[table] = "\n".join(row[0] for row in cursor.fetchall()).encode()
    return kept


def read_apart(path: Path) -> bytes:
    """Reads it in another process: closing a database's file in this one would drop the locks that
    SQLite holds on it here (sqlite.org/howtocorrupt.html, 2.2), and the next process to close the
    database would then delete the log under our connection.
    """
    return subprocess.run(["cat", str(path)], check=True, capture_output=True).stdout


def where(marker: str, folders: list[Path]) -> list[str]:
    """Where it stands; file names count too."""
    raw = marker.lower().encode()
    kept = everything_kept(folders)
    return [name for name, data in kept.items() if raw in data.lower() or marker in name]


def image_of(tune: Tune, **fields: object) -> Image:
    prompt = factories.create_prompt(tune=tune, status=PromptStatus.COMPLETED)
    return factories.create_image(prompt=prompt, **fields)


def leave_traces(marker: str, alice: User, client: Client) -> Tune:
    """A person who has left the marker wherever the portal keeps something."""
    team = alice.teams.get()
    title = f"Jane {marker}"
    key, plain = factories.create_api_key(user=alice)
    program = ApiClient(plain)
    # A person who comes by page, with the marker in file names and in the photos' own metadata.
    values = {"title": title, "name": "woman", "token": "ohwx", "visibility": "team"}
    answer = client.post(
        reverse("tune_new"),
        values | {"consent": "on", "consent_relation": "self"},
        headers={"X-Draft": "1"},
    )
    assert answer.status_code == 201, answer.content
    tune = Tune.objects.get(title=title)
    for number in range(2):
        data = factories.jpeg_bytes(color=f"#88{number}533") + marker.encode()
        upload = SimpleUploadedFile(f"{marker}-{number}.jpg", data, "image/jpeg")
        client.post(reverse("photo_upload", args=[tune.public_id]), {"photo": upload})
    assert tune.photos.count() == 2
    Tune.objects.filter(pk=tune.pk).update(
        status=TuneStatus.TRAINED, error=marker, training_data={"note": marker}
    )
    for folder in ("cache", "samples", "photos"):
        default_storage.save(
            f"{tune.prefix}/{folder}/{secrets.token_hex(4)}", ContentFile(marker.encode())
        )
    tune.refresh_from_db()
    # Prompts by page and by program; the answer is kept for a repeated call.
    text = f"ohwx woman, {marker}"
    client.post(reverse("prompt_list", args=[tune.public_id]), {"text": text, "num_images": 1})
    asked = {"prompt": {"text": text, "callback": f"https://example.com/{marker}"}}
    answer = program.post(
        f"/api/tunes/{tune.pk}/prompts",
        asked,
        "application/json",
        headers={"Idempotency-Key": f"call-{marker}"},
    )
    assert answer.status_code == 201, answer.content
    prompt = Prompt.objects.filter(tune=tune).first()
    assert prompt is not None
    Prompt.objects.filter(tune=tune).update(status=PromptStatus.COMPLETED, error=marker)
    image = factories.create_image(prompt=prompt, recipe={"text": text})
    default_storage.save(image.web_copy, ContentFile(f"web copy {marker}".encode()))
    # Links, hearts, albums, templates, callbacks, mails.
    share = factories.create_share(author=alice, images=[image], title=title, note=marker)
    pick_image(share, image, "guest")
    sign_picks(share, "guest", marker, {image.public_id: f"I like {marker}"})
    other = image_of(factories.create_tune(team=team, owner=alice))
    factories.create_share(author=alice, images=[image, other], title=f"{title} and Ada")
    place = alice.memberships.select_related("team", "user").get()
    add_images(create_album(place, {"title": f"With {title}"}), [image, other], alice)
    pack = Pack.objects.create(team=team, slug="ours", title="Ours")
    add_to_pack(pack, [prompt])
    team.deliveries.create(
        api_key=key, event="prompt", url=f"https://example.com/{marker}", prompt=prompt,
        response_excerpt=marker, status="failed",
    )  # fmt: skip
    token = f"token-{marker}"
    handover = Handover.of(prompt, f"https://portal.test/{marker}")
    handover.note(error=marker)
    Handover.objects.filter(pk=handover.pk).update(token_sha256=digest_of(token))
    spool.keep({"kind": "prompt", "token": token, "id": 1})
    queue_mail(to="owner@example.com", template="test", context={})
    Worker().run_next()  # sends it, so that the folder of mails exists
    Mail.objects.update(subject=f"About {title}")
    folder = mail_folder()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "20260101-1.log").write_text(f"To: a@example.com\n\nPictures of {title} are done.")
    (folder / "20260101-2.log").write_text("To: b@example.com\n\nNothing to do with it.")
    record(team, "share_created", actor=alice, target=share)
    client.post(reverse("image_final", args=[image.public_id]))
    client.post(reverse("images_trash"), {"images": image.public_id})
    return tune


def mail_folder() -> Path:
    """Where mails of this test are written."""
    return Path(settings.EMAIL_FILE_PATH)
