"""Guarded download of links that others give us."""

from prompts.fetching.client import Fetched, fetch
from prompts.fetching.errors import FetchError, FetchFailed, FetchRefused
from prompts.fetching.transport import GuardedTransport

__all__ = ["FetchError", "FetchFailed", "FetchRefused", "Fetched", "GuardedTransport", "fetch"]
