"""What the Studio engine does with every prompt parameter, in words for the form and the API."""

from __future__ import annotations

from ..base import Capability, Support

_HONOURED = Support.HONOURED
_APPROXIMATED = Support.APPROXIMATED
_IGNORED = Support.IGNORED

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
    "input_image": Capability(
        _APPROXIMATED,
        "Becomes the backdrop, its people painted out; a face in it gives place and size.",
    ),
    "input_image_url": Capability(_APPROXIMATED, "As the input image."),
    "mask_image": Capability(_HONOURED, "Where it is black the input image stays."),
    "mask_image_url": Capability(_HONOURED, "As the mask."),
    "denoising_strength": Capability(
        _APPROXIMATED, "How far the input image is defocused; at 1 the words choose the place."
    ),
    "controlnet": Capability(
        _APPROXIMATED,
        "pose and composition: place of the face; lineart, canny, hed and mlsd: lines; tile, "
        "reference and ipadapter: colours; depth and segroom: the place. qr is refused.",
    ),
    "controlnet_conditioning_scale": Capability(
        _APPROXIMATED, "How strongly lines and colours are taken over."
    ),
    "controlnet_txt2img": Capability(
        _HONOURED, "On: the place comes from the words, and the image only steers."
    ),
    "scheduler": Capability(_IGNORED, "Nothing is diffused here."),
    "backend_version": Capability(_IGNORED, "There is one version of this engine."),
    "lora_scale": Capability(_IGNORED, "There is no LoRA: the photos themselves are used."),
    "prompt_expansion": Capability(_IGNORED, "The words are taken as they are."),
}
