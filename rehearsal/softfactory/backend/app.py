"""The application; gunicorn serves `backend.app:app`."""

import logging
import os
from pathlib import Path

import redis
from flask import Flask, send_from_directory

from backend import api, config, measures, migration_check, realtime
from backend.extensions import db, migrate, socketio

ROOT = Path(__file__).resolve().parent.parent


def create_app(environment):
    """Build the application from the variables of its environment."""
    web = str(ROOT / "web")
    app = Flask(__name__, static_folder=web, static_url_path="/static")
    app.config.update(config.read(environment))
    logging.basicConfig(level=app.config["LOG_LEVEL"])
    db.init_app(app)
    migrate.init_app(app, db, directory=str(ROOT / "migrations"))
    migration_check.register()
    app.extensions["redis"] = redis.Redis.from_url(
        app.config["REDIS_URL"],
        socket_timeout=2,
        socket_connect_timeout=2,
        decode_responses=True,
    )
    measures.register(app)
    for blueprint in api.blueprints:
        app.register_blueprint(blueprint)
    app.add_url_rule("/", "index", index)
    if config.is_on(app.config["ENABLE_WEBSOCKET"]):
        realtime.register()
        origins = app.config["CORS_ALLOWED_ORIGINS"].split(",")
        socketio.init_app(
            app,
            message_queue=app.config["REDIS_URL"],
            cors_allowed_origins=[one for one in origins if one],
        )
    return app


def index():
    """Serve the page of the web application."""
    return send_from_directory(ROOT / "web", "index.html")


app = create_app(os.environ)
