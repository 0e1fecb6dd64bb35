"""Lookups: the question, what was shown and what came of it; and the index that answers."""
