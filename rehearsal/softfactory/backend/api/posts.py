"""What people write."""

from flask import Blueprint, g, jsonify, request

from backend import realtime
from backend.api.auth import needs_token
from backend.extensions import db
from backend.models import Post

blueprint = Blueprint("posts", __name__, url_prefix="/api/posts")


@blueprint.post("")
@needs_token
def create():
    """Keep a post and tell everybody who listens on /sns."""
    given = request.get_json(silent=True) or {}
    title, content = (str(given.get(key, "")) for key in ("title", "content"))
    if not title:
        return jsonify(error="no title"), 400
    post = Post(author_id=g.user.id, title=title, content=content)
    db.session.add(post)
    db.session.commit()
    shown = {"id": post.id, "title": title, "author": g.user.username}
    realtime.tell("/sns", "post:created", shown)
    return jsonify(post=shown), 201
