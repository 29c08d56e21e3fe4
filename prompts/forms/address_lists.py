"""Lists of people as they are pasted from mails and exported from tables."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from prompts.models import INVITED_ROLES, Role

#: So many people one list may hold.
MAX_ENTRIES = 500
MAX_ADDRESS = 254
MAX_NAME = 120
# Both look only where a part begins, so that a long text takes no more than its length.
_NAMED = re.compile(
    r'(?:"([^"\n]{0,200})"|(?<![^"<>,;\n])([^"<>,;\n]*))\s{0,9}<\s{0,9}(?:mailto:)?([^<>\s]+)\s{0,9}>'
)
_BARE = re.compile(r"(?<![^\s,;<>\"()])(?:mailto:)?([^\s,;<>\"()@]+@[^\s,;<>\"()]+)")
_BETWEEN = re.compile(r"[,;\n\r\t]+")
_HEADS = {
    "email": {"email", "e-mail", "mail", "address", "e-mail address", "email address"},
    "name": {"name", "full name", "person"},
    "role": {"role"},
}
_ROLES = {word.lower(): role for role in Role for word in (role.value, role.label)}


@dataclass(frozen=True)
class Entry:
    """Somebody to be invited: address in lower case, name or "", role."""

    email: str
    name: str
    role: Role


@dataclass(frozen=True)
class Line:
    """One line of a table: its number from 1, and what is in it, or what is wrong with it."""

    number: int
    text: str
    entry: Entry | None = None
    error: str = ""


def read_pasted(text: str, role: Role) -> tuple[list[Entry], list[str]]:
    """The people in a pasted text, each address once, and what in it could not be understood.

    Takes addresses between commas, semicolons, spaces or lines, with names or without.
    """
    found: dict[str, Entry] = {}
    problems: list[str] = []

    def take(name: str, address: str) -> str:
        email, problem = _clean_address(address)
        if problem:
            problems.append(problem)
        elif email not in found:
            found[email] = Entry(email, name.strip()[:MAX_NAME], role)
        return ","

    rest = _NAMED.sub(lambda match: take(match[1] or match[2] or "", match[3]), text)
    rest = _BARE.sub(lambda match: take("", match[1].strip(".:")), rest)
    problems += [_no_address(part) for part in _BETWEEN.split(rest) if part.strip(" .")]
    return list(found.values()), problems


def read_table(text: str, default: Role = Role.MEMBER) -> list[Line]:
    """A table with a column of addresses, and perhaps one of names and one of roles.

    Commas, semicolons or tabs divide; a first line that names the columns may stand in any order,
    without one they are e-mail, name, role. Empty lines are left out.
    """
    head = text.split("\n", 1)[0]
    divider = max(",;\t", key=head.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=divider)
    numbered = [(rows.line_num, [cell.strip() for cell in row]) for row in rows]
    numbered = [(number, row) for number, row in numbered if any(row)]
    columns = _columns(numbered[0][1]) if numbered else {}
    if columns:
        numbered = numbered[1:]
    seen: set[str] = set()
    lines = []
    for number, row in numbered:
        entry, error = _entry(row, columns or {"email": 0, "name": 1, "role": 2}, default)
        if entry is not None:
            if entry.email in seen:
                error = f"{entry.email} stands above already."
            seen.add(entry.email)
        shown = ", ".join(filter(None, row))[:200]
        lines.append(Line(number, shown, None if error else entry, error))
    return lines


def write_table(entries: list[Entry]) -> str:
    """What `read_table` reads again as the same entries."""
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(["email", "name", "role"])
    rows.writerows([entry.email, entry.name, entry.role.value] for entry in entries)
    return out.getvalue()


def _columns(row: list[str]) -> dict[str, int]:
    """Which column holds what, by a first line that names them; {} for one that does not."""
    words = [cell.lower() for cell in row]
    found = {
        kind: number
        for number, word in enumerate(words)
        for kind, names in _HEADS.items()
        if word in names
    }
    return found if "email" in found else {}


def _entry(row: list[str], columns: dict[str, int], default: Role) -> tuple[Entry | None, str]:
    def cell(kind: str) -> str:
        number = columns.get(kind, len(row))
        return row[number] if number < len(row) else ""

    email, problem = _clean_address(cell("email"))
    if problem:
        return None, problem
    word = cell("role").lower()
    role = _ROLES.get(word) if word else default
    if role is None:
        return None, f"“{cell('role')}” is no role. Write admin, member or viewer."
    if role not in INVITED_ROLES:
        return None, "Nobody is invited as an owner. Owners are made in the team."
    return Entry(email, cell("name")[:MAX_NAME], role), ""


def _clean_address(address: str) -> tuple[str, str]:
    """The address in lower case, or what is wrong with it."""
    email = address.strip().strip("'").lower()
    if not email:
        return "", "There is no address in this line."
    try:
        if len(email) > MAX_ADDRESS:
            raise ValidationError("too long")
        validate_email(email)
    except ValidationError:
        return "", _no_address(address)
    return email, ""


def _no_address(text: str) -> str:
    return f"“{text.strip()[:80]}” is no e-mail address."
