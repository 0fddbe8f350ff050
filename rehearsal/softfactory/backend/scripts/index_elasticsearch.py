"""Brings posts, reviews and users from PostgreSQL into Elasticsearch.

The indices must be there. Documents keep their number, so running it again
writes the same documents. Name --posts, --reviews or --users for some only.
"""

import argparse
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from backend.app import app  # noqa: E402
from backend.config import elasticsearch_url  # noqa: E402
from backend.models import Post, Review, User  # noqa: E402
from backend.search import SearchUnavailable, ask  # noqa: E402

# Fields of each kind; all have `created_at` besides.
KINDS = {
    "posts": (Post, ("title", "content")),
    "reviews": (Review, ("title", "content", "rating")),
    "users": (User, ("username",)),
}
BATCH = 500


def lines(index, rows, fields):
    """Yield the body of a bulk request, two lines for each row."""
    for row in rows:
        document = {name: getattr(row, name) for name in fields}
        document["created_at"] = row.created_at.isoformat()
        yield json.dumps({"index": {"_index": index, "_id": str(row.id)}})
        yield json.dumps(document)


def bring(kind):
    """Index all rows of a kind; return how many there are."""
    model, fields = KINDS[kind]
    index = f"softfactory_{kind}"
    url = elasticsearch_url(app.config)
    count = 0
    last = 0
    while True:
        query = model.query.filter(model.id > last).order_by(model.id)
        rows = query.limit(BATCH).all()
        if not rows:
            break
        body = "\n".join(lines(index, rows, fields)) + "\n"
        answer = ask(
            app.config,
            url,
            "POST",
            "/_bulk",
            body.encode(),
            "application/x-ndjson",
        )
        if answer.get("errors"):
            raise SearchUnavailable(f"some documents of {index} were refused")
        count += len(rows)
        last = rows[-1].id
    ask(app.config, url, "POST", f"/{index}/_refresh")
    return count


def main():
    """Index what was asked for, or everything."""
    parser = argparse.ArgumentParser(description=__doc__)
    for kind in KINDS:
        parser.add_argument(f"--{kind}", action="store_true")
    asked = vars(parser.parse_args())
    chosen = [kind for kind in KINDS if asked[kind]] or list(KINDS)
    with app.app_context():
        try:
            for kind in chosen:
                print(f"softfactory_{kind}: {bring(kind)}")
        except SearchUnavailable as error:
            sys.exit(f"Elasticsearch: {error}")


if __name__ == "__main__":
    main()
