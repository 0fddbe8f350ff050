"""The search cluster, over HTTP."""

import base64
import json
import urllib.error
import urllib.request


class SearchUnavailable(Exception):
    """The search cluster did not answer as it should."""


def ask(settings, url, method, path, body=None, kind="application/json"):
    """Send one request to Elasticsearch and return its JSON answer."""
    data = body if body is None or isinstance(body, bytes) else dump(body)
    request = urllib.request.Request(url + path, data=data, method=method)
    request.add_header("Content-Type", kind)
    password = settings.get("ELASTICSEARCH_PASSWORD")
    if password:
        user = settings.get("ELASTICSEARCH_USERNAME") or "elastic"
        login = base64.b64encode(f"{user}:{password}".encode()).decode()
        request.add_header("Authorization", f"Basic {login}")
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            return json.load(response)
    except urllib.error.HTTPError as error:
        raise SearchUnavailable(f"HTTP {error.code} at {path}") from error
    except (OSError, ValueError) as error:
        raise SearchUnavailable(f"no answer at {path}: {error}") from error


def dump(body):
    """Return a value as JSON in bytes."""
    return json.dumps(body).encode()
