"""Articles: drafts, revisions, approval and publication."""
