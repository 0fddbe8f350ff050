"""Files that people upload."""

import hashlib
import uuid

from flask import Blueprint, current_app, g, jsonify, request
from werkzeug.utils import secure_filename

from backend.api.auth import needs_token
from backend.extensions import db
from backend.models import StoredFile

blueprint = Blueprint("files", __name__, url_prefix="/api/files")


@blueprint.post("/upload")
@needs_token
def upload():
    """Keep a file and return its id and its public address."""
    given = request.files.get("file")
    if given is None or not given.filename:
        return jsonify(error="no file"), 400
    content = given.read()
    stored = StoredFile(
        public_id=uuid.uuid4().hex,
        owner_id=g.user.id,
        name=secure_filename(given.filename) or "file",
        media_type=given.mimetype or "application/octet-stream",
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        content=content,
    )
    db.session.add(stored)
    db.session.commit()
    domain = current_app.config.get("CLOUDFRONT_DOMAIN", "localhost")
    url = f"https://{domain}/files/{stored.public_id}/{stored.name}"
    return jsonify(file_id=stored.public_id, cdn_url=url), 201
