"""Finding pictures by words, wherever in a text they stand, without reading every text.

The database keeps an index of the three-letter pieces of all prompts' texts: PostgreSQL by pg_trgm,
SQLite by an FTS5 table that triggers keep up to date. Both are made after migrating, because a
migration that rebuilds a table on SQLite takes its triggers along. A word that is found often needs
no index: whoever walks along the pictures in order meets enough of them soon.
"""

from __future__ import annotations

import logging
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.db.models import Q, QuerySet

from prompts.models import Image, Membership, Prompt, Tune

#: A word that more pictures or prompts have than these is found by walking.
MOST_IMAGES = 3_000
MOST_PROMPTS = 1_000
#: Further words of one search are left out.
MOST_WORDS = 8
#: Shorter words have no piece to be looked up by.
PIECE = 3

TABLE = "prompts_prompt"
INDEX = "prompts_prompt_search"
#: What SQLite needs, by name.
ON_SQLITE = {
    INDEX: """
        CREATE VIRTUAL TABLE IF NOT EXISTS prompts_prompt_search
        USING fts5(text, content='prompts_prompt', content_rowid='id', tokenize='trigram')
    """,
    f"{INDEX}_added": """
        CREATE TRIGGER IF NOT EXISTS prompts_prompt_search_added AFTER INSERT ON prompts_prompt
        BEGIN
            INSERT INTO prompts_prompt_search(rowid, text) VALUES (new.id, new.text);
        END
    """,
    f"{INDEX}_removed": """
        CREATE TRIGGER IF NOT EXISTS prompts_prompt_search_removed AFTER DELETE ON prompts_prompt
        BEGIN
            INSERT INTO prompts_prompt_search(prompts_prompt_search, rowid, text)
            VALUES ('delete', old.id, old.text);
        END
    """,
    f"{INDEX}_changed": """
        CREATE TRIGGER IF NOT EXISTS prompts_prompt_search_changed
        AFTER UPDATE OF text ON prompts_prompt WHEN old.text <> new.text
        BEGIN
            INSERT INTO prompts_prompt_search(prompts_prompt_search, rowid, text)
            VALUES ('delete', old.id, old.text);
            INSERT INTO prompts_prompt_search(rowid, text) VALUES (new.id, new.text);
        END
    """,
}
FILL_ON_SQLITE = "INSERT INTO prompts_prompt_search(prompts_prompt_search) VALUES ('rebuild')"
ON_POSTGRESQL = (
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    # As Django asks for `icontains`.
    """
        CREATE INDEX IF NOT EXISTS prompts_prompt_search
        ON prompts_prompt USING gin (upper(text) gin_trgm_ops)
    """,
)
# The cross join keeps SQLite from going through the team's prompts instead.
LOOK_UP_ON_SQLITE = """
    SELECT search.rowid
    FROM prompts_prompt_search search CROSS JOIN prompts_prompt prompt ON prompt.id = search.rowid
    WHERE search.text MATCH %s AND prompt.team_id = %s
    LIMIT %s
"""

logger = logging.getLogger(__name__)


def prepare_index(**kwargs: Any) -> None:
    """Makes the index where it is missing; receives `post_migrate`.

    A PostgreSQL user who may not add the extension goes without: the search is slower then.
    """
    with connection.cursor() as cursor:
        names = connection.introspection.table_names(cursor)
    if TABLE not in names:
        return  # migrated to an earlier state, on purpose
    if connection.vendor == "sqlite":
        _prepare_sqlite()
    elif connection.vendor == "postgresql":
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                for statement in ON_POSTGRESQL:
                    cursor.execute(statement)
        except DatabaseError as error:
            logger.warning("the search goes without an index: %s", error)


def _prepare_sqlite() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master")
        if ON_SQLITE.keys() <= {name for (name,) in cursor.fetchall()}:
            return
        for statement in ON_SQLITE.values():
            cursor.execute(statement)
        cursor.execute(FILL_ON_SQLITE)


def drop_deleted() -> None:
    """Rewrites SQLite's index without the pieces of texts that are gone: else it only marks them.

    https://www.sqlite.org/fts5.html#the_optimize_command
    """
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"INSERT INTO {INDEX}({INDEX}) VALUES ('optimize')")  # noqa: S608 - our own name


def with_words(images: QuerySet[Image], text: str, membership: Membership) -> QuerySet[Image]:
    """Those of `images` for which every word stands in the prompt's text or the person's name."""
    few: set[int] | None = None
    for word in text.split()[:MOST_WORDS]:
        found = _images_with(word, membership)
        if found is None:
            # As joins: asked by EXISTS, PostgreSQL would read all texts first.
            images = images.filter(Q(prompt__text__icontains=word) | Q(tune__title__icontains=word))
        else:
            few = found if few is None else few & found
    return images if few is None else images.filter(pk__in=sorted(few))


def _tunes_with(word: str, membership: Membership) -> QuerySet[Tune]:
    return Tune.objects.visible_to(membership).filter(title__icontains=word)


def _images_with(word: str, membership: Membership) -> set[int] | None:
    """Keys of the team's pictures with the word; None for too many."""
    # Without the team: named as well, it would lead SQLite through all its pictures.
    images = Image.objects.filter(trashed_at=None).order_by().values_list("pk", flat=True)
    tunes = list(_tunes_with(word, membership).values_list("pk", flat=True))
    found = set(images.filter(tune__in=tunes)[: MOST_IMAGES + 1])
    if len(found) > MOST_IMAGES:
        return None
    prompts = _prompts_with(word, membership.team_id)
    if len(prompts) > MOST_PROMPTS:
        return None
    found.update(images.filter(prompt__in=prompts)[: MOST_IMAGES + 1])
    return None if len(found) > MOST_IMAGES else found


def _prompts_with(word: str, team_id: int) -> list[int]:
    """Keys of the team's prompts with the word, one more than `MOST_PROMPTS` at most."""
    if connection.vendor != "sqlite" or len(word) < PIECE:
        prompts = Prompt.objects.filter(team_id=team_id, text__icontains=word).order_by()
        return list(prompts.values_list("pk", flat=True)[: MOST_PROMPTS + 1])
    phrase = '"{}"'.format(word.replace('"', '""'))
    with connection.cursor() as cursor:
        cursor.execute(LOOK_UP_ON_SQLITE, [phrase, team_id, MOST_PROMPTS + 1])
        return [key for (key,) in cursor.fetchall()]
