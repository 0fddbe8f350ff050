"""Subscriptions and the money for them."""

from backend.extensions import db
from backend.models.base import Model, flag, moment, number, refers, text


class SubscriptionPlan(Model):
    __tablename__ = "subscription_plans"
    code = text(40, unique=True)
    name = text(80)
    price = number()
    currency = text(3)
    interval = text(10)
    is_active = flag(default=True)


class Subscription(Model):
    __tablename__ = "subscriptions"
    user_id = refers("users")
    plan_id = refers("subscription_plans")
    status = text(20)
    renews_at = moment()
    ended_at = moment()


class Invoice(Model):
    __tablename__ = "invoices"
    user_id = refers("users")
    reference = text(40, unique=True)
    total = number()
    currency = text(3)
    due_at = moment()


class InvoiceLine(Model):
    __tablename__ = "invoice_lines"
    invoice_id = refers("invoices")
    description = text(255)
    quantity = number(default=1)
    amount = number()


class Payment(Model):
    __tablename__ = "payments"
    invoice_id = refers("invoices", nullable=True)
    user_id = refers("users")
    provider_id = text(80, unique=True)
    amount = number()
    currency = text(3)
    status = text(20)


class Refund(Model):
    __tablename__ = "refunds"
    payment_id = refers("payments")
    amount = number()
    reason = text(255, nullable=True)


class WebhookEvent(Model):
    __tablename__ = "webhook_events"
    provider = text(20)
    provider_id = text(80, unique=True)
    payload = db.Column(db.JSON, nullable=False)
    handled_at = moment()
