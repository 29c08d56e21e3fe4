"""Our orders in Astria's words."""

from __future__ import annotations

import io
from collections.abc import Collection, Sequence
from typing import Any

from PIL import Image

from ..base import SourcePhoto
from ..handoff import Account, PromptOrder, TuneOrder
from .encoding import Upload
from .references import to_remote

#: Training parameters that are handed on; others are none of Astria's.
TRAINING_PARAMETERS = (
    "steps", "face_crop", "training_face_correct", "base_tune_id", "model_type", "auto_extend",
    "preset",
)  # fmt: skip
#: What is trained where an order names neither a base nor a branch: a LoRA on Flux, the
#: usual choice for people.
DEFAULT_BRANCH, DEFAULT_MODEL_TYPE = "flux1", "lora"
#: Parameters of ours that Astria must not see: the callback there is our own.
_NOT_SENT = frozenset({"callback", "lora_scale", "input_image_url", "mask_image_url"})

#: Astria advises photos of about 3 MB; larger ones are sent smaller. Sides in px.
PHOTO_BYTES = 3 * 2**20
PHOTO_SIDES = (3072, 2048, 1536)
_QUALITY = 90


def tune_fields(order: TuneOrder) -> dict[str, Any]:
    """The tune's attributes but its photos."""
    fields: dict[str, Any] = {
        "title": order.title,
        "name": order.class_name,
        "token": order.token,
        "callback": order.callback,
        "branch": order.branch or None,
        "characteristics": dict(order.characteristics) or None,
    }
    given = ((name, order.parameters.get(name)) for name in TRAINING_PARAMETERS)
    fields |= {name: value for name, value in given if value not in (None, "")}
    if not order.branch and "base_tune_id" not in fields:
        fields["branch"] = DEFAULT_BRANCH
        fields.setdefault("model_type", DEFAULT_MODEL_TYPE)
    return {name: value for name, value in fields.items() if value is not None}


def prompt_fields(
    account: Account, order: PromptOrder, public: Collection[int] = ()
) -> dict[str, Any]:
    """The prompt's attributes, pictures included; `public` are the ids of Astria's gallery.

    Raises UnsupportedRequest for references to tunes that Astria does not know.
    """
    given = {n: v for n, v in order.parameters.items() if n not in _NOT_SENT}
    fields: dict[str, Any] = {
        **account.defaults,
        **given,
        "text": to_remote(order.text, order.tunes, public),
        "num_images": order.num_images,
        "seed": order.seed,
        "callback": order.callback,
    }
    if order.input_image is not None:
        fields["input_image"] = Upload("input.jpg", order.input_image)
    if order.mask_image is not None:
        fields["mask_image"] = Upload("mask.png", order.mask_image, "image/png")
    return {name: value for name, value in fields.items() if value not in (None, "")}


def photo_uploads(photos: Sequence[SourcePhoto]) -> list[Upload]:
    """The photos under names that tell nothing of whom they show, each once."""
    return [
        Upload(f"photo-{number:02d}-{photo.id}.jpg", fit(photo.read()))
        for number, photo in enumerate(photos, 1)
    ]


def fit(data: bytes) -> bytes:
    """The clean JPEG itself, or a smaller one of at most `PHOTO_BYTES` where that can be had.

    The same bytes give the same bytes, so that a repeated request stays the same.
    """
    for side in PHOTO_SIDES:
        if len(data) <= PHOTO_BYTES:
            break
        with Image.open(io.BytesIO(data), formats=["JPEG"]) as picture:
            picture.thumbnail((side, side), Image.Resampling.LANCZOS)
            buffer = io.BytesIO()
            picture.save(buffer, "JPEG", quality=_QUALITY)
        data = buffer.getvalue()
    return data
