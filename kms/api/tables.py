"""Every table, imported in one place for migrations and tests."""

from sqlmodel import SQLModel

import kms.accounts.models
import kms.articles.models
import kms.audit.models
import kms.inbox.models
import kms.insight.models
import kms.outbox.models
import kms.search.models  # noqa: F401

METADATA = SQLModel.metadata
