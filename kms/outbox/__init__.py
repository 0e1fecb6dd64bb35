"""Pending work, written in the domain's own transaction and done by the worker: at least once, in order per key."""
