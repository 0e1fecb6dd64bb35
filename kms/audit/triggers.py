"""Database triggers that make the audit record append-only; a migration installs them."""

SQLITE = (
    "CREATE TRIGGER audit_record_no_update BEFORE UPDATE ON audit_record "
    "BEGIN SELECT RAISE(ABORT, 'audit_record is append-only'); END",
    "CREATE TRIGGER audit_record_no_delete BEFORE DELETE ON audit_record "
    "BEGIN SELECT RAISE(ABORT, 'audit_record is append-only'); END",
)

POSTGRESQL = (
    "CREATE FUNCTION audit_record_refuse() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'audit_record is append-only'; END $$",
    "CREATE TRIGGER audit_record_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_record "
    "FOR EACH STATEMENT EXECUTE FUNCTION audit_record_refuse()",
)


def statements(dialect: str) -> tuple[str, ...]:
    """The statements for `sqlite` or `postgresql`."""
    return POSTGRESQL if dialect == "postgresql" else SQLITE
