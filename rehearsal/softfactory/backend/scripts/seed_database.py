"""Puts the first people, plans, posts and reviews into the database.

Running it again adds what is missing and changes nothing else.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from backend.app import app  # noqa: E402
from backend.extensions import db  # noqa: E402
from backend.models import (  # noqa: E402
    Post,
    Product,
    Review,
    SubscriptionPlan,
    User,
)

USERS = ("admin", "smoke", "mina", "jonas")

# Code, name, price in the smallest unit, interval.
PLANS = (
    ("free", "Free", 0, "month"),
    ("maker", "Maker", 9900, "month"),
    ("studio", "Studio", 29900, "month"),
    ("factory", "Factory", 299000, "year"),
)

POSTS = (
    ("mina", "Opening day", "The workshop opens its doors this Friday."),
    ("jonas", "서울 공방", "서울에 새로운 도자기 공방을 열었습니다."),
    ("mina", "A lamp from old tins", "How to make a lamp from two tins."),
)

PRODUCTS = (
    ("mina", "Tin lamp"),
    ("jonas", "Blue bowl"),
)

REVIEWS = (
    ("jonas", "Tin lamp", 5, "Warm light", "Lights the whole corner."),
    ("mina", "Blue bowl", 4, "Lovely glaze", "A little heavy, but lovely."),
)


def ensure(model, key, **more):
    """Return the row with that key, making it where it is missing."""
    row = model.query.filter_by(**key).one_or_none()
    if row is None:
        row = model(**key, **more)
        db.session.add(row)
        db.session.flush()
    return row


def seed():
    """Make everything in one transaction."""
    people = {
        name: ensure(
            User, {"username": name}, email=f"{name}@softfactory.example"
        )
        for name in USERS
    }
    for code, name, price, interval in PLANS:
        more = {"price": price, "currency": "KRW", "interval": interval}
        ensure(SubscriptionPlan, {"code": code}, name=name, **more)
    for author, title, content in POSTS:
        key = {"author_id": people[author].id, "title": title}
        ensure(Post, key, content=content)
    products = {
        name: ensure(Product, {"seller_id": people[seller].id, "name": name})
        for seller, name in PRODUCTS
    }
    for author, product, rating, title, content in REVIEWS:
        key = {
            "author_id": people[author].id,
            "product_id": products[product].id,
        }
        ensure(Review, key, rating=rating, title=title, content=content)
    db.session.commit()


if __name__ == "__main__":
    with app.app_context():
        seed()
        print(f"users: {User.query.count()}")
        print(f"subscription_plans: {SubscriptionPlan.query.count()}")
