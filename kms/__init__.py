"""Knowledge management for call centres: the domain, its JSON API and its commands."""
