"""People, groups, log-in, API keys and what each may do."""
