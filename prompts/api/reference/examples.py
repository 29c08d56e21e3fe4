"""Calls as they are written in curl, Python and JavaScript."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass

from .tables import Operation, example_path

LANGUAGES = {"curl": "curl", "python": "Python", "javascript": "JavaScript"}


@dataclass(frozen=True)
class Sample:
    """A call in one language."""

    language: str
    code: str

    @property
    def label(self) -> str:
        return LANGUAGES[self.language]


def samples(operation: Operation, origin: str) -> list[Sample]:
    """The example of this operation in every language; `origin` is https://portal.example.com."""
    url = f"{origin}{example_path(operation)}"
    return [
        Sample("curl", curl(operation, url)),
        Sample("python", python(operation, url)),
        Sample("javascript", javascript(operation, url)),
    ]


def curl(operation: Operation, url: str) -> str:
    """For a shell in which API_KEY is set."""
    method = f" -X {operation.method}" if operation.method != "GET" else ""
    lines = [f"curl{method} {shlex.quote(url)}"]
    if operation.needs_key:
        lines.append('  -H "Authorization: Bearer $API_KEY"')
    lines += [f"  -F {shlex.quote(f'{name}={value}')}" for name, value in operation.example]
    return " \\\n".join(lines)


def python(operation: Operation, url: str) -> str:
    """For requests."""
    arguments = [json.dumps(url)]
    if operation.needs_key:
        arguments.append('headers={"Authorization": f"Bearer {os.environ[\'API_KEY\']}"}')
    values = [pair for pair in operation.example if not pair[1].startswith("@")]
    files = [(name, value[1:]) for name, value in operation.example if value.startswith("@")]
    if values:
        arguments.append(f"data=[{_python_pairs(values)}]")
    if files:
        opened = "".join(f'\n        ("{name}", open("{file}", "rb")),' for name, file in files)
        arguments.append(f"files=[{opened}\n    ]")
    call = f"requests.{operation.method.lower()}"
    body = ",\n    ".join(arguments)
    return (
        f"import os\n\nimport requests\n\nresponse = {call}(\n    {body},\n)\n"
        "response.raise_for_status()\nprint(response.text)"
    )


def _python_pairs(pairs: list[tuple[str, str]]) -> str:
    lines = "".join(f"\n        ({_quoted(name)}, {_quoted(value)})," for name, value in pairs)
    return f"{lines}\n    "


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def javascript(operation: Operation, url: str) -> str:
    """For Node 20 and newer, without a package."""
    lines = []
    if any(value.startswith("@") for _, value in operation.example):
        lines.append('import { openAsBlob } from "node:fs";\n')
    if operation.example:
        lines.append("const form = new FormData();")
    for name, value in operation.example:
        if value.startswith("@"):
            file = _quoted(value[1:])
            lines.append(f"form.append({_quoted(name)}, await openAsBlob({file}), {file});")
        else:
            lines.append(f"form.append({_quoted(name)}, {_quoted(value)});")
    options = []
    if operation.method != "GET":
        options.append(f'method: "{operation.method}"')
    if operation.needs_key:
        options.append("headers: { Authorization: `Bearer ${process.env.API_KEY}` }")
    if operation.example:
        options.append("body: form")
    listed = "".join(f"\n  {option}," for option in options)
    lines.append(
        f"const response = await fetch({_quoted(url)}, {{{listed}\n}});"
        if options
        else f"const response = await fetch({_quoted(url)});"
    )
    lines += [
        "if (!response.ok) throw new Error(await response.text());",
        "console.log(await response.text());",
    ]
    return "\n".join(lines)
