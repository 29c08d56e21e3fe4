"""What the Studio engine does with every prompt parameter, in words for the form and the API."""

from __future__ import annotations

from ..base import Capability, Support

_HONOURED, _APPROXIMATED = Support.HONOURED, Support.APPROXIMATED
_IGNORED, _PLANNED = Support.IGNORED, Support.PLANNED

CAPABILITIES: dict[str, Capability] = {
    "text": Capability(
        _APPROXIMATED,
        "Words choose scene, shot, light, colour and style; clothes, pose and expression stay as "
        "in the photos.",
    ),
    "negative_prompt": Capability(
        _APPROXIMATED,
        "Rules out scenes and styles, harsh light, vignette, retouch and a blurred backdrop.",
    ),
    "num_images": Capability(
        _HONOURED, "Each image takes another photo, framing and backdrop as far as there are any."
    ),
    "seed": Capability(_HONOURED, "Repeats a picture to the byte."),
    "w": Capability(_HONOURED),
    "h": Capability(_HONOURED),
    "aspect_ratio": Capability(_HONOURED),
    "ar": Capability(_HONOURED),
    "resolution": Capability(_APPROXIMATED, "1K and 2K; 4K is made as 2K."),
    "face_correct": Capability(_HONOURED, "A thorough retouch of the skin that keeps its pores."),
    "face_swap": Capability(
        _APPROXIMATED,
        "The face always is the person's own; this takes it from the sharpest photo.",
    ),
    "cfg_scale": Capability(
        _APPROXIMATED, "How strongly light and colour follow the words; 7.5 is usual."
    ),
    "steps": Capability(
        _APPROXIMATED,
        "Below 12 a draft without retouch; from 30 on with the photo's finest detail.",
    ),
    "use_lpw": Capability(_HONOURED, "Weights such as (office:1.3) count when words compete."),
    "style": Capability(_HONOURED, "All ten, and oil painting and impasto by words."),
    "color_grading": Capability(_HONOURED, "The three films."),
    "film_grain": Capability(_HONOURED),
    "super_resolution": Capability(
        _HONOURED, "Enlarges by interpolation that stays true to the source."
    ),
    "hires_fix": Capability(
        _APPROXIMATED,
        "Takes the person's texture from the photo; sharpens if it has none.",
    ),
    "inpaint_faces": Capability(
        _APPROXIMATED, "Takes the face's texture from the photo; sharpens if it has none."
    ),
    "input_image": Capability(_PLANNED, "Not yet."),
    "input_image_url": Capability(_PLANNED, "Not yet."),
    "mask_image": Capability(_PLANNED, "Not yet."),
    "mask_image_url": Capability(_PLANNED, "Not yet."),
    "denoising_strength": Capability(_PLANNED, "Not yet."),
    "controlnet": Capability(_PLANNED, "Not yet."),
    "controlnet_conditioning_scale": Capability(_PLANNED, "Not yet."),
    "controlnet_txt2img": Capability(_PLANNED, "Not yet."),
    "scheduler": Capability(_IGNORED, "Nothing is diffused here."),
    "backend_version": Capability(_IGNORED, "There is one version of this engine."),
    "lora_scale": Capability(_IGNORED, "There is no LoRA: the photos themselves are used."),
    "prompt_expansion": Capability(_IGNORED, "The words are taken as they are."),
    "callback": Capability(_HONOURED, "Sent by the portal, whatever the engine."),
}
