"""Addresses of the pages, grouped by resource, names prefixed with it."""

from django.urls import path

from prompts import live
from prompts.views import gallery, home, images, photos, prompts, reference, teams, tunes

urlpatterns = [
    # The frame
    path("", home.home, name="home"),
    path("setup/", home.setup, name="setup"),
    path("health/", home.health, name="health"),
    path("live/", live.stream, name="live"),
    path("parameters/", reference.parameters, name="parameters"),
    path("developing/", home.developing, name="developing"),
    # Teams
    path("teams/<str:public_id>/switch/", teams.team_switch, name="team_switch"),
    path("settings/", teams.team_settings, name="team_settings"),
    path("settings/backdrop/", teams.team_backdrop, name="team_backdrop"),
    path("presets/<slug:slug>/backdrop.jpg", teams.preset_backdrop, name="preset_backdrop"),
    # Tunes
    path("tunes/", tunes.tune_list, name="tune_list"),
    path("tunes/new/", tunes.tune_new, name="tune_new"),
    path("tunes/<str:public_id>/", tunes.tune_detail, name="tune_detail"),
    path("tunes/<str:public_id>/edit/", tunes.tune_edit, name="tune_edit"),
    path("tunes/<str:public_id>/train/", tunes.tune_train, name="tune_train"),
    path("tunes/<str:public_id>/retry/", tunes.tune_retry, name="tune_retry"),
    path("tunes/<str:public_id>/reopen/", tunes.tune_reopen, name="tune_reopen"),
    path("tunes/<str:public_id>/delete/", tunes.tune_delete, name="tune_delete"),
    path("tunes/<str:public_id>/status/", tunes.tune_status, name="tune_status"),
    path("tunes/<str:public_id>/photos/", photos.photo_upload, name="photo_upload"),
    path("tunes/<str:public_id>/composer/", prompts.composer, name="composer"),
    path("tunes/<str:public_id>/prompts/", prompts.prompt_list, name="prompt_list"),
    path("tunes/<str:public_id>/images.zip", images.tune_zip, name="tune_zip"),
    path("tunes/<str:public_id>/samples/<slug:slug>.webp", tunes.tune_sample, name="tune_sample"),
    # Photos
    path("photos/<str:public_id>/keep/", photos.photo_keep, name="photo_keep"),
    path("photos/<str:public_id>/delete/", photos.photo_delete, name="photo_delete"),
    path("photos/<str:public_id>/thumb.webp", photos.photo_thumb, name="photo_thumb"),
    path("photos/<str:public_id>/photo.jpg", photos.photo_file, name="photo_file"),
    # Prompts
    path("prompts/<str:public_id>/", prompts.prompt_detail, name="prompt_detail"),
    path("prompts/<str:public_id>/cancel/", prompts.prompt_cancel, name="prompt_cancel"),
    path("prompts/<str:public_id>/retry/", prompts.prompt_retry, name="prompt_retry"),
    path("prompts/<str:public_id>/delete/", prompts.prompt_delete, name="prompt_delete"),
    path("prompts/<str:public_id>/images.zip", images.prompt_zip, name="prompt_zip"),
    # Images
    path("gallery/", gallery.gallery, name="gallery"),
    path("images/<str:public_id>/", images.image_detail, name="image_detail"),
    path("images/<str:public_id>/original/", images.image_original, name="image_original"),
    path("images/<str:public_id>/<int:size>.webp", images.image_thumb, name="image_thumb"),
]
