"""The cast: Alice owns the team, Bob is in it, Vera looks, Charlie is outside."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from prompts.models import Role, Team, User
from tests import factories
from tests.factories import signed_in
from tests.processes import NewWorker, start_worker

#: Folders whose tests drive browsers and processes of their own.
SLOW = {"e2e", "astria"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--only-database",
        action="store_true",
        help="leave out tests that touch no database, for a second run on another one",
    )


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--only-database"):
        left_out = [item for item in items if not touches_database(item)]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if touches_database(item)]
    items[:] = spread(items)


def spread(items: list[pytest.Item]) -> list[pytest.Item]:
    """The slow files evenly among the first three quarters of the others.

    Side by side, they neither wait for one another nor for the last of them in the end.
    """
    files: dict[Path, list[pytest.Item]] = {}
    for item in items:
        files.setdefault(item.path, []).append(item)
    slow = [path for path in files if path.parent.name in SLOW]
    order = [path for path in files if path.parent.name not in SLOW]
    step = 1 + len(order) * 3 // (4 * max(1, len(slow)))
    for number, path in enumerate(slow):
        order.insert(number * step, path)
    return [item for path in order for item in files[path]]


def touches_database(item: pytest.Item) -> bool:
    """Whether a mark or one of its fixtures gives the test the database."""
    fixtures = set(getattr(item, "fixturenames", ()))
    return item.get_closest_marker("django_db") is not None or bool(
        fixtures & {"db", "transactional_db", "django_db_setup"}
    )


@pytest.fixture(autouse=True)
def fake_engine(settings: Settings) -> None:
    """Tests use the instant engine beside the real one."""
    settings.ENGINES = settings.ENGINES | {"fake": "prompts.engines.fake.FakeEngine"}


@pytest.fixture(autouse=True)
def media(tmp_path_factory: pytest.TempPathFactory, settings: Settings) -> str:
    """Every test has a media folder of its own."""
    folder = str(tmp_path_factory.mktemp("media"))
    settings.MEDIA_ROOT = folder
    settings.ENGINES = {**settings.ENGINES, "fake": "prompts.engines.fake.FakeEngine"}
    settings.STORAGES = {
        "default": {
            "BACKEND": "prompts.storage.AtomicFileSystemStorage",
            "OPTIONS": {"location": folder},
        },
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    return folder


@pytest.fixture
def folders(tmp_path: Path, media: str, settings: Settings) -> list[Path]:
    """Where files of this test lie."""
    settings.DATA_DIR = tmp_path / "data"
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(settings.DATA_DIR / "mail")
    return [tmp_path, Path(media)]


@pytest.fixture
def data_dir(tmp_path: Path, media: str, settings: Settings) -> Path:
    """Where processes and the test keep their files."""
    default = settings.STORAGES["default"] | {"OPTIONS": {"location": str(tmp_path / "media")}}
    settings.STORAGES = {**settings.STORAGES, "default": default}
    return tmp_path


@pytest.fixture
def new_worker(data_dir: Path, transactional_db: None) -> Iterator[NewWorker]:
    """Starts workers on the test database; they are gone before it is emptied."""
    started: list[subprocess.Popen[bytes]] = []

    def start(**variables: str) -> subprocess.Popen[bytes]:
        started.append(start_worker(data_dir, **{"LEASE_SECONDS": "2", **variables}))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


@pytest.fixture
def team(db: None) -> Team:
    return factories.create_team()


@pytest.fixture
def alice(team: Team) -> User:
    """Owns the team."""
    user = factories.create_user(name="Alice Ames", email="alice@example.com")
    factories.create_membership(team=team, user=user, role=Role.OWNER)
    return user


@pytest.fixture
def bob(team: Team) -> User:
    """A member of Alice's team."""
    user = factories.create_user(name="Bob Brown", email="bob@example.com")
    factories.create_membership(team=team, user=user, role=Role.MEMBER)
    return user


@pytest.fixture
def vera(team: Team) -> User:
    """A viewer in Alice's team."""
    user = factories.create_user(name="Vera Voss", email="vera@example.com")
    factories.create_membership(team=team, user=user, role=Role.VIEWER)
    return user


@pytest.fixture
def charlie(db: None) -> User:
    """Owns another team."""
    user = factories.create_user(name="Charlie Clay", email="charlie@example.com")
    other = factories.create_team(name="Other")
    factories.create_membership(team=other, user=user, role=Role.OWNER)
    return user


@pytest.fixture
def alice_client(alice: User) -> Client:
    return signed_in(alice)


@pytest.fixture
def bob_client(bob: User) -> Client:
    return signed_in(bob)


@pytest.fixture
def vera_client(vera: User) -> Client:
    return signed_in(vera)


@pytest.fixture
def charlie_client(charlie: User) -> Client:
    return signed_in(charlie)
