"""Account, workspaces, models."""

from __future__ import annotations

from .answers import created, found, listed
from .tables import BOOLEAN, Answer, Field, Operation, Resource, ref

_TITLE = {"type": "string", "maxLength": 120}
_ID = {"id": 1}
_WORKSPACE = (
    Field("title", _TITLE, "What the workspace is called.", required=True),
    Field(
        "api_idempotency",
        BOOLEAN,
        "A tune with the same title, or a prompt with the same values, is not made a second time.",
    ),
)
_WORKSPACE_CHANGE = tuple(Field(f.name, f.schema, f.help) for f in _WORKSPACE)

ACCOUNT = Resource(
    "Account",
    "Who calls, and for which workspace. A workspace is what the pages call a team. Every call "
    "takes the header `X-Workspace-Id` with the number of one, or `all` to read from every one; "
    "without it the key's own counts.",
    (
        Operation("GET", "users", "The account behind the key", found("Account")),
        Operation(
            "GET",
            "workspaces",
            "List your workspaces",
            listed("Workspace", "Every workspace of the key's user."),
        ),
        Operation(
            "POST",
            "workspaces",
            "Create a workspace",
            created("Workspace"),
            notes="For keys of admins. Their user becomes its owner.",
            body="workspace",
            fields=_WORKSPACE,
            example=(("workspace[title]", "Sales"),),
        ),
        Operation("GET", "workspace", "Retrieve a workspace", found("Workspace"), path_values=_ID),
        Operation(
            "PATCH",
            "workspace",
            "Change a workspace",
            found("Workspace"),
            notes="For keys of its admins.",
            path_values=_ID,
            body="workspace",
            fields=_WORKSPACE_CHANGE,
            example=(("workspace[title]", "Sales"),),
        ),
        Operation(
            "GET",
            "models",
            "List the models there are",
            {200: Answer("The models, by name.", ref("Models"))},
            notes="Needs no key.",
            needs_key=False,
        ),
    ),
)
