"""Searching posts, reviews and people."""

from flask import Blueprint, current_app, jsonify, request

from backend.config import elasticsearch_url, is_on
from backend.search import SearchUnavailable, ask

blueprint = Blueprint("search", __name__, url_prefix="/api")

INDICES = "softfactory_posts,softfactory_reviews,softfactory_users"
FIELDS = ["title", "content", "username"]


@blueprint.get("/search")
def search():
    """Return the ten best hits for the words in `q`."""
    words = request.args.get("q", "")
    settings = current_app.config
    if not words:
        return jsonify(error="no words"), 400
    if not is_on(settings["ENABLE_ELASTICSEARCH"]):
        return jsonify(error="search is off"), 503
    query = {"multi_match": {"query": words, "fields": FIELDS}}
    try:
        found = ask(
            settings,
            elasticsearch_url(settings),
            "POST",
            f"/{INDICES}/_search",
            {"query": query, "size": 10},
        )
    except SearchUnavailable as error:
        current_app.logger.warning("search: %s", error)
        return jsonify(error="search is unavailable"), 503
    hits = [
        {"index": hit["_index"], "id": hit["_id"], **hit.get("_source", {})}
        for hit in found["hits"]["hits"]
    ]
    return jsonify(hits=hits, total=found["hits"]["total"]["value"])
