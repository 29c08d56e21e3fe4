"""Forms of tunes and their photos."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import RegexValidator

from prompts.engines.registry import get_engine, hands_over
from prompts.imaging import CleanPhoto, RefusedImage, clean_photo
from prompts.models import CLASS_NAMES, DEFAULT_TOKEN, MAX_PHOTOS, MIN_PHOTOS, Consent, Tune

CONSENT_TEXT = (
    "I confirm that the person in these photos knows that this team makes pictures of them with "
    "this portal, agrees to it, and can withdraw at any time. Withdrawing deletes the photos and "
    "everything made from them."
)

SENT_AWAY = (
    "The photos are sent to {service}, which trains on them and makes the pictures, and deletes "
    "them after 30 days."
)


def consent_text(engine: str) -> str:
    """The words to be agreed to, for a person who is trained with that engine."""
    if not hands_over(engine):
        return CONSENT_TEXT
    return f"{CONSENT_TEXT} {SENT_AWAY.format(service=get_engine(engine).label)}"


NamedPhoto = tuple[str, CleanPhoto]
#: Programs give classes of their own, some with a number that makes them unique.
CLASS_NAME_FORM = "[A-Za-z][A-Za-z0-9 _-]*"


class ManyFilesInput(forms.ClearableFileInput):
    """A file input that takes several files."""

    allow_multiple_selected = True


class PhotosField(forms.FileField):
    """Several photos, each through the guarded path: cleans to a list of (name, CleanPhoto)."""

    widget = ManyFilesInput

    def clean(self, data: Any, initial: Any = None) -> list[NamedPhoto]:
        """Refuses all if one is refused, naming each bad file.

        The number is judged before the first is decoded: decoding is what costs.
        """
        files: list[UploadedFile] = [f for f in (data or []) if f]
        if not files:
            return []
        if not MIN_PHOTOS <= len(files) <= MAX_PHOTOS:
            raise forms.ValidationError(count_message(len(files)), code="count")
        with ThreadPoolExecutor(max_workers=2) as pool:
            results = list(pool.map(_clean_or_refuse, files))
        refusals = [message for _, message in results if message]
        if refusals:
            raise forms.ValidationError(
                [forms.ValidationError(message, code="refused") for message in refusals]
            )
        photos = zip(files, (photo for photo, _ in results), strict=True)
        return [(file.name or "photo", photo) for file, photo in photos if photo]


def _clean_or_refuse(file: UploadedFile) -> tuple[CleanPhoto | None, str]:
    try:
        return clean_photo(file, name=file.name or "photo"), ""
    except RefusedImage as refusal:
        return None, f"{file.name}: {refusal.message}"


def count_message(count: int) -> str:
    """Says what is wrong with that number of photos."""
    if count > MAX_PHOTOS:
        return f"{count} photos are too many: at most {MAX_PHOTOS}."
    few = "1 photo is" if count == 1 else f"{count} photos are" if count else "No photos are"
    return f"{few} too few: training needs at least {MIN_PHOTOS}."


class TuneSettingsForm(forms.ModelForm):
    """Who it is: what may also be changed later."""

    name = forms.CharField(
        label="Class",
        max_length=40,
        initial="person",
        help_text="What the engine should take the subject for.",
        validators=[RegexValidator(rf"^{CLASS_NAME_FORM}\Z", "A word such as man, woman or dog.")],
        widget=forms.Select(choices=[(name, name) for name in CLASS_NAMES]),
    )
    token = forms.CharField(
        label="Trigger word",
        max_length=40,
        initial=DEFAULT_TOKEN,
        required=False,
        help_text="A rare word that stands for this person in every text.",
        validators=Tune._meta.get_field("token").validators,
    )

    class Meta:
        model = Tune
        fields: tuple[str, ...] = ("title", "name", "token", "visibility")
        labels = {"title": "Name", "visibility": "Who may see the pictures"}

    def clean_name(self) -> str:
        return str(self.cleaned_data["name"]).lower()

    def clean_token(self) -> str:
        return self.cleaned_data["token"] or DEFAULT_TOKEN


class TuneForm(TuneSettingsForm):
    """A new tune: who, consent, and (in one go, without a script) the photos."""

    consent_relation = forms.ChoiceField(
        label="Whose photos are these?",
        choices=Consent.Relation,
        initial=Consent.Relation.SELF,
        widget=forms.RadioSelect,
    )
    consent_subject = forms.CharField(
        label="Name of the person in the photos",
        max_length=120,
        required=False,
        help_text="Empty: the name above.",
    )
    consent = forms.BooleanField(
        label=CONSENT_TEXT,
        error_messages={"required": "Without this agreement no photo may be stored."},
    )
    base_tune_id = forms.IntegerField(
        label="Train on",
        required=False,
        min_value=1,
        max_value=2**63 - 1,
        help_text="The number of a tune at Astria. Empty: Flux, the usual choice for people.",
    )
    photos = PhotosField(label="Photos", required=False)

    def __init__(self, *args: Any, photos_required: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.photos_required = photos_required

    def clean_photos(self) -> list[NamedPhoto]:
        photos: list[NamedPhoto] = self.cleaned_data["photos"]
        if self.photos_required and not photos:
            raise forms.ValidationError(count_message(0), code="count")
        hashes = [photo.sha256 for _, photo in photos]
        unique = [pair for i, pair in enumerate(photos) if hashes.index(pair[1].sha256) == i]
        if photos and len(unique) < MIN_PHOTOS:
            raise forms.ValidationError(
                f"Only {len(unique)} of these photos differ: training needs at least {MIN_PHOTOS}.",
                code="count",
            )
        return unique

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        cleaned["consent_subject"] = cleaned.get("consent_subject") or cleaned.get("title", "")
        return cleaned


class PhotoForm(forms.Form):
    """One photo of an upload that comes file by file."""

    photo = forms.FileField(label="Photo")

    def clean_photo(self) -> NamedPhoto:
        file: UploadedFile = self.cleaned_data["photo"]
        try:
            return file.name or "photo", clean_photo(file, name=file.name or "photo")
        except RefusedImage as refusal:
            raise forms.ValidationError(refusal.message, code=refusal.code) from refusal
