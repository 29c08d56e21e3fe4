"""What is known of a tune's photos, and which of them a picture is made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

JSON = dict[str, Any]

#: Photos this much worse than the best (in units of quality) are left aside.
_TOLERANCE = 1.1
_MOST_CHOICES = 6
#: What a point of lost framing or trust costs in units of quality.
_TIGHTNESS_COST, _DOUBT_COST = 5.0, 6.0
#: Mattes below this are doubtful; see `matting.Matte.confidence`.
SURE_MATTE = 0.45
#: Differing bits of 64 up to which two photos count as the same shot.
_SAME_SHOT = 4


@dataclass(frozen=True)
class PhotoRecord:
    """One photo that can carry a picture.

    `tightness` tells per shot how much larger than asked the face becomes because the photo ends
    too early (1: not at all); `fingerprint` is a 64-bit difference hash in hexadecimal.
    """

    id: str
    quality: float
    confidence: float
    sharpness: float
    face_height: float
    tightness: Mapping[str, float]
    fingerprint: str

    def worth(self, shot: str) -> float:
        """Quality for this shot."""
        doubt = max(0.0, SURE_MATTE - self.confidence)
        tightness = self.tightness.get(shot, 1.0) - 1
        return self.quality - _TIGHTNESS_COST * tightness - _DOUBT_COST * doubt

    def as_json(self) -> JSON:
        return {**asdict(self), "tightness": dict(self.tightness)}


def from_json(data: JSON) -> list[PhotoRecord]:
    """The records of training data; ValueError when it is not from this engine."""
    try:
        return [PhotoRecord(**record) for record in data["photos"]]
    except (KeyError, TypeError) as error:
        raise ValueError("no training data of the Studio engine") from error


def choose(records: Sequence[PhotoRecord], shot: str, seed: int, index: int) -> PhotoRecord:
    """The photo for image `index` of a prompt: the best ones in turn, beginning by seed."""
    ranked = _without_twins(sorted(records, key=lambda r: (-r.worth(shot), r.id)))
    least = ranked[0].worth(shot) - _TOLERANCE
    good = [record for record in ranked if record.worth(shot) >= least][:_MOST_CHOICES]
    start = int(np.random.default_rng([seed, 7]).integers(len(good)))
    return good[(start + index) % len(good)]


def sharpest(records: Sequence[PhotoRecord], shot: str) -> PhotoRecord:
    """The photo with the most face detail among the good ones for this shot."""
    best = max(record.worth(shot) for record in records)
    good = [record for record in records if record.worth(shot) >= best - _TOLERANCE]
    return max(good, key=lambda r: (min(r.face_height, 600) * (1 + min(r.sharpness, 300)), r.id))


def _without_twins(ranked: Sequence[PhotoRecord]) -> list[PhotoRecord]:
    """Leaves out photos that look the same as a better one."""
    kept: list[PhotoRecord] = []
    for record in ranked:
        if all(_distance(record.fingerprint, other.fingerprint) > _SAME_SHOT for other in kept):
            kept.append(record)
    return kept


def _distance(one: str, other: str) -> int:
    return (int(one, 16) ^ int(other, 16)).bit_count()
