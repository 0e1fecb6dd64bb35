"""Articles as files: Markdown with front matter, and JSON lines. Import and export."""
