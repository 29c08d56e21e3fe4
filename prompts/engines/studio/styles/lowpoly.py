"""Low poly: the picture folded from triangles, small ones where the face needs them."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ..arrays import Floats, Mask, Picture, blur, curve, luminance, saturate
from .filters import crisp
from .style import EYES, Sitting, Style

Triangles = NDArray[np.float32]
#: Facets are drawn this much larger and reduced, which smooths their borders without seams.
_SUPERSAMPLING = 2
#: How far along from an eye's outline to its centre the rings of extra points lie.
_IRIS_RINGS = (0.38, 0.72)


def lowpoly(picture: Picture, sitting: Sitting, rng: np.random.Generator) -> Picture:
    """Facets in flat colours; eyes, brows and mouth follow the mesh of the face."""
    unit = sitting.unit
    triangles = _triangulate(_vertices(picture, sitting, rng), sitting)
    vivid = saturate(crisp(picture, 4 * unit, 0.45), 1.18)
    colours = _mean_colours(vivid, triangles)
    relief = 1 + 0.035 * rng.standard_normal((len(triangles), 1)).astype(np.float32)
    inside = _shares(sitting.face, triangles)[:, None]
    colours = np.clip(colours * (relief + inside * (1 - relief)), 0, 1)
    folded = _draw(triangles, colours, sitting.height, sitting.width)
    return saturate(curve(folded, [(0, 0), (0.3, 0.28), (0.7, 0.74), (1, 1)]), 1.15)


def _vertices(picture: Picture, sitting: Sitting, rng: np.random.Generator) -> Floats:
    """Points (n, 2): corners of the picture's structure, sparse behind, dense in the face."""
    unit = sitting.unit
    grey = blur(luminance(picture), 1.5 * unit)
    face = blur(sitting.face, 6 * unit)
    body = (sitting.matte > 0.5) & (face < 0.3)
    if sitting.figure is None:
        parts = [(np.ones_like(body), 900, 16 * unit)]
    else:
        parts = [
            (sitting.matte < 0.5, 140, 60 * unit),
            (body, 700, 20 * unit),
            ((face >= 0.3) & (sitting.features < 0.3), 420, 0.03 * sitting.figure.face_height),
            (sitting.features >= 0.3, 420, 0.012 * sitting.figure.face_height),
        ]
    points = [_corners(grey, mask, count, distance) for mask, count, distance in parts]
    size = np.array([sitting.width, sitting.height], np.float32)
    points.append(rng.random((60, 2), dtype=np.float32) * size)
    if sitting.figure is not None:
        points.append(sitting.figure.landmarks[:, :2])
        points.append(_irises(sitting.figure.landmarks[:, :2]))
        points.append(_silhouette(sitting.matte, 18 * unit))
    return np.concatenate([np.asarray(group, np.float32).reshape(-1, 2) for group in points])


def _corners(grey: Mask, where: NDArray[np.bool_], count: int, distance: float) -> Floats:
    """The `count` strongest corners at least `distance` px apart."""
    found = cv2.goodFeaturesToTrack(
        grey, count, 1e-4, max(1.0, distance), mask=where.astype(np.uint8), blockSize=5
    )
    return np.zeros((0, 2), np.float32) if found is None else found.reshape(-1, 2)


def _irises(landmarks: Floats) -> Floats:
    """Rings of points inside each eye: its iris needs facets of its own to look at anyone."""
    rings = []
    for outline in EYES:
        points = landmarks[list(outline)]
        centre = points.mean(axis=0)
        rings += [centre + (points[::2] - centre) * share for share in _IRIS_RINGS]
        rings.append(centre[None])
    return np.concatenate(rings)


def _silhouette(matte: Mask, spacing: float) -> Floats:
    """Points along the person's outline, so that no facet reaches across it."""
    outlines, _ = cv2.findContours(
        (matte > 0.5).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE
    )
    step = max(1, round(spacing))
    points = [outline.reshape(-1, 2)[::step] for outline in outlines if len(outline) > 4 * step]
    return np.concatenate(points).astype(np.float32) if points else np.zeros((0, 2), np.float32)


def _triangulate(points: Floats, sitting: Sitting) -> Triangles:
    """Delaunay triangles (n, 3, 2) of the points and of a frame around the picture."""
    w, h = sitting.width, sitting.height
    edge = np.linspace(0, 1, 12)
    zero, one = np.zeros_like(edge), np.ones_like(edge)
    frame = np.concatenate(
        [np.stack(side, axis=1) for side in ((edge, zero), (edge, one), (zero, edge), (one, edge))]
    ) * [w, h]
    points = np.concatenate([points, frame])
    inside = (points >= 0).all(axis=1) & (points[:, 0] <= w) & (points[:, 1] <= h)
    plane = cv2.Subdiv2D((-1, -1, w + 3, h + 3))
    plane.insert(np.round(points[inside], 1).astype(np.float32).tolist())
    triangles = np.asarray(plane.getTriangleList(), np.float32).reshape(-1, 3, 2)
    # The subdivision also answers triangles with its own far-away helper points.
    within = (triangles >= -1).all(axis=(1, 2)) & (triangles[..., 0] <= w).all(axis=1)
    within &= (triangles[..., 1] <= h).all(axis=1)
    return np.ascontiguousarray(triangles[within])


def _samples(triangles: Triangles, size: tuple[int, int]) -> tuple[NDArray[np.int64], ...]:
    """Rows and columns (n, 7) of seven px inside each triangle."""
    weights = np.array(
        [[1, 1, 1], [4, 1, 1], [1, 4, 1], [1, 1, 4], [3, 3, 1], [3, 1, 3], [1, 3, 3]], np.float32
    )
    weights /= weights.sum(axis=1, keepdims=True)
    points = np.einsum("kv,nvc->nkc", weights, triangles)
    columns = np.clip(points[..., 0], 0, size[1] - 1).astype(np.int64)
    rows = np.clip(points[..., 1], 0, size[0] - 1).astype(np.int64)
    return rows, columns


def _mean_colours(picture: Picture, triangles: Triangles) -> Floats:
    rows, columns = _samples(triangles, picture.shape[:2])
    return picture[rows, columns].mean(axis=1)


def _shares(mask: Mask, triangles: Triangles) -> Floats:
    rows, columns = _samples(triangles, mask.shape[:2])
    return mask[rows, columns].mean(axis=1)


def _draw(triangles: Triangles, colours: Floats, h: int, w: int) -> Picture:
    canvas = np.zeros((h * _SUPERSAMPLING, w * _SUPERSAMPLING, 3), np.uint8)
    corners = np.round(triangles * (_SUPERSAMPLING * 8)).astype(np.int32)
    for corner, colour in zip(corners, (colours * 255).round().tolist(), strict=True):
        cv2.fillConvexPoly(canvas, corner, colour, cv2.LINE_8, 3)
    small = cv2.resize(canvas, (w, h), interpolation=cv2.INTER_AREA)
    return np.multiply(small, np.float32(1 / 255), dtype=np.float32)


STYLES = (Style("Lowpoly", ("lowpoly", "low poly", "polygonal", "facets"), lowpoly),)
