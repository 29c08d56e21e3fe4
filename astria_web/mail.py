"""Where mails go, read from one address."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

_BACKENDS = "django.core.mail.backends"
#: Seconds a mail server may take for each step.
TIMEOUT = 20
_PORTS = {"smtp": 587, "smtps": 465}


def mail_settings(address: str, folder: Path) -> dict[str, Any]:
    """Django's settings for EMAIL_URL; `folder` takes the mails of `file:`, which is the default.

    `smtp://user:password@host:587` asks for STARTTLS unless it ends in `?tls=none`; `smtps://…`
    speaks TLS from the start; `file:/a/folder` and `console:` send nothing. Raises ValueError for
    anything else.
    """
    parts = urlsplit(address or "file:")
    if parts.scheme == "console":
        return {"EMAIL_BACKEND": f"{_BACKENDS}.console.EmailBackend"}
    if parts.scheme == "file":
        folder = Path(parts.path) if parts.path else folder
        # Letters are as private as their recipients' mailboxes.
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return {
            "EMAIL_BACKEND": f"{_BACKENDS}.filebased.EmailBackend",
            "EMAIL_FILE_PATH": folder,
        }
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ValueError(
            "EMAIL_URL must be smtp://user:password@host:587, smtps://…, file: or console:"
        )
    tls = parse_qs(parts.query).get("tls", ["starttls"])[0]
    if tls not in ("starttls", "none"):
        raise ValueError("tls in EMAIL_URL must be starttls or none")
    return {
        "EMAIL_BACKEND": f"{_BACKENDS}.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or _PORTS[parts.scheme],
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_USE_TLS": parts.scheme == "smtp" and tls == "starttls",
        "EMAIL_TIMEOUT": TIMEOUT,
    }
