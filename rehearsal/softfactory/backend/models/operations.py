"""What the application keeps about its own running."""

from backend.extensions import db
from backend.models.base import Model, flag, moment, number, refers, text


class StoredFile(Model):
    __tablename__ = "files"
    public_id = text(32, unique=True)
    owner_id = refers("users")
    name = text(255)
    media_type = text(100)
    size = number()
    sha256 = text(64)
    content = db.Column(db.LargeBinary, nullable=False)


class AuditEntry(Model):
    __tablename__ = "audit_log"
    user_id = refers("users", nullable=True)
    action = text(80)
    detail = db.Column(db.JSON, nullable=False)


class FeatureFlag(Model):
    __tablename__ = "feature_flags"
    name = text(60, unique=True)
    is_on = flag()


class BackgroundJob(Model):
    __tablename__ = "background_jobs"
    kind = text(60)
    payload = db.Column(db.JSON, nullable=False)
    attempts = number()
    finished_at = moment()
