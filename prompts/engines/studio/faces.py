"""Finding faces: BlazeFace boxes and the 468-point face mesh (both MediaPipe).

All coordinates are px of the picture given, x to the right, y down; boxes are (x, y, w, h).
"Left" and "right" are the viewer's.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from . import nets
from .arrays import Floats, Pixels

#: Points of the mesh; the numbering is MediaPipe's.
LEFT_EYE = (33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246)
RIGHT_EYE = (263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466)
LEFT_BROW = (70, 63, 105, 66, 107, 55, 65, 52, 53, 46)
RIGHT_BROW = (300, 293, 334, 296, 336, 285, 295, 282, 283, 276)
LIPS = (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185)
CHIN, FOREHEAD, NOSE_TIP = 152, 10, 1
LEFT_CHEEK_EDGE, RIGHT_CHEEK_EDGE = 234, 454

_MESH_SIZE = 192
#: The mesh net wants a quarter of the face's size around it.
_MESH_MARGIN = 1.5
_MINIMUM_SCORE = 0.5
#: The mesh net believes in turned and lit-from-the-side faces less than in its passport photos.
_MINIMUM_PRESENCE = 0.35
#: Degrees; what stands on its head is a pattern, not a face: photos arrive upright.
_MOST_ROLL = 80.0
#: Overlap of two boxes (intersection over union) above which they are the same face.
_SAME_FACE = 0.3


@dataclass(frozen=True)
class Detection:
    """A face's box (x, y, w, h), six coarse points (6, 2) and the score 0–1."""

    box: Floats
    points: Floats
    score: float


@dataclass(frozen=True)
class Face:
    """A face with its mesh: `landmarks` is (468, 3), depth in px growing away from the viewer."""

    box: Floats
    landmarks: Floats
    score: float

    @property
    def centre(self) -> Floats:
        """Centre of the box."""
        return (self.box[:2] + self.box[2:] * np.float32(0.5)).astype(np.float32)

    @property
    def size(self) -> float:
        """Longer side of the box in px."""
        return float(self.box[2:].max())

    @cached_property
    def left_eye(self) -> Floats:
        return self.landmarks[[33, 133], :2].mean(0)

    @cached_property
    def right_eye(self) -> Floats:
        return self.landmarks[[362, 263], :2].mean(0)

    @cached_property
    def eyes(self) -> Floats:
        """The point between the eyes."""
        return ((self.left_eye + self.right_eye) / 2).astype(np.float32)

    @cached_property
    def height(self) -> float:
        """Chin to upper forehead in px."""
        return float(np.linalg.norm(self.landmarks[CHIN, :2] - self.landmarks[FOREHEAD, :2]))

    @cached_property
    def roll(self) -> float:
        """Tilt in degrees, positive when the eye on the right is lower."""
        across = self.right_eye - self.left_eye
        return float(np.degrees(np.arctan2(across[1], across[0])))

    @cached_property
    def yaw(self) -> float:
        """-1…1: 0 faces the camera, negative looks to the left, beyond ±0.5 is nearly profile."""
        nose = self.landmarks[NOSE_TIP, :2]
        left = np.linalg.norm(nose - self.landmarks[LEFT_CHEEK_EDGE, :2])
        right = np.linalg.norm(nose - self.landmarks[RIGHT_CHEEK_EDGE, :2])
        return float((left - right) / (left + right))

    def moved(self, matrix: Floats) -> Face:
        """The face after a similarity transform, given as a 2×3 matrix."""
        scale = float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))
        landmarks = self.landmarks.copy()
        landmarks[:, :2] = landmarks[:, :2] @ matrix[:, :2].T + matrix[:, 2]
        landmarks[:, 2] *= scale
        centre = (self.box[:2] + self.box[2:] / 2) @ matrix[:, :2].T + matrix[:, 2]
        size = self.box[2:] * scale
        box = np.concatenate([centre - size / 2, size]).astype(np.float32)
        return Face(box, landmarks.astype(np.float32), self.score)


@dataclass(frozen=True)
class _Detector:
    """A BlazeFace net: square input of `size` px and (stride, anchors a cell) of its layers."""

    name: str
    size: int
    layers: tuple[tuple[int, int], ...]

    @cached_property
    def anchors(self) -> Floats:
        """Centres of all anchors, (n, 2), as fractions of the input."""
        centres = []
        for stride, count in self.layers:
            cells = self.size // stride
            y, x = np.mgrid[:cells, :cells]
            cell_centres = (np.stack([x, y], -1).reshape(-1, 2) + 0.5) / cells
            centres.append(np.repeat(cell_centres, count, 0))
        return np.concatenate(centres).astype(np.float32)


#: The first looks farther, the second knows close faces better.
_DETECTORS = (
    _Detector("face_detection_back", 256, ((16, 2), (32, 6))),
    _Detector("face_detection_short_range", 128, ((8, 2), (16, 6))),
)


def detect(pixels: Pixels) -> list[Detection]:
    """Faces of a picture, the largest first.

    The whole picture is looked at with both nets; where they find nothing, overlapping quarters
    follow, which finds faces down to about 3 % of the picture's longer side, then faces cut by
    the edge.
    """
    found = [d for detector in _DETECTORS for d in _detect(detector, pixels, (0, 0))]
    if not found:
        height, width = pixels.shape[:2]
        part_height, part_width = round(height * 0.6), round(width * 0.6)
        for top in (0, height - part_height):
            for left in (0, width - part_width):
                part = pixels[top : top + part_height, left : left + part_width]
                found += _detect(_DETECTORS[0], part, (left, top))
    if not found:
        found = _detect_cut(pixels)
    return sorted(_distinct(found), key=lambda d: -float(d.box[2] * d.box[3]))


