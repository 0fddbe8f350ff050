"""What Prometheus reads at /metrics."""

import time

from flask import Response, g, request
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)

from backend import VERSION

REQUESTS = Counter(
    "softfactory_requests_total",
    "Requests by method, route and status.",
    ["method", "route", "status"],
)
LATENCY = Histogram(
    "softfactory_request_seconds",
    "How long requests took, in seconds.",
    ["route"],
)
INFO = Gauge("softfactory_info", "The running version.", ["version"])


def register(app):
    """Measure every request of the application."""
    INFO.labels(VERSION).set(1)
    app.before_request(begin)
    app.after_request(end)
    app.add_url_rule("/metrics", "metrics", metrics)


def begin():
    """Remember when the request came."""
    g.began = time.perf_counter()


def end(response):
    """Count the request under its route, not under its address."""
    route = request.url_rule.rule if request.url_rule else "none"
    REQUESTS.labels(request.method, route, response.status_code).inc()
    LATENCY.labels(route).observe(time.perf_counter() - g.began)
    return response


def metrics():
    """Show all measures in Prometheus' text format."""
    return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)
