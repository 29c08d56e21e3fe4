"""Addresses of the gateway; every resource also answers with `.json` behind its path."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.urls import URLPattern, path, re_path

from . import accounts, docs, files, inspection, pack_runs, packs, prompts, tunes
from .auth import unknown_address

app_name = "api"


def resource(route: str, view: Callable[..., Any], name: str) -> list[URLPattern]:
    """The address and its twin with `.json`, named `name` and `name.json`."""
    return [path(f"{route}.json", view, name=f"{name}.json"), path(route, view, name=name)]


urlpatterns = [
    # Documents
    path("docs", docs.docs, name="docs"),
    path("openapi.json", docs.openapi, name="openapi"),
    # Account
    *resource("users", accounts.users, "users"),
    *resource("workspaces", accounts.workspaces, "workspaces"),
    *resource("workspaces/<int:id>", accounts.workspace, "workspace"),
    *resource("cli/models", accounts.models, "models"),
    # Tunes
    *resource("tunes", tunes.tunes, "tunes"),
    *resource("gallery/tunes", tunes.gallery_tunes, "gallery_tunes"),
    *resource("tunes/<int:id>", tunes.tune, "tune"),
    # Prompts
    *resource("prompts", prompts.prompts, "prompts"),
    *resource("prompts/<int:id>", prompts.prompt, "prompt"),
    *resource("prompts/<int:id>/duplicate", prompts.prompt_duplicate, "duplicate"),
    *resource("prompts/<int:id>/likes", prompts.prompt_likes, "likes"),
    *resource("prompts/<int:id>/like", prompts.prompt_likes, "like"),
    *resource("tunes/<int:tune_id>/prompts", prompts.tune_prompts, "tune_prompts"),
    *resource("tunes/<int:tune_id>/prompts/<int:id>", prompts.prompt, "tune_prompt"),
    # Packs
    *resource("packs", packs.packs, "packs"),
    *resource("gallery/packs", packs.gallery_packs, "gallery_packs"),
    *resource("p/<slug:slug>", packs.pack, "pack"),
    *resource("p/<slug:slug>/tunes", pack_runs.run_pack, "run_pack"),
    *resource("themes", pack_runs.themes, "themes"),
    # Pictures
    *resource("images/inspect", inspection.inspect, "inspect"),
    re_path(rf"^files/{files.TOKEN}\.{files.SUFFIX}$", files.file, name="file"),
    # Whatever is none of the above, in any method.
    re_path(r"^(?P<path>[\s\S]*)\Z", unknown_address, name="unknown"),
]
