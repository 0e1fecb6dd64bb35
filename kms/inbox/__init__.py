"""What waits for one person: tasks that ask for an act, and messages that only tell."""
