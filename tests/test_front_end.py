"""Conventions of templates, styles and scripts that a browser would only tell at run time."""

from __future__ import annotations

import re
from pathlib import Path

import lucide
import pytest
from django.template.loader import get_template

ROOT = Path(__file__).parent.parent
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SCRIPTS = sorted((ROOT / "static" / "js").glob("*.js"))
STYLES = sorted((ROOT / "static" / "css").glob("*.css"))
KIB = 1024


def named(paths: list[Path]) -> list[object]:
    return [pytest.param(path, id=str(path.relative_to(ROOT))) for path in paths]


@pytest.mark.parametrize("path", named(TEMPLATES))
def test_every_template_can_be_parsed(path: Path) -> None:
    get_template(str(path.relative_to(ROOT / "templates")))


@pytest.mark.parametrize("path", named(TEMPLATES))
def test_templates_keep_to_the_content_security_policy(path: Path) -> None:
    source = path.read_text()
    assert not re.search(r"\sstyle=|<style|javascript:", source)
    assert not re.search(r"\son[a-z]+=", source)
    assert not re.search(r"<script(?![^>]*\bsrc=)", source)


@pytest.mark.parametrize("path", named(TEMPLATES))
def test_icons_exist(path: Path) -> None:
    for name in re.findall(r'{% icon "([\w-]+)"', path.read_text()):
        lucide._render_icon(name, 16)


@pytest.mark.parametrize("path", named(TEMPLATES))
def test_buttons_without_words_have_a_name(path: Path) -> None:
    for button in re.findall(r"<button[^>]*>{% icon [^%]*%}</button>", path.read_text()):
        assert "aria-label=" in button, button


@pytest.mark.parametrize("path", named(TEMPLATES))
def test_posting_forms_carry_the_token(path: Path) -> None:
    for form in re.findall(r'<form[^>]*method="post".*?</form>', path.read_text(), re.DOTALL):
        assert "{% csrf_token %}" in form, form[:120]


@pytest.mark.parametrize("path", named(TEMPLATES))
def test_static_files_exist(path: Path) -> None:
    for name in re.findall(r"{% static '([^']+)' %}", path.read_text()):
        assert (ROOT / "static" / name).is_file(), name


def test_every_component_is_imported_once_into_its_layer() -> None:
    index = (ROOT / "static" / "css" / "app.css").read_text()
    imported = re.findall(r'@import url\("([\w-]+\.css)"\) layer\((\w+)\);', index)
    layers = re.findall(r"@layer ([\w, ]+);", index)[0].split(", ")
    assert sorted(name for name, _ in imported) == sorted(
        path.name for path in STYLES if path.name != "app.css"
    )
    assert [layer for _, layer in imported] == sorted(
        (layer for _, layer in imported), key=layers.index
    )


def test_styles_use_only_known_tokens() -> None:
    source = "".join(path.read_text() for path in STYLES)
    defined = set(re.findall(r"(--[\w-]+)\s*:", source))
    used = set(re.findall(r"var\((--[\w-]+)\)", source))
    assert used <= defined


def test_scripts_stand_alone() -> None:
    for path in SCRIPTS:
        assert not re.search(r"^\s*(import|export)\b", path.read_text(), re.MULTILINE), path.name


def test_what_a_browser_loads_stays_small() -> None:
    assert sum(path.stat().st_size for path in STYLES) <= 90 * KIB
    assert sum(path.stat().st_size for path in SCRIPTS) <= 88 * KIB


def test_fragments_inherit_nothing_from_what_surrounds_them() -> None:
    config = re.search(
        r"htmx-config\" content='([^']+)'", (ROOT / "templates/base.html").read_text()
    )
    assert config and '"disableInheritance": true' in config.group(1)
