"""Whether the application can serve."""

import redis
from flask import Blueprint, current_app, jsonify
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from backend import VERSION
from backend.extensions import db

blueprint = Blueprint("health", __name__, url_prefix="/api")


@blueprint.get("/health")
def health():
    """Say ok only when PostgreSQL and Redis both answer."""
    checks = {"postgresql": has_postgresql(), "redis": has_redis()}
    is_ok = all(checks.values())
    status = "ok" if is_ok else "unavailable"
    body = jsonify(status=status, version=VERSION, checks=checks)
    return body, 200 if is_ok else 503


def has_postgresql():
    """Return whether PostgreSQL answers a query."""
    try:
        db.session.execute(text("select 1"))
        return True
    except SQLAlchemyError as error:
        current_app.logger.warning("PostgreSQL: %s", type(error).__name__)
        return False


def has_redis():
    """Return whether Redis answers a ping."""
    try:
        return bool(current_app.extensions["redis"].ping())
    except redis.RedisError as error:
        current_app.logger.warning("Redis: %s", type(error).__name__)
        return False
