"""What a subscription costs."""

from flask import Blueprint, jsonify

from backend.models import SubscriptionPlan

blueprint = Blueprint("payment", __name__, url_prefix="/api/payment")


@blueprint.get("/plans")
def plans():
    """List the plans on sale, cheapest first."""
    on_sale = SubscriptionPlan.query.filter_by(is_active=True)
    rows = on_sale.order_by(SubscriptionPlan.price).all()
    return jsonify(plans=[shown(plan) for plan in rows])


def shown(plan):
    """Return a plan as its buyer sees it."""
    return {
        "id": plan.code,
        "name": plan.name,
        "price": plan.price,
        "currency": plan.currency,
        "interval": plan.interval,
    }
