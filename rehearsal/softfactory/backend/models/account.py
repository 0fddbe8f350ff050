"""People and how they log in."""

from backend.extensions import db
from backend.models.base import Model, flag, moment, refers, text


class User(Model):
    __tablename__ = "users"
    username = text(40, unique=True)
    email = text(254, unique=True)
    password_hash = text(255, nullable=True)
    is_active = flag(default=True)


class UserProfile(Model):
    __tablename__ = "user_profiles"
    user_id = refers("users", unique=True)
    display_name = text(80)
    biography = db.Column(db.Text)
    avatar_url = text(500, nullable=True)


class UserSetting(Model):
    __tablename__ = "user_settings"
    user_id = refers("users")
    name = text(60)
    value = text(500)
    __table_args__ = (db.UniqueConstraint("user_id", "name"),)


class Session(Model):
    __tablename__ = "sessions"
    user_id = refers("users")
    address = text(45)
    agent = text(500, nullable=True)
    expires_at = moment(nullable=False)


class OAuthAccount(Model):
    __tablename__ = "oauth_accounts"
    user_id = refers("users")
    provider = text(20)
    subject = text(255)
    __table_args__ = (db.UniqueConstraint("provider", "subject"),)


class RefreshToken(Model):
    __tablename__ = "refresh_tokens"
    user_id = refers("users")
    sha256 = text(64, unique=True)
    expires_at = moment(nullable=False)
    revoked_at = moment()


class TwoFactorDevice(Model):
    __tablename__ = "two_factor_devices"
    user_id = refers("users")
    kind = text(20)
    secret = text(255)
    confirmed_at = moment()


class LoginAttempt(Model):
    __tablename__ = "login_attempts"
    user_id = refers("users", nullable=True)
    address = text(45)
    succeeded = flag()


class Device(Model):
    __tablename__ = "devices"
    user_id = refers("users")
    platform = text(20)
    push_token = text(500, unique=True)
    seen_at = moment()
