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
from prompts.imaging.finishing import (
    THUMBNAIL_WIDTHS,
    FinishedPicture,
    finish_picture,
    make_thumbnail,
    make_web_copy,
    read_recipe,
    strip_metadata,
)
from prompts.imaging.xmp import (
    COMPOSITE,
    COMPOSITE_SYNTHETIC,
    COMPOSITE_WITH_TRAINED_ALGORITHMIC_MEDIA,
    TRAINED_ALGORITHMIC_MEDIA,
)

__all__ = [
    "COMPOSITE",
    "COMPOSITE_SYNTHETIC",
    "COMPOSITE_WITH_TRAINED_ALGORITHMIC_MEDIA",
    "THUMBNAIL_WIDTHS",
    "TRAINED_ALGORITHMIC_MEDIA",
    "CheckedPicture",
    "CleanMask",
    "CleanPhoto",
    "FinishedPicture",
    "RefusedImage",
    "check_picture",
    "clean_input_image",
    "clean_mask",
    "clean_photo",
    "finish_picture",
    "make_thumbnail",
    "make_web_copy",
    "read_recipe",
    "strip_metadata",
]
