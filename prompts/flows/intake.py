"""A person who comes whole: photos, consent, and the prompts to run once they are trained.

Pages collect a draft photo by photo; a program sends everything at once and is answered once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.core.files.storage import default_storage
from django.db import transaction

from prompts.audit import record
from prompts.imaging import CleanPhoto
from prompts.models import Consent, Photo, Tune, TuneStatus
from prompts.quotas import demand_images, demand_storage
from prompts.storage import delete_tree

from .photos import PhotoRefused, prepare_photo
from .prompts import submit_prompt
from .tunes import save_with_consent

#: As many photos are inspected side by side.
INSPECTORS = 2


class IntakeRefused(Exception):
    """Some photos cannot be used: what is wrong with each, in words."""

    def __init__(self, messages: Sequence[str]) -> None:
        super().__init__("; ".join(messages))
        self.messages = list(messages)


class Intake:
    """A new tune whose files are stored and whose rows are yet to be written.

    Whatever takes long happens in `__init__`; `commit` is short and may run in a transaction
    of the caller's. An intake that is not committed must be dropped.
    """

    def __init__(self, tune: Tune, photos: Sequence[tuple[str, CleanPhoto]]) -> None:
        """Inspects and stores the photos. Raises IntakeRefused, and then leaves nothing behind."""
        self.tune = tune
        unique = {photo.sha256: (name, photo) for name, photo in photos}
        try:
            self._photos = self._prepare(list(unique.values()))
        except BaseException:  # whatever it was, no file may stay
            self.drop()
            raise

    def _prepare(self, photos: list[tuple[str, CleanPhoto]]) -> list[Photo]:
        with ThreadPoolExecutor(INSPECTORS) as pool:
            results = list(pool.map(self._prepare_one, photos))
        if refusals := [result for result in results if isinstance(result, str)]:
            raise IntakeRefused(refusals)
        return [result for result in results if isinstance(result, Photo)]

    def _prepare_one(self, named: tuple[str, CleanPhoto]) -> Photo | str:
        name, photo = named
        try:
            row = prepare_photo(self.tune, name, photo)
        except PhotoRefused as refusal:
            return f"{name}: {refusal.message}"
        # Nobody can be asked; the engine ranks the photos and takes the best.
        row.use_anyway = bool(row.problems)
        return row

    def commit(self, consent: Consent, prompts: Iterable[Mapping[str, Any]] = ()) -> Tune:
        """Writes everything and queues the training.

        `prompts` are what `submit_prompt` takes; they wait until the training has ended. Raises
        QuotaExceeded.
        """
        prompts = list(prompts)
        tune = self.tune
        with transaction.atomic():
            demand_storage(tune.team, sum(photo.stored or 0 for photo in self._photos))
            wanted = sum(values["num_images"] for values in prompts)
            demand_images(tune.team, tune.owner, wanted, tune.engine)
            self.tune.status = TuneStatus.QUEUED
            self.tune.enter_line()
            save_with_consent(self.tune, consent)
            for photo in self._photos:
                photo.tune = self.tune
                photo.save(force_insert=True)
            record(
                self.tune.team,
                "training_started",
                actor=self.tune.owner,
                target=self.tune,
                photos=len(self._photos),
                engine=self.tune.engine,
            )
            for values in prompts:
                submit_prompt(tune=self.tune, author=self.tune.owner, **values)
        return self.tune

    def drop(self) -> None:
        """Takes the files away again."""
        delete_tree(default_storage, self.tune.prefix)
