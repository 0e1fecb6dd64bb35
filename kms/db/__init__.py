"""The relational database: engine, column types and sessions."""
