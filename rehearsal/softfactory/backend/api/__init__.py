"""The HTTP interface, one module for each part of it."""

from backend.api import auth, files, health, oauth, payment, posts, search

blueprints = (
    auth.blueprint,
    files.blueprint,
    health.blueprint,
    oauth.blueprint,
    payment.blueprint,
    posts.blueprint,
    search.blueprint,
)
