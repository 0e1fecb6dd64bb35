"""Every setting, read from `KMS_…` environment variables. `docs/settings.md` describes each one."""

from functools import lru_cache
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

MIB = 1024 * 1024


class Settings(BaseSettings):
    """Defaults are those of one machine with one command."""

    model_config = SettingsConfigDict(env_prefix="KMS_", extra="ignore")

    host: str = "127.0.0.1"
    port: int = Field(8000, ge=0, le=65535)
    data_dir: Path = Path("data")
    public_url: str = ""
    """Address that browsers use; empty: taken from each request's Host header."""
    trusted_proxies: str = "127.0.0.1"
    """Addresses, separated by commas, whose X-Forwarded-For is believed."""
    database_url: str = ""
    """Empty: SQLite in the data directory."""
    demo: bool = False
    """Sample people, whose password the terminal shows, may log in. Never in production."""
    demo_password: SecretStr = SecretStr("")
    """Password of the sample people; empty: a random one, kept in the data directory."""
    development: bool = False
    secret_key: SecretStr = SecretStr("")
    """Signs lookup tokens; empty: a random one, kept in the data directory."""
    log_json: bool = False

    session_idle_minutes: int = Field(480, ge=5)
    session_absolute_hours: int = Field(24, ge=1)
    password_min_length: int = Field(10, ge=8)
    login_failures_per_account: int = Field(5, ge=1)
    login_accounts_per_address: int = Field(20, ge=2)
    login_window_minutes: int = Field(15, ge=1)

    body_max_bytes: int = 32 * MIB
    attachment_max_bytes: int = 20 * MIB

    worker: bool = True
    """Run the outbox worker inside `kms serve`."""
    outbox_batch: int = Field(50, ge=1)
    outbox_lease_seconds: int = Field(120, ge=5)

    expired_grace_days: int = Field(90, ge=0)
    """How long an article without a valid rule is still found, folded."""
    provisional_max_hours: int = Field(72, ge=1)
    approval_due_hours: int = Field(48, ge=1)
    urgent_due_hours: int = Field(4, ge=1)
    lookup_retention_days: int = Field(365, ge=1)
    lookup_queue_size: int = Field(1000, ge=1)

    @property
    def database(self) -> str:
        """The SQLAlchemy URL in use."""
        return self.database_url or f"sqlite:///{self.data_dir / 'kms.sqlite3'}"

    @property
    def index_dir(self) -> Path:
        """Where the embedded index lives; may be deleted, it is rebuilt from the database."""
        return self.data_dir / "index"

    @property
    def attachments_dir(self) -> Path:
        return self.data_dir / "attachments"


@lru_cache
def get_settings() -> Settings:
    """The process's settings, read once."""
    return Settings()
