"""The embedded engine: real headshots from a person's own photos, on a CPU, offline."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..base import (
    Capability,
    Engine,
    Inspection,
    Picture,
    Progress,
    PromptRequest,
    TrainingRequest,
    TrainingResult,
    seed_of,
)
from ..errors import EngineError, UnsupportedRequest, UnusablePhotos
from . import album, decoding, inspection, recipe, sizes, steering, training
from .album import PhotoRecord
from .capabilities import CAPABILITIES
from .cutout import CutOut
from .finishing import Enlargement, finish, styled, to_eight_bit
from .framing import nearest_shot
from .recipe import Recipe
from .render import render
from .steering import Steering
from .words import Prompt

_PREVIEW_QUALITY = 86


class StudioEngine(Engine):
    """Cuts the person out of their best photo, relights them and puts them before a backdrop."""

    name = "studio"
    label = "Studio"
    version = "1"
    data_path = "on this server"
    capabilities: Mapping[str, Capability] = CAPABILITIES

    def inspect(self, data: bytes) -> Inspection:
        size = decoding.measure(data)
        return inspection.inspect(decoding.decode(data), size)

    def train(self, request: TrainingRequest, progress: Progress) -> TrainingResult:
        return training.train(request, progress)

    def generate(self, request: PromptRequest, progress: Progress) -> Iterator[Picture]:
        job = _Job(request)
        for done, index in enumerate(request.indexes):
            progress(done / len(request.indexes), f"Making image {index + 1}")
            yield job.picture(index)
        progress(1.0, "Done")

    def preview(self, request: PromptRequest, width: int) -> bytes:
        full_width, full_height = sizes.base_size(request.parameters)
        height = max(1, round(width * full_height / full_width))
        job = _Job(request)
        return job.small(request.indexes[0] if request.indexes else 0, width, height)

    def output_size(self, parameters: Mapping[str, Any]) -> tuple[int, int]:
        return sizes.output_size(parameters)

    def expected_seconds(self, parameters: Mapping[str, Any], num_images: int) -> float:
        width, height = sizes.base_size(parameters)
        return num_images * (0.25 + 0.5 * width * height / 1.31e6)


class _Job:
    """One request, read and checked; makes its pictures independently of each other."""

    def __init__(self, request: PromptRequest) -> None:
        self.request = request
        self.recipe = _recipe(request)
        self.records = _records(request)
        self.photos = {photo.id: photo for photo in request.photos}
        self._last: tuple[str, CutOut] | None = None
        self._steering: dict[tuple[int, int], Steering | None] = {}

    def picture(self, index: int) -> Picture:
        width, height = sizes.base_size(self.request.parameters)
        steered = self._steered(width, height)
        seed = seed_of(self.request.seed, index)
        record = self._record(index, steered)
        cutout = self._cut_out(record)
        rendering = render(
            cutout, self.recipe, width, height, seed=seed, index=index, steering=steered
        )
        pixels = finish(
            rendering,
            cutout,
            self.recipe,
            lambda: decoding.decode(self.photos[record.id].read()),
            seed=seed,
            enlargement=_enlargement(self.request.parameters),
            steering=steered,
        )
        return Picture(
            index=index,
            data=decoding.encode(pixels),
            width=pixels.shape[1],
            height=pixels.shape[0],
            seed=seed,
            recipe={
                **self.recipe.as_json(),
                "engine": StudioEngine.name,
                "engine_version": StudioEngine.version,
                "photo": record.id,
                "seed": seed,
                "width": pixels.shape[1],
                "height": pixels.shape[0],
                "light_from": "right" if rendering.light_side > 0 else "left",
                "own_background": rendering.own_background,
                "input_image": steered is not None,
            },
        )

    def small(self, index: int, width: int, height: int) -> bytes:
        """A preview of image `index`, encoded."""
        seed = seed_of(self.request.seed, index)
        steered = self._steered(width, height)
        cutout = self._cut_out(self._record(index, steered))
        rendering = render(
            cutout, self.recipe, width, height, seed=seed, index=index, steering=steered
        )
        pixels = to_eight_bit(styled(rendering, self.recipe, seed, steered), seed)
        return decoding.encode(pixels, _PREVIEW_QUALITY)

    def _steered(self, width: int, height: int) -> Steering | None:
        if (width, height) not in self._steering:
            request = self.request
            self._steering[width, height] = steering.read(
                request.input_image, request.mask_image, request.parameters, width, height
            )
        return self._steering[width, height]

    def _record(self, index: int, steered: Steering | None) -> PhotoRecord:
        """The photo for an image: one that can carry the face as large as it will be."""
        shot = self.recipe.shot
        if steered is not None and steered.face is not None:
            shot = nearest_shot(steered.face[2])
        if self.request.parameters.get("face_swap"):
            return album.sharpest(self.records, shot)
        return album.choose(self.records, shot, self.request.seed, index)

    def _cut_out(self, record: PhotoRecord) -> CutOut:
        if self._last is None or self._last[0] != record.id:
            cutout = training.load(self.photos[record.id], self.request.cache)
            self._last = record.id, cutout
        return self._last[1]


def _recipe(request: PromptRequest) -> Recipe:
    """Reads the words; refuses what only another engine can do."""
    parameters = request.parameters
    weighted = bool(parameters.get("use_lpw"))
    prompt = Prompt(
        request.text, token=request.token, class_name=request.class_name, weighted=weighted
    )
    if prompt.references:
        raise UnsupportedRequest(
            "The Studio engine makes pictures of one person. Remove "
            + ", ".join(f"<{r.kind}:{r.tune}>" for r in prompt.references)
            + " from the text, or choose another engine."
        )
    unwanted = Prompt(str(parameters.get("negative_prompt") or ""))
    return recipe.read(prompt, unwanted, parameters)


def _enlargement(parameters: Mapping[str, Any]) -> Enlargement | None:
    if not parameters.get("super_resolution"):
        return None
    return Enlargement(
        person=bool(parameters.get("hires_fix")), face=bool(parameters.get("inpaint_faces"))
    )


def _records(request: PromptRequest) -> Sequence[PhotoRecord]:
    """What training knows of the photos that still exist."""
    try:
        records = album.from_json(request.training_data)
    except ValueError as error:
        raise EngineError(
            "This person has not been trained on the Studio engine. Train again.", retryable=False
        ) from error
    present = {photo.id for photo in request.photos}
    records = [record for record in records if record.id in present]
    if not records:
        raise UnusablePhotos("The photos this person was trained from are gone. Train again.")
    return records
