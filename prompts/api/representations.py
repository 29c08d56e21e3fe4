"""Tunes, prompts and images as the gateway answers with them, and as deliveries carry them.

`base_url` is the address of the gateway, such as https://portal.example.com/api. Rows should come
through `tunes_for_answers` and `prompts_for_answers`, which bring along what is shown of them.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils import timezone

from prompts.engines.base import Support
from prompts.engines.errors import EngineError
from prompts.engines.registry import get_engine
from prompts.models import Image, Like, Prompt, PromptStatus, Tune, User
from prompts.parameters import BY_NAME, PARAMETERS, Kind

from .files import file_path
from .times import timestamp

JSON = dict[str, Any]

#: What stands in a prompt's answer under another name, or is no value of its JSON.
_APART = frozenset(
    {"text", "num_images", "seed", "input_image", "mask_image", "input_image_url",
     "mask_image_url", "lora_scale", "prompt_expansion"}
)  # fmt: skip
_PLAIN = tuple(parameter for parameter in PARAMETERS if parameter.name not in _APART)


def tunes_for_answers(rows: QuerySet[Tune]) -> QuerySet[Tune]:
    """With what an answer shows of each, in a constant number of queries."""
    return rows.select_related("team").prefetch_related("photos")


#: What an answer tells of an image.
_IMAGE_COLUMNS = (
    "public_id", "prompt_id", "index", "file", "content_type", "width", "height", "seed",
    "trashed_at",
)  # fmt: skip


def prompts_for_answers(rows: QuerySet[Prompt]) -> QuerySet[Prompt]:
    """With their images; who likes them is for `with_likes` to tell."""
    images = Image.objects.present().order_by("index").only(*_IMAGE_COLUMNS)
    return rows.prefetch_related(Prefetch("images", images))


def with_likes(prompts: list[Prompt], user: User) -> list[Prompt]:
    """Tells each prompt and its images whether `user` likes them, and by how many it is liked.

    A prompt is liked by who likes it as a whole, or any of its present images.
    """
    fans: dict[int, set[int]] = defaultdict(set)
    liked: set[int | None] = set()
    present = {image.pk for prompt in prompts for image in present_images(prompt)}
    likes = Like.objects.filter(prompt__in=[prompt.pk for prompt in prompts])
    for prompt_id, image_id, user_id in likes.values_list("prompt_id", "image_id", "user_id"):
        if image_id is not None and image_id not in present:
            continue
        fans[prompt_id].add(user_id)
        if user_id == user.pk:
            liked.add(image_id)
    prompt: Any
    image: Any
    for prompt in prompts:
        prompt.likes_count = len(fans[prompt.pk])
        prompt.is_liked = user.pk in fans[prompt.pk]
        for image in present_images(prompt):
            image.is_liked = image.pk in liked
    return prompts


def present_images(prompt: Prompt) -> list[Image]:
    """Its images but for those in the trash."""
    return [image for image in prompt.images.all() if image.trashed_at is None]


def tune(row: Tune, base_url: str, *, shows_addresses: bool) -> JSON:
    """A tune; addresses of its photos and its callback are for those who may change it."""
    given = row.parameters
    return {
        "id": row.pk,
        "title": row.title,
        "name": row.name,
        "token": row.token,
        "base_tune_id": given.get("base_tune_id"),
        "args": None,
        "steps": given.get("steps"),
        "face_crop": given.get("face_crop"),
        "training_face_correct": given.get("training_face_correct"),
        "auto_extend": given.get("auto_extend", False),
        "preset": given.get("preset"),
        "ckpt_url": None,
        "ckpt_urls": [],
        "eta": timestamp(_eta(row)),
        "started_training_at": timestamp(row.started_at),
        "trained_at": timestamp(row.trained_at),
        "expires_at": timestamp(row.expires_at),
        "created_at": timestamp(row.created_at),
        "updated_at": timestamp(_updated_at(row)),
        "branch": row.branch or None,
        "model_type": given.get("model_type"),
        "callback": (row.callback if shows_addresses else "") or None,
        "characteristics": row.characteristics,
        "workspace_id": row.team_id,
        "url": f"{base_url}/tunes/{row.pk}.json",
        "orig_images": [
            _absolute(base_url, file_path("photo", photo.public_id, "jpg"))
            for photo in (row.photos.all() if shows_addresses else ())
        ],
        "status": row.status,
        "user_error": row.error if row.is_failed else None,
    }


def _updated_at(row: Prompt | Tune) -> dt.datetime:
    """Workers write when a job began and ended, and leave `updated_at` to what people change."""
    return max(filter(None, (row.updated_at, row.started_at, row.finished_at)))


def _eta(row: Tune) -> dt.datetime | None:
    """When training will have ended, as far as its progress tells."""
    if row.status != Tune.RUNNING or not row.started_at or row.progress < 0.05:
        return None
    return row.started_at + (timezone.now() - row.started_at) / row.progress


def prompt(row: Prompt, base_url: str, *, expand_images: bool = False) -> JSON:
    """A prompt; `expand_images` gives objects in the place of addresses."""
    # Clients take images for the end and look no further.
    images = [] if row.is_open else present_images(row)
    is_done = row.status == PromptStatus.COMPLETED
    seed = row.parameters.get("seed")
    return {
        "id": row.pk,
        "tune_id": row.tune_id,
        "text": row.text,
        "num_images": row.num_images,
        "seed": row.base_seed if seed is None and is_done else seed,
        **{parameter.name: _value(row, parameter.name) for parameter in _PLAIN},
        "input_image": _input(row, "input", "jpg", row.input_image, base_url),
        "mask_image": _input(row, "mask", "png", row.mask_image, base_url),
        "pack_id": row.template_of_id,
        "base_pack_id": row.base_pack_id,
        "orig_prompt_id": row.orig_prompt_id,
        "order_id": row.shoot_id,
        "workspace_id": row.team_id,
        "liked": getattr(row, "is_liked", False),
        "prompt_likes_count": getattr(row, "likes_count", 0),
        "cost_mc": 0,
        "started_training_at": timestamp(row.started_at),
        "trained_at": timestamp(row.finished_at) if is_done else None,
        "created_at": timestamp(row.created_at),
        "updated_at": timestamp(_updated_at(row)),
        "url": f"{base_url}/tunes/{row.tune_id}/prompts/{row.pk}.json",
        "status": row.status,
        "user_error": _user_error(row, images),
        "ignored": ignored(row),
        "images": [
            image_object(image, base_url) if expand_images else image_url(image, base_url)
            for image in images
        ],
    }


def _user_error(row: Prompt, images: Sequence[Image]) -> str | None:
    """Why there are no images; without either, clients would ask for ever."""
    if row.is_failed:
        return row.error
    return "It was cancelled." if row.is_cancelled and not images else None


def _value(row: Prompt, name: str) -> Any:
    """A parameter as given; absent booleans are false, everything else null."""
    value = row.parameters.get(name)
    if name == "backend_version":
        return int(value) if value else None
    if value is None and BY_NAME[name].kind == Kind.BOOLEAN:
        return False
    return value


def _input(row: Prompt, kind: str, suffix: str, name: str, base_url: str) -> str | None:
    return _absolute(base_url, file_path(kind, row.public_id, suffix)) if name else None


def ignored(row: Prompt) -> dict[str, str]:
    """Which of the given parameters the engine does nothing with, and why: nothing is silently
    dropped."""
    try:
        capabilities = get_engine(row.engine).capabilities
    except EngineError:
        return {}
    given = [name for name in row.parameters if name in capabilities]
    given += [name for name in ("input_image", "mask_image") if getattr(row, name)]
    return {
        name: capabilities[name].note or "This engine has no such setting."
        for name in given
        if capabilities[name].support == Support.IGNORED
    }


def image_url(row: Image, base_url: str) -> str:
    """An address that works without a key, for a while."""
    suffix = row.file.rsplit(".", 1)[-1]
    return _absolute(base_url, file_path("image", row.public_id, suffix))


def image_object(row: Image, base_url: str) -> JSON:
    """What `?expand[]=images` answers with."""
    return {
        "id": row.pk,
        "url": image_url(row, base_url),
        "w": row.width,
        "h": row.height,
        "content_type": row.content_type,
        "seed": row.seed,
        "liked": getattr(row, "is_liked", False),
    }


def _absolute(base_url: str, path: str) -> str:
    """`path` begins with the gateway's own, as `base_url` ends with it."""
    return f"{base_url.removesuffix('/api')}{path}"