def find(pixels: Pixels) -> list[Face]:
    """Faces with their mesh, the largest first; what the mesh net does not confirm is dropped."""
    faces = [mesh(pixels, detection) for detection in detect(pixels)]
    return [f for f in faces if f.score >= _MINIMUM_PRESENCE and abs(f.roll) <= _MOST_ROLL]


def mesh(pixels: Pixels, detection: Detection) -> Face:
    """Fits the face mesh to a detected face; the score becomes the smaller of the two nets'.

    The mesh depends a little on the crop it is shown. A second pass, on a crop derived from the
    first one's points, makes heights comparable between photos and detectors.
    """
    left, right = detection.points[0], detection.points[1]
    centre: Floats = detection.box[:2] + detection.box[2:] * np.float32(0.5)
    landmarks, presence = _fit(pixels, centre, float(detection.box[2:].max()), right - left)
    first = Face(detection.box, landmarks, presence)
    low, high = landmarks[:, :2].min(0), landmarks[:, :2].max(0)
    middle: Floats = (low + high) * np.float32(0.5)
    across = first.right_eye - first.left_eye
    landmarks, confirmed = _fit(pixels, middle, float((high - low).max()), across)
    return Face(detection.box, landmarks, min(detection.score, max(presence, confirmed)))


def _fit(pixels: Pixels, centre: Floats, size: float, across: Floats) -> tuple[Floats, float]:
    """One pass of the mesh net over a square around `centre`, turned so that `across` is level.

    Returns (468, 3) landmarks and the net's belief, 0–1, that there is a face.
    """
    angle = float(np.degrees(np.arctan2(across[1], across[0])))
    scale = _MESH_SIZE / (_MESH_MARGIN * size)
    to_net = cv2.getRotationMatrix2D((float(centre[0]), float(centre[1])), angle, scale)
    to_net[:, 2] += _MESH_SIZE / 2 - centre
    source, adapted = _reduced_for(pixels, to_net, scale)
    crop = cv2.warpAffine(source, adapted, (_MESH_SIZE, _MESH_SIZE), flags=cv2.INTER_LINEAR)
    points, presence = nets.run("face_landmark", crop, ("conv2d_20", "conv2d_30"))
    landmarks = points.reshape(468, 3).astype(np.float32)
    back = cv2.invertAffineTransform(to_net)
    landmarks[:, :2] = landmarks[:, :2] @ back[:, :2].T + back[:, 2]
    landmarks[:, 2] /= scale
    return landmarks, float(_sigmoid(presence).max())


def _reduced_for(pixels: Pixels, matrix: Floats, scale: float) -> tuple[Pixels, Floats]:
    """Shrinks a picture before a strongly shrinking warp, which would alias otherwise."""
    if scale > 0.5:
        return pixels, matrix
    factor = 2 * scale
    small = cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    adapted: Floats = matrix.copy()
    adapted[:, 0] *= pixels.shape[1] / small.shape[1]
    adapted[:, 1] *= pixels.shape[0] / small.shape[0]
    return small, adapted


def _detect(detector: _Detector, pixels: Pixels, offset: tuple[int, int]) -> list[Detection]:
    """Faces one net finds in one picture, moved by `offset`."""
    height, width = pixels.shape[:2]
    longest = max(height, width)
    scale = detector.size / longest
    fitted = cv2.resize(
        pixels,
        (max(1, round(width * scale)), max(1, round(height * scale))),
        interpolation=cv2.INTER_AREA,
    )
    padded = np.zeros((detector.size, detector.size, 3), np.uint8)
    padded[: fitted.shape[0], : fitted.shape[1]] = fitted
    values, logits = nets.run(detector.name, padded, ("regressors", "classificators"), signed=True)
    scores = _sigmoid(logits.reshape(-1))
    sure = scores >= _MINIMUM_SCORE
    values = values.reshape(-1, 16)[sure] / np.float32(detector.size)
    anchors = detector.anchors[sure]
    centres, sizes = values[:, :2] + anchors, values[:, 2:4]
    boxes = np.concatenate([centres - sizes / 2, sizes], 1) * longest
    points = (values[:, 4:].reshape(-1, 6, 2) + anchors[:, None]) * longest
    boxes[:, :2] += offset
    points += np.array(offset, np.float32)
    return [
        Detection(box.astype(np.float32), point.astype(np.float32), float(score))
        for box, point, score in zip(boxes, points, scores[sure], strict=True)
    ]


def _detect_cut(pixels: Pixels) -> list[Detection]:
    """Faces that the photo's edge cuts: the nets want to see some space around a face."""
    margin = round(max(pixels.shape[:2]) * 0.15)
    padded = cv2.copyMakeBorder(pixels, *(margin,) * 4, cv2.BORDER_REPLICATE)
    return _detect(_DETECTORS[0], padded, (-margin, -margin))


def _distinct(found: list[Detection]) -> list[Detection]:
    """Non-maximum suppression: the surest box of each face."""
    if not found:
        return []
    kept = cv2.dnn.NMSBoxes(
        [d.box.tolist() for d in found], [d.score for d in found], _MINIMUM_SCORE, _SAME_FACE
    )
    return [found[int(i)] for i in np.asarray(kept).reshape(-1)]


def _sigmoid(x: Floats) -> Floats:
    return (1 / (1 + np.exp(-np.clip(x, -80, 80)))).astype(np.float32)
