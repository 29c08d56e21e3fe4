"""Light: how a scene is lit, and how a person is brought into that light."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from .arrays import Floats, Mask, Picture, blur, luminance, resize, screen, smoothstep
from .figure import Figure

BGR = tuple[float, float, float]

#: Shading is computed at this fraction of the frame's size.
_SHADING_SCALE = 0.25
_RIM_SCALE = 0.5
#: A lamp wraps around a face: this share of its light reaches what is turned away.
_WRAP = 0.15
#: Linear light above this is compressed towards 1 instead of clipped.
_SHOULDER = 0.75


@dataclass(frozen=True)
class Rim:
    """An edge light from behind: `side` +1 is the picture's right, -1 its left.

    `gain` is its brightness (0.3 discreet, 1.7 blazing), `width` a fraction of the face's height.
    """

    colour: BGR
    side: int = 1
    gain: float = 0.5
    width: float = 0.035


@dataclass(frozen=True)
class Light:
    """The light of a scene.

    `key` points from the face to the main light (x right, y down, z towards the viewer).
    `ambient` 0–1 is the share of light without direction, `strength` 0–1 how far the photo's own
    light gives way. `warmth` multiplies the key's BGR, `exposure` the whole person.
    """

    key: tuple[float, float, float] = (-0.5, -0.5, 0.7)
    ambient: float = 0.6
    strength: float = 0.35
    warmth: BGR = (1.0, 1.0, 1.0)
    exposure: float = 1.0
    rims: tuple[Rim, ...] = ()

    def mirrored(self) -> Light:
        """The same light from the other side."""
        rims = tuple(replace(rim, side=-rim.side) for rim in self.rims)
        return replace(self, key=(-self.key[0], self.key[1], self.key[2]), rims=rims)

    def scaled(self, factor: float) -> Light:
        """The same light, its direction and rims more (factor > 1) or less pronounced."""
        rims = tuple(replace(rim, gain=rim.gain * factor) for rim in self.rims)
        ambient = 1 - min(1.0, (1 - self.ambient) * factor)
        return replace(self, strength=min(1.0, self.strength * factor), ambient=ambient, rims=rims)


@dataclass(frozen=True)
class Source:
    """The light a photo was taken in, fitted to the face.

    `level` and `slope` model linear luma as level + slope·normal, normalised to mean 1 on the
    face; `hardness` is the part of the variation that the model leaves unexplained (specular
    spots, cast shadows), 0.1 for soft light to 0.4 for a flash.
    """

    level: float
    slope: Floats
    hardness: float

    @property
    def side(self) -> float:
        """-1…1: how much brighter the picture's right (+) or left (-) half of the face is."""
        return float(np.clip(self.slope[0] / 0.6, -1, 1))

    def shading(self, normals: Floats) -> Mask:
        """Relative brightness of surfaces with these normals in the photo."""
        return np.clip(np.float32(self.level) + normals @ self.slope, 0.55, 1.6)


def source_of(figure: Figure) -> Source:
    """Fits the photo's light by least squares over the face's smooth parts."""
    picture, normals, face = _shading_inputs(figure)
    on_face = face > 0.85
    if np.count_nonzero(on_face) < 64:
        return Source(1.0, np.zeros(3, np.float32), 0.2)
    luma = luminance(picture * picture)[on_face].astype(np.float64)
    luma /= max(luma.mean(), 1e-4)
    design = np.column_stack([np.ones(len(luma)), normals[on_face].astype(np.float64)])
    # Dark features (brows, eyes, lips) are no shading: leave the darkest sixth out.
    skin = luma > np.percentile(luma, 16)
    ridge = np.diag([0.0, 1.0, 1.0, 1.0]) * 0.02 * len(luma)
    design, luma = design[skin], luma[skin]
    # einsum, not @: BLAS adds up in an order that depends on its threads.
    matrix = np.einsum("ni,nj->ij", design, design) + ridge
    fit = np.linalg.solve(matrix, np.einsum("ni,n->i", design, luma))
    hardness = float(np.std(luma - np.einsum("ni,i->n", design, fit)))
    return Source(float(fit[0]), fit[1:].astype(np.float32), hardness)


