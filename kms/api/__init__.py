"""The JSON API and the application's parts put together."""
