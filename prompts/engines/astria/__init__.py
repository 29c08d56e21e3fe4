"""Astria, or anything that speaks its API, as an engine."""
