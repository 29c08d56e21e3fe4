"""Documents that cannot rot."""

from __future__ import annotations

import re
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)
ENV_CALL = re.compile(r'env\.(?:text|flag|number|words)\(\s*["\']([A-Z_]+)["\']')


def variables_read() -> set[str]:
    """Every environment variable that our code asks for."""
    sources = [*ROOT.glob("astria_web/*.py"), *ROOT.glob("prompts/**/*.py")]
    return {name for source in sources for name in ENV_CALL.findall(source.read_text())}


def variables_documented() -> set[str]:
    table = (ROOT / "README.md").read_text().split("## Configuration")[1]
    names = re.findall(r"^\| (`[^|]+`) \|", table, re.M)
    return {name for cell in names for name in re.findall(r"`([A-Z_]+)`", cell)}


def test_readme_documents_exactly_the_variables_that_are_read() -> None:
    assert variables_documented() == variables_read() | {"SECRET_KEY"}


def test_readme_names_commands_that_exist() -> None:
    readme, makefile = (ROOT / "README.md").read_text(), (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z]+):", makefile, re.M))
    named = set(re.findall(r"(?:`|^)make ([a-z]+)", readme, re.M))
    assert named and named <= targets


def test_files_that_documents_link_to_exist() -> None:
    for document in ("README.md", "CONTRIBUTING.md"):
        links = re.findall(r"\]\((?!http)([^)#]+)\)", (ROOT / document).read_text())
        assert [link for link in links if not (ROOT / link).exists()] == []


def test_lock_files_name_no_host() -> None:
    for lock in ("requirements.txt", "requirements-dev.txt"):
        assert "://" not in (ROOT / lock).read_text()
