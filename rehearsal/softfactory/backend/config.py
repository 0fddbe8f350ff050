"""The application's configuration: 62 variables of its environment."""

from urllib.parse import urlsplit

NAMES = """
FLASK_ENV DEBUG SECRET_KEY SQLALCHEMY_DATABASE_URI SQLALCHEMY_ECHO
SQLALCHEMY_POOL_SIZE SQLALCHEMY_POOL_RECYCLE JWT_SECRET_KEY JWT_ALGORITHM
JWT_ACCESS_TOKEN_EXPIRES JWT_REFRESH_TOKEN_EXPIRES REDIS_URL
REDIS_CACHE_TTL REDIS_SESSION_TTL DATABASE_URL AWS_ACCESS_KEY_ID
AWS_SECRET_ACCESS_KEY AWS_S3_BUCKET AWS_S3_REGION CLOUDFRONT_DOMAIN
STRIPE_PUBLIC_KEY STRIPE_SECRET_KEY STRIPE_WEBHOOK_SECRET GOOGLE_CLIENT_ID
GOOGLE_CLIENT_SECRET FACEBOOK_APP_ID FACEBOOK_APP_SECRET KAKAO_REST_API_KEY
FIREBASE_PROJECT_ID FIREBASE_PRIVATE_KEY_ID FIREBASE_PRIVATE_KEY
FIREBASE_CLIENT_EMAIL FIREBASE_CLIENT_ID ELASTICSEARCH_HOST
ELASTICSEARCH_PORT ELASTICSEARCH_PROTOCOL ELASTICSEARCH_USERNAME
ELASTICSEARCH_PASSWORD MAIL_SERVER MAIL_PORT MAIL_USERNAME MAIL_PASSWORD
DEFAULT_MAIL_SENDER ENVIRONMENT HOSTNAME PORT WORKERS CORS_ALLOWED_ORIGINS
LOG_LEVEL ENABLE_OAUTH_MOCK_MODE ENABLE_2FA ENABLE_PWA ENABLE_WEBSOCKET
ENABLE_ELASTICSEARCH SENTRY_DSN SENTRY_ENVIRONMENT
SENTRY_TRACES_SAMPLE_RATE N8N_HOST N8N_PROTOCOL N8N_BASIC_AUTH_USER
N8N_BASIC_AUTH_PASSWORD WEBHOOK_TUNNEL_URL
""".split()

# Enough to run the migrations and to develop; never used in production.
DEFAULTS = {
    "SQLALCHEMY_ECHO": "False",
    "SQLALCHEMY_POOL_SIZE": "5",
    "SQLALCHEMY_POOL_RECYCLE": "3600",
    "JWT_ALGORITHM": "HS256",
    "REDIS_URL": "redis://127.0.0.1:6379/0",
    "ELASTICSEARCH_HOST": "127.0.0.1",
    "ELASTICSEARCH_PORT": "9200",
    "ELASTICSEARCH_PROTOCOL": "http",
    "CORS_ALLOWED_ORIGINS": "",
    "LOG_LEVEL": "INFO",
    "ENABLE_WEBSOCKET": "True",
    "ENABLE_ELASTICSEARCH": "True",
}


def read(environment):
    """Return Flask's settings, or raise with all that is missing."""
    given = {name: environment[name] for name in NAMES if name in environment}
    if given.get("FLASK_ENV") == "production":
        missing = [name for name in NAMES if not given.get(name)]
        if missing:
            raise RuntimeError(f"missing in production: {', '.join(missing)}")
    settings = {**DEFAULTS, **given}
    settings.setdefault(
        "SQLALCHEMY_DATABASE_URI", settings.get("DATABASE_URL")
    )
    settings["DEBUG"] = is_on(settings.get("DEBUG"))
    settings["SQLALCHEMY_ECHO"] = is_on(settings["SQLALCHEMY_ECHO"])
    settings["SQLALCHEMY_ENGINE_OPTIONS"] = {
        "pool_size": int(settings["SQLALCHEMY_POOL_SIZE"]),
        "pool_recycle": int(settings["SQLALCHEMY_POOL_RECYCLE"]),
        "pool_pre_ping": True,
        "connect_args": {"connect_timeout": 3},
    }
    settings["MAX_CONTENT_LENGTH"] = 50 * 1024 * 1024
    return settings


def is_on(text):
    """Return whether a switch of the environment is on."""
    return str(text).lower() in ("true", "1", "yes", "on")


def elasticsearch_url(settings):
    """Return the address of the search cluster, without a slash."""
    protocol, host, port = (
        settings[f"ELASTICSEARCH_{part}"]
        for part in ("PROTOCOL", "HOST", "PORT")
    )
    url = f"{protocol}://{host}:{port}"
    if urlsplit(url).scheme not in ("http", "https"):
        raise RuntimeError("ELASTICSEARCH_PROTOCOL is neither http nor https")
    return url
