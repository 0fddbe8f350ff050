"""What all tables have in common."""

from backend.extensions import db


class Model(db.Model):
    """A row with a number and the time at which it was made."""

    __abstract__ = True

    id = db.Column(db.BigInteger, primary_key=True)
    created_at = db.Column(
        db.DateTime(timezone=True),
        nullable=False,
        server_default=db.func.now(),
    )


def refers(table, nullable=False, unique=False):
    """Return a column that refers to a row of that table."""
    target = db.ForeignKey(f"{table}.id", ondelete="CASCADE")
    kind = {"unique": True} if unique else {"index": True}
    return db.Column(db.BigInteger, target, nullable=nullable, **kind)


def text(length, nullable=False, **more):
    """Return a column for a text of at most that many characters."""
    return db.Column(db.String(length), nullable=nullable, **more)


def number(default=0):
    """Return a column for a whole number."""
    return db.Column(
        db.Integer, nullable=False, server_default=db.text(str(default))
    )


def flag(default=False):
    """Return a column that is true or false."""
    word = db.text("true" if default else "false")
    return db.Column(db.Boolean, nullable=False, server_default=word)


def moment(nullable=True):
    """Return a column for a point in time."""
    return db.Column(db.DateTime(timezone=True), nullable=nullable)
