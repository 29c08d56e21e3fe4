"""Pictures: untrusted bytes become clean ones, finished ones get their recipe and thumbnails."""

from prompts.imaging.cleaning import (
    CheckedPicture,
    CleanMask,
    CleanPhoto,
    check_picture,
    clean_input_image,
    clean_mask,
    clean_photo,
)
from prompts.imaging.errors import RefusedImage

__all__ = [
    "CheckedPicture",
    "CleanMask",
    "CleanPhoto",
    "RefusedImage",
    "check_picture",
    "clean_input_image",
    "clean_mask",
    "clean_photo",
]
