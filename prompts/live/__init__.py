"""Live pages: "this changed" travels from a transaction to the open windows of those who may know.

Whoever changes a row publishes topics in the same transaction. One hub in every web process reads
the changes and offers them to its server-sent-event streams; a stream passes on what its member
may hear. Events carry ids only, and the page fetches the fragment anew through the view that
checks access, so nothing is rendered for somebody else.
"""

from .publishing import prune_changes, publish, publish_about, publish_access, publish_access_of
from .views import stream

__all__ = [
    "prune_changes",
    "publish",
    "publish_about",
    "publish_access",
    "publish_access_of",
    "stream",
]
