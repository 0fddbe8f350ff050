"""Bearer tokens: JSON Web Tokens signed with HMAC-SHA256 (RFC 7519)."""

import base64
import hashlib
import hmac
import json
import time

HEADER = {"alg": "HS256", "typ": "JWT"}


def issue(subject, key, lifetime):
    """Return a token that says who its bearer is, for some seconds."""
    now = int(time.time())
    claims = {"sub": subject, "iat": now, "exp": now + lifetime}
    signed = ".".join(encode(json.dumps(part)) for part in (HEADER, claims))
    return f"{signed}.{signature(signed, key)}"


def subject_of(token, key):
    """Return the subject of a valid token, or None."""
    try:
        head, claims, given = token.split(".")
        header, body = (json.loads(decode(part)) for part in (head, claims))
        if header.get("alg") != HEADER["alg"]:
            return None
        if not hmac.compare_digest(given, signature(f"{head}.{claims}", key)):
            return None
        return body["sub"] if body["exp"] > time.time() else None
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def signature(text, key):
    """Return the signature of a text as the third part of a token."""
    digest = hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()
    return encode(digest)


def encode(data):
    """Return base64url without padding."""
    raw = data.encode() if isinstance(data, str) else data
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode(text):
    """Read base64url without padding."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
