"""The append-only record of who changed, approved, exported or revealed what."""
