"""The product's settings, but for the waits between two tries at a service."""

from astria_web.settings import *  # noqa: F403 - all but what follows

REMOTE_PACE = 0.005
REMOTE_LOOK_INTERVAL = 0.05
