"""Cutting the person out: a soft matte, and how far it can be trusted.

Segmentation net over several face-centred crops → GrabCut where the net is unsure → colour
guided filter (He, Sun, Tang 2010) for hair. The first two steps work at low resolution, where a
face is about `_COARSE_FACE` px wide; the last computes its coefficients at `FINE_FACE` and applies
them at full resolution. `fusion.py` then finds the colours under soft edges.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from . import nets
from .arrays import Floats, Mask, Picture, Pixels, blur, resize, smoothstep, to_picture
from .faces import Face

#: Widths of a face in px at which the matte is decided, and its edge refined.
_COARSE_FACE = 110
FINE_FACE = 150
#: GrabCut works at this share of the coarse size; refinement finds the edge again.
_GRABCUT = 0.7

#: Crops given to the net: size in face widths, how far below the face's centre, weight. The
#: tight ones win near the head because they show the net more of it.
_CROPS = ((6.5, 1.2, 1.5), (5.0, 0.8, 2.0), (3.6, 0.15, 2.5), (3.0, 0.0, 2.5))
_NET_SIZE = 256

#: GrabCut draws from OpenCV's one global random generator.
_grabcut_lock = threading.Lock()


@dataclass(frozen=True)
class Matte:
    """How much of each px is the person, and how far that can be trusted (0–1)."""

    alpha: Mask
    confidence: float


def cut_out(pixels: Pixels, face: Face, others: Sequence[Face] = ()) -> Matte:
    """Mattes the person whose face is given; others and things beside them are left out.

    `others` are the faces of people who may touch the person.
    """
    height, width = pixels.shape[:2]
    face_size = face.size
    scale = min(1.0, _COARSE_FACE / face_size)
    small_width, small_height = max(8, round(width * scale)), max(8, round(height * scale))
    small = cv2.resize(pixels, (small_width, small_height), interpolation=cv2.INTER_AREA)
    reduce = np.array([[scale, 0, 0], [0, scale, 0]], np.float32)
    small_face = face.moved(reduce)

    probability, disagreement = _segment(small, small_face)
    for other in others:
        probability *= _own_side(probability.shape, small_face, other.moved(reduce))
    probability = _connected_to(probability, small_face.centre)
    decided, contested = _decide_band(small, probability, face_size * scale)
    inside, outside = _sure_regions(decided, face_size * scale)

    alpha = _refine(pixels, decided, face_size)
    alpha = alpha * resize(outside, width, height)
    alpha = np.clip(np.maximum(alpha, resize(inside, width, height)), 0, 1)
    return Matte(alpha, _confidence(decided, contested, disagreement, small_face))


def _segment(pixels: Pixels, face: Face) -> tuple[Mask, float]:
    """Weighted mean of the net over all crops and their mirrors.

    Also tells how much mirrored twins disagree where either is undecided (0 not at all).
    """
    height, width = pixels.shape[:2]
    centre = face.centre
    size = face.size
    total = np.zeros((height, width), np.float32)
    weights = np.zeros((height, width), np.float32)
    disagreements = []
    regions = [(0, 0, width, height, 0.0)]
    for widths, lower, weight in _CROPS:
        half = size * widths / 2
        left, top = max(0, int(centre[0] - half)), max(0, int(centre[1] + lower * size - half))
        right = min(width, int(centre[0] + half))
        bottom = min(height, int(centre[1] + lower * size + half))
        regions.append((left, top, right, bottom, weight))
    for left, top, right, bottom, weight in regions:
        if right - left < 8 or bottom - top < 8:
            continue
        crop = cv2.resize(
            pixels[top:bottom, left:right], (_NET_SIZE, _NET_SIZE), interpolation=cv2.INTER_AREA
        )
        straight, mirrored = _person(crop), _person(crop[:, ::-1])[:, ::-1]
        mean = (straight + mirrored) / 2
        unsure = (mean > 0.1) & (mean < 0.9)
        if weight and unsure.any():
            disagreements.append(float(np.abs(straight - mirrored)[unsure].mean()))
        part = cv2.resize(mean, (right - left, bottom - top), interpolation=cv2.INTER_LINEAR)
        importance = _fading_weight(bottom - top, right - left) * weight if weight else 0.5
        total[top:bottom, left:right] += part * importance
        weights[top:bottom, left:right] += importance
    return np.clip(total / weights, 0, 1), float(np.mean(disagreements or [1.0]))


def _person(crop: Pixels) -> Mask:
    """One pass of the segmentation net, (256, 256)."""
    return nets.run("selfie_segmentation", np.ascontiguousarray(crop), ("activation_10",))[0][0, 0]


def _fading_weight(height: int, width: int) -> Mask:
    """1 in the middle, falling over the outer eighth, so that crops join without a seam."""
    ramp = max(4.0, 0.12 * min(height, width))
    rows = np.clip((np.minimum(np.arange(height), np.arange(height)[::-1]) + 1) / ramp, 0.02, 1)
    columns = np.clip((np.minimum(np.arange(width), np.arange(width)[::-1]) + 1) / ramp, 0.02, 1)
    return (rows[:, None] * columns[None]).astype(np.float32)


def _own_side(shape: tuple[int, ...], face: Face, other: Face) -> Mask:
    """1 on the person's side of the line half-way to somebody else, 0 beyond, soft between.

    Half-way in proportion to the faces' sizes: who is nearer to the camera is broader.
    """
    towards = other.centre - face.centre
    distance = max(float(np.linalg.norm(towards)), 1.0)
    border = distance * face.size / (face.size + other.size)
    rows = np.arange(shape[0], dtype=np.float32)[:, None] - face.centre[1]
    columns = np.arange(shape[1], dtype=np.float32)[None] - face.centre[0]
    along = (columns * towards[0] + rows * towards[1]) / distance
    soft = 0.08 * face.size
    return smoothstep(border + soft, border - soft, along)


def _connected_to(probability: Mask, point: Floats) -> Mask:
    """Keeps the blob under `point`: bystanders who do not touch the person go."""
    height, width = probability.shape
    count, labels, stats, _ = cv2.connectedComponentsWithStats(
        (probability > 0.5).astype(np.uint8), connectivity=8
    )
    label = labels[int(np.clip(point[1], 0, height - 1)), int(np.clip(point[0], 0, width - 1))]
    if label == 0 and count > 1:
        label = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
    size = max(3, int(width * 0.02)) | 1
    kept = cv2.dilate((labels == label).astype(np.float32), _disc(size))
    return probability * cv2.GaussianBlur(kept, (0, 0), size / 4)


def _decide_band(pixels: Pixels, probability: Mask, face_size: float) -> tuple[Mask, Mask]:
    """Lets GrabCut decide by colour where the net is unsure; the mean of both opinions.

    Also returns where they contradict each other over more than an edge's width.
    """
    height, width = probability.shape
    size = (max(8, round(width * _GRABCUT)), max(8, round(height * _GRABCUT)))
    pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    whole, probability = probability, resize(probability, *size)
    disc = _disc(max(3, int(face_size * _GRABCUT * 0.10)) | 1)
    labels = np.where(probability > 0.5, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    inside = cv2.erode((probability > 0.85).astype(np.uint8), disc, borderType=cv2.BORDER_REPLICATE)
    labels[inside > 0] = cv2.GC_FGD
    labels[cv2.dilate((probability > 0.15).astype(np.uint8), disc) == 0] = cv2.GC_BGD
    if not ((labels == cv2.GC_FGD).any() and (labels == cv2.GC_BGD).any()):
        return whole, np.zeros_like(whole)
    with _grabcut_lock:
        cv2.setRNGSeed(1)
        models = np.zeros((1, 65)), np.zeros((1, 65))
        cv2.grabCut(pixels, labels, None, *models, 2, cv2.GC_INIT_WITH_MASK)
    person = ((labels == cv2.GC_FGD) | (labels == cv2.GC_PR_FGD)).astype(np.float32)
    person = resize(cv2.GaussianBlur(person, (0, 0), 1), width, height)
    return _settled(np.clip((person + whole) * np.float32(0.5), 0, 1), whole, face_size)


def _settled(decided: Mask, probability: Mask, face_size: float) -> tuple[Mask, Mask]:
    """Makes broad half-transparent areas one or the other; only edges may be soft.

    There GrabCut and net disagree (a helmet in the arm, a badge): the net knows better what
    belongs to a person, colours mislead. Also returns these areas.
    """
    unsure = ((decided > 0.1) & (decided < 0.9)).astype(np.float32)
    disc = _disc(max(3, int(face_size * 0.14)) | 1)
    broad = blur(cv2.morphologyEx(unsure, cv2.MORPH_OPEN, disc), face_size * 0.05)
    return decided + broad * (smoothstep(0.35, 0.6, probability) - decided), broad


def _sure_regions(decided: Mask, face_size: float) -> tuple[Mask, Mask]:
    """What refinement may not eat and where it may not leak, both soft."""
    size = max(3, int(face_size * 0.10)) | 1
    inside = cv2.erode(
        (decided > 0.9).astype(np.float32), _disc(size), borderType=cv2.BORDER_REPLICATE
    )
    outside = cv2.dilate((decided > 0.3).astype(np.float32), _disc(size))
    return blur(inside, size / 6), blur(outside, size / 6)


def _refine(pixels: Pixels, decided: Mask, face_size: float) -> Mask:
    """Snaps the low-resolution matte to the picture's edges with a colour guided filter."""
    height, width = pixels.shape[:2]
    scale = min(1.0, FINE_FACE / face_size)
    size = (max(8, round(width * scale)), max(8, round(height * scale)))
    guide = to_picture(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA))
    coarse = resize(decided, *size)
    radius = max(3, round(face_size * scale * 0.035))
    wide = _guided_coefficients(guide, np.clip(coarse * 1.4 - 0.2, 0, 1), radius, 1e-4)
    narrow = _guided_coefficients(guide, coarse, max(2, radius // 2), 1e-5)
    coefficients = resize((wide + narrow) * np.float32(0.5), width, height)
    alpha = coefficients[..., 3].copy()
    for channel in range(3):
        alpha += coefficients[..., channel] * pixels[..., channel] * np.float32(1 / 255)
    return np.clip((alpha - 0.08) / 0.84, 0, 1)


def _guided_coefficients(guide: Picture, values: Mask, radius: int, epsilon: float) -> Floats:
    """(h, w, 4): the local linear model `values ≈ a·BGR + b` of He et al., already averaged."""

    def mean(x: Floats) -> Floats:
        side = 2 * radius + 1
        return cv2.boxFilter(x, -1, (side, side), borderType=cv2.BORDER_REFLECT)

    centre, level = mean(guide), mean(values)
    covariance = mean(guide * values[..., None]) - centre * level[..., None]
    bb, bg, br, gg, gr, rr = (
        mean(guide[..., i] * guide[..., j]) - centre[..., i] * centre[..., j]
        for i, j in ((0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2))
    )
    bb, gg, rr = bb + epsilon, gg + epsilon, rr + epsilon
    # The inverse of the symmetric 3×3 matrix, written out: far faster than np.linalg per px.
    inverse = (
        (gg * rr - gr * gr, br * gr - bg * rr, bg * gr - br * gg),
        (br * gr - bg * rr, bb * rr - br * br, bg * br - bb * gr),
        (bg * gr - br * gg, bg * br - bb * gr, bb * gg - bg * bg),
    )
    determinant = bb * inverse[0][0] + bg * inverse[0][1] + br * inverse[0][2]
    slopes = [
        sum(inverse[row][column] * covariance[..., column] for column in range(3)) / determinant
        for row in range(3)
    ]
    offset = level - sum(slopes[i] * centre[..., i] for i in range(3))
    return mean(np.dstack([*slopes, offset]).astype(np.float32))


def _confidence(decided: Mask, contested: Mask, disagreement: float, face: Face) -> float:
    """Trust in the matte, 0–1, from three things that go wrong when it fails.

    The face must be covered, net and GrabCut must agree on the head's surroundings (hats and wild
    hair are where they do not), and mirrored pictures must give mirrored mattes.
    """
    hull = cv2.convexHull(np.round(face.landmarks[:, :2]).astype(np.int32))
    face_mask = np.zeros(decided.shape, np.uint8)
    cv2.fillConvexPoly(face_mask, hull, 1)
    covered = float(decided[face_mask > 0].mean()) if face_mask.any() else 0.0
    head = np.zeros(decided.shape, np.uint8)
    centre = (int(face.centre[0]), int(face.centre[1] - 0.2 * face.size))
    cv2.circle(head, centre, round(1.1 * face.size), 1, -1)
    doubt = min(1.0, 3 * float(contested[head > 0].mean())) if head.any() else 1.0
    steadiness = 1 - min(1.0, disagreement * 2)
    return float(np.clip(covered, 0, 1) ** 2 * (1 - doubt) * (0.4 + 0.6 * steadiness))


def _disc(size: int) -> Pixels:
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