def relit(figure: Figure, light: Light, source: Source) -> Picture:
    """The foreground in the scene's light, display values 0–1."""
    gain = _gain(figure, light, source)
    linear = cv2.multiply(figure.foreground, figure.foreground)
    linear *= resize(gain, figure.width, figure.height)
    over = np.maximum(linear - np.float32(_SHOULDER), 0)
    np.minimum(linear, np.float32(_SHOULDER), out=linear)
    room = np.float32(1 / (1 - _SHOULDER))
    linear += over / (1 + over * room)
    return np.clip(cv2.sqrt(linear) * np.float32(light.exposure), 0, 1)


def with_rims(figure: Figure, picture: Picture, rims: tuple[Rim, ...]) -> Picture:
    """Adds light from behind along the silhouette; `picture` is the foreground to lighten."""
    if not rims or figure.normals is None:
        return picture
    width = max(8, round(figure.width * _RIM_SCALE))
    height = max(8, round(figure.height * _RIM_SCALE))
    normals = resize(figure.normals, width, height)
    matte = blur(resize(figure.matte, width, height), 1)
    rows = np.arange(height, dtype=np.float32)[:, None] / height
    fade = 1 - smoothstep(0.8, 1.0, rows)
    light = np.zeros((height, width, 3), np.float32)
    for rim in rims:
        reach = figure.face_height * rim.width * _RIM_SCALE
        size = max(1, int(reach)) | 1
        disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
        edge = np.clip(1 - blur(cv2.erode(matte, disc), reach * 0.6), 0, 1)
        facing = normals[..., 0] * (0.85 * rim.side) - normals[..., 1] * 0.35
        amount = edge * smoothstep(0.15, 0.8, facing) * fade * np.float32(rim.gain)
        light += amount[..., None] * np.array(rim.colour, np.float32)
    # Hair and cloth catch light by their own structure.
    detail = 0.6 + 0.9 * luminance(picture)
    return screen(picture, resize(light, figure.width, figure.height) * detail[..., None])


def _gain(figure: Figure, light: Light, source: Source) -> Floats:
    """Factor on linear BGR, (h, w, 3) at reduced size, that turns the photo's light into ours."""
    _, normals, _ = _shading_inputs(figure)
    key = np.array(light.key, np.float32)
    key /= np.linalg.norm(key)
    lit = np.clip(normals @ key * (1 - _WRAP) + _WRAP, 0, 1.2)
    frontal = np.clip(normals[..., 2] * (1 - _WRAP) + _WRAP, 0.25, 1)
    before = frontal * np.sqrt(source.shading(normals))
    strength = light.strength * _tolerated(source)
    direct = 1 - light.ambient
    shade = (light.ambient + direct * lit * 1.35) / (light.ambient + direct * before)
    shade = 1 + (shade - 1) * np.float32(strength)
    tint = np.array(light.warmth, np.float32) - 1
    colour = 1 + tint * np.clip(lit, 0, 1)[..., None] * np.float32(strength)
    return blur(shade[..., None] * colour, 1.0)


def _tolerated(source: Source) -> float:
    """Hard light in the photo, relit strongly, leaves blotches: hold back."""
    return float(np.interp(source.hardness, (0.16, 0.40), (1.0, 0.55)))


def _shading_inputs(figure: Figure) -> tuple[Picture, Floats, Mask]:
    """Foreground, normals and face at shading size."""
    if figure.normals is None:
        raise ValueError("Relighting needs normals.")
    width = max(8, round(figure.width * _SHADING_SCALE))
    height = max(8, round(figure.height * _SHADING_SCALE))
    return (
        resize(figure.foreground, width, height),
        resize(figure.normals, width, height),
        resize(figure.face * figure.matte, width, height),
    )
