"""Learning a person from photos: inspect, rank, cut out once, remember."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import cv2
import numpy as np

from ..base import Cache, Inspection, Progress, SourcePhoto, TrainingRequest, TrainingResult
from ..errors import EngineError, UnusablePhotos
from . import cutout, decoding, faces, framing, inspection
from .album import PhotoRecord
from .arrays import Pixels
from .cutout import CutOut, CutOutError

JSON = dict[str, Any]

#: Photos whose quality is this far below the best are not cut out.
_TOLERANCE = 3.0
_MOST_CUT_OUTS = 12
#: The frame for which it is measured how well a photo carries each shot.
_TYPICAL_FRAME = (1024, 1280)


def train(request: TrainingRequest, progress: Progress) -> TrainingResult:
    """Looks at every photo and cuts the person out of the good ones.

    Raises UnusablePhotos when no photo shows a face.
    """
    inspections: dict[str, Inspection] = {}
    for number, photo in enumerate(request.photos):
        progress(0.3 * number / len(request.photos), f"Looking at photo {number + 1}")
        inspections[photo.id] = _inspect(photo)
    chosen = _worth_cutting(request.photos, inspections)
    if not chosen:
        raise UnusablePhotos(
            "No photo shows a face the Studio engine can use. Add photos in which the face is "
            "clearly visible."
        )
    records = []
    for number, photo in enumerate(chosen):
        progress(0.3 + 0.7 * number / len(chosen), f"Cutting out person {number + 1}")
        record = _learn(photo, inspections[photo.id], request.cache)
        if record is not None:
            records.append(record)
    if not records:
        raise UnusablePhotos("No photo could be read again after inspection.")
    progress(1.0, "Done")
    return TrainingResult(
        data={"version": cutout.VERSION, "photos": [record.as_json() for record in records]},
        photos={
            id_: _report(found, {record.id: record for record in records}.get(id_))
            for id_, found in inspections.items()
        },
        characteristics={},
    )


def load(photo: SourcePhoto, cache: Cache) -> CutOut:
    """The cut-out of a photo, from the cache if it is sound there, else made anew and cached."""
    key = cache_key(photo.id)
    cached = cache.get(key)
    if cached is not None:
        try:
            return cutout.unpack(cached)
        except CutOutError:
            pass  # damaged or from an older version: make it again
    made = _cut_out(decoding.decode(photo.read()))
    if made is None:
        raise UnusablePhotos("No face was found in the photo chosen for this picture.")
    packed = cutout.pack(made)
    cache.put(key, packed)
    # Packing costs a little precision: the first picture must not differ from the next ones.
    return cutout.unpack(packed)


def cache_key(photo_id: str) -> str:
    return f"cutout-{cutout.VERSION}-{photo_id}"


def fingerprint(pixels: Pixels) -> str:
    """64-bit difference hash in hexadecimal: equal for the same shot at other sizes."""
    grey = cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY)
    small = cv2.resize(grey, (9, 8), interpolation=cv2.INTER_AREA).astype(np.int16)
    bits = (small[:, 1:] > small[:, :-1]).reshape(-1)
    return f"{int(''.join('1' if bit else '0' for bit in bits), 2):016x}"


def _inspect(photo: SourcePhoto) -> Inspection:
    data = photo.read()
    try:
        return inspection.inspect(decoding.decode(data), decoding.measure(data))
    except EngineError:
        problem = inspection.problem("unreadable")
        return Inspection(0, 0, 0, (problem,), quality=-20.0)


def _worth_cutting(
    photos: Sequence[SourcePhoto], inspections: Mapping[str, Inspection]
) -> list[SourcePhoto]:
    """The photos with a face, best first, without those far worse than the best."""
    ranked = sorted(
        (photo for photo in photos if inspections[photo.id].faces),
        key=lambda photo: (-inspections[photo.id].quality, photo.id),
    )
    if not ranked:
        return []
    least = inspections[ranked[0].id].quality - _TOLERANCE
    return [p for p in ranked if inspections[p.id].quality >= least][:_MOST_CUT_OUTS]


def _learn(photo: SourcePhoto, found: Inspection, cache: Cache) -> PhotoRecord | None:
    """Cuts out the person and measures what the cut-out can carry."""
    pixels = decoding.decode(photo.read())
    made = _cut_out(pixels)
    if made is None:
        return None
    cache.put(cache_key(photo.id), cutout.pack(made))
    tightness = {
        name: round(framing.place(made, *_TYPICAL_FRAME, shot).tightness, 3)
        for name, shot in framing.SHOTS.items()
    }
    return PhotoRecord(
        id=photo.id,
        quality=found.quality,
        confidence=round(made.confidence, 3),
        sharpness=float(found.traits["sharpness"]),
        face_height=float(found.traits["height"]),
        tightness=tightness,
        fingerprint=fingerprint(pixels),
    )


def _cut_out(pixels: Pixels) -> CutOut | None:
    """The person with the largest face, without the other people; None when there is no face."""
    found = faces.find(pixels)
    if not found:
        return None
    face, *rest = found
    others = [
        other
        for other in rest
        if other.height >= inspection.SECOND_PERSON * face.height
        and np.linalg.norm(other.centre - face.centre) > 0.6 * face.size
    ]
    return cutout.make(pixels, face, others)


def _report(found: Inspection, record: PhotoRecord | None) -> JSON:
    """What the portal keeps of one photo."""
    return {
        "width": found.width,
        "height": found.height,
        "faces": found.faces,
        "quality": found.quality,
        "problems": [{"code": p.code, "message": p.message} for p in found.problems],
        "used": record is not None,
        "matte_confidence": record.confidence if record else None,
        "tightness": dict(record.tightness) if record else None,
    }
