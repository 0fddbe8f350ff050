"""Who a request comes from."""

from functools import wraps

from flask import Blueprint, current_app, g, jsonify, request

from backend import tokens
from backend.models import User

blueprint = Blueprint("auth", __name__, url_prefix="/api/auth")


def bearer():
    """Return the user whose token the request carries, or None."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    key = current_app.config.get("JWT_SECRET_KEY")
    if kind != "Bearer" or not key:
        return None
    name = tokens.subject_of(token, key)
    return name and User.query.filter_by(username=name).one_or_none()


def needs_token(view):
    """Answer 401 unless the request carries a valid token."""

    @wraps(view)
    def guarded(*args, **kwargs):
        g.user = bearer()
        if g.user is None:
            return jsonify(error="unauthorized"), 401
        return view(*args, **kwargs)

    return guarded


@blueprint.get("/user")
@needs_token
def user():
    """Show the user to whom the token belongs."""
    shown = {"id": g.user.id, "username": g.user.username}
    return jsonify(user={**shown, "email": g.user.email})
