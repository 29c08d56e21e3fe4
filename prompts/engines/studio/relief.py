"""The shape of a person as surface normals, guessed from the face mesh and the silhouette."""

from __future__ import annotations

import cv2
import numpy as np

from .arrays import Floats, Mask, blur, resize
from .faces import Face

#: Height of the face in the normal map: light varies slowly, more px would not be seen.
_FACE_HEIGHT = 90
#: Bodies are cut by the photo's lower edge; they are inflated as if they went on this far (px).
_BELOW = 90


def normals(alpha: Mask, face: Face) -> Floats:
    """Unit normals (x right, y down, z to the viewer) of a matte at reduced size, (h, w, 3).

    The silhouette is inflated like a cushion; the face takes the mesh's own normals.
    """
    scale = _FACE_HEIGHT / face.height
    width, height = max(8, round(alpha.shape[1] * scale)), max(8, round(alpha.shape[0] * scale))
    small = face.moved(np.array([[scale, 0, 0], [0, scale, 0]], np.float32))
    body = _inflated(resize(alpha, width, height))
    head, weight = _mesh_normals(small, height, width)
    merged = body * (1 - weight[..., None]) + head * weight[..., None]
    inside = (resize(alpha, width, height) > 0.6).astype(np.float32)
    return unit(_continued(blur(merged, 1.2), inside))


def unit(vectors: Floats) -> Floats:
    """Scales every vector of the last axis to length 1."""
    length = np.sqrt((vectors * vectors).sum(-1, keepdims=True)) + np.float32(1e-6)
    return vectors / length


def _continued(vectors: Floats, inside: Mask) -> Floats:
    """Gives what lies outside the silhouette the direction of its nearest edge.

    Hair's soft edge reaches out there and must catch a rim light as the edge does.
    """
    near = blur(inside, 3)[..., None]
    filled = blur(vectors * inside[..., None], 3) / (near + 1e-4)
    return np.where((inside[..., None] > 0) | (near < 1e-3), vectors, filled).astype(np.float32)


def _inflated(alpha: Mask) -> Floats:
    """Normals of a round-edged cushion over the silhouette."""
    height = alpha.shape[0]
    solid = cv2.copyMakeBorder(
        (alpha > 0.5).astype(np.uint8), 0, _BELOW, 0, 0, cv2.BORDER_REPLICATE
    )
    inwards = cv2.distanceTransform(solid, cv2.DIST_L2, 5)[:height]
    radius = _FACE_HEIGHT * 0.62
    depth = np.sqrt(np.clip(1 - (1 - np.clip(inwards / radius, 0, 1)) ** 2, 0, 1)) * radius
    depth = blur(depth.astype(np.float32), 3)
    slope_x = cv2.Sobel(depth, cv2.CV_32F, 1, 0, scale=1 / 8)
    slope_y = cv2.Sobel(depth, cv2.CV_32F, 0, 1, scale=1 / 8)
    return unit(np.dstack([-slope_x, -slope_y, np.ones_like(depth)]))


def _mesh_normals(face: Face, height: int, width: int) -> tuple[Floats, Mask]:
    """Normals of the face mesh, drawn triangle by triangle, and where they hold."""
    points = face.landmarks.copy()
    points[:, 2] *= 1.15  # the mesh is a little flat
    drawn = np.zeros((height, width, 3), np.float32)
    drawn[..., 2] = 1
    covered = np.zeros((height, width), np.float32)
    for triangle in _triangles(points, height, width):
        corners = points[triangle]
        normal = np.cross(corners[1] - corners[0], corners[2] - corners[0])
        length = float(np.linalg.norm(normal))
        if length < 1e-6:
            continue
        # Mesh depth grows away from the viewer while our z comes towards them.
        normal = normal / length * (1 if normal[2] <= 0 else -1)
        outline = np.round(corners[:, :2]).astype(np.int32)
        cv2.fillConvexPoly(drawn, outline, (float(normal[0]), float(normal[1]), -float(normal[2])))
        cv2.fillConvexPoly(covered, outline, 1.0)
    weight = blur(cv2.erode(covered, np.ones((5, 5), np.uint8)), _FACE_HEIGHT * 0.06)
    return blur(drawn, _FACE_HEIGHT * 0.035), weight


def _triangles(points: Floats, height: int, width: int) -> list[list[int]]:
    """Delaunay triangles of the points inside the picture, as indexes."""
    inside = (points[:, 0] >= 0) & (points[:, 0] < width)
    inside &= (points[:, 1] >= 0) & (points[:, 1] < height)
    subdivision = cv2.Subdiv2D((0, 0, width, height))
    index_of: dict[tuple[float, float], int] = {}
    for index in np.flatnonzero(inside):
        point = (float(points[index, 0]), float(points[index, 1]))
        subdivision.insert(point)
        index_of[point] = int(index)
    found = []
    for corners in subdivision.getTriangleList():
        indexes = [index_of.get((float(corners[i]), float(corners[i + 1]))) for i in (0, 2, 4)]
        if None not in indexes:
            found.append([i for i in indexes if i is not None])
    return found
