"""The beginning of a login with Google, Facebook or KakaoTalk."""

import secrets
from urllib.parse import urlencode

import redis
from flask import Blueprint, current_app, jsonify

blueprint = Blueprint("oauth", __name__, url_prefix="/api/auth/oauth")

# Address, variable with the client's id, scope.
PROVIDERS = {
    "google": (
        "https://accounts.google.com/o/oauth2/v2/auth",
        "GOOGLE_CLIENT_ID",
        "openid email profile",
    ),
    "facebook": (
        "https://www.facebook.com/v19.0/dialog/oauth",
        "FACEBOOK_APP_ID",
        "email,public_profile",
    ),
    "kakao": (
        "https://kauth.kakao.com/oauth/authorize",
        "KAKAO_REST_API_KEY",
        "account_email profile_nickname",
    ),
}

STATE_SECONDS = 600


@blueprint.get("/<provider>/url")
def begin(provider):
    """Return where to send the browser, and the state it must bring."""
    if provider not in PROVIDERS:
        return jsonify(error="no such provider"), 404
    address, variable, scope = PROVIDERS[provider]
    state = secrets.token_urlsafe(32)
    store = current_app.extensions["redis"]
    try:
        store.set(f"oauth:{state}", provider, ex=STATE_SECONDS)
    except redis.RedisError:
        return jsonify(error="unavailable"), 503
    host = current_app.config.get("HOSTNAME", "localhost")
    query = {
        "client_id": current_app.config.get(variable, ""),
        "redirect_uri": f"https://{host}/api/auth/oauth/{provider}/callback",
        "response_type": "code",
        "scope": scope,
        "state": state,
    }
    url = f"{address}?{urlencode(query)}"
    return jsonify(auth_url=url, state_token=state)
