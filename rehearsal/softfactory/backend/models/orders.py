"""What people buy."""

from backend.extensions import db
from backend.models.base import Model, moment, number, refers, text


class Cart(Model):
    __tablename__ = "carts"
    user_id = refers("users")
    ordered_at = moment()


class CartItem(Model):
    __tablename__ = "cart_items"
    cart_id = refers("carts")
    variant_id = refers("product_variants")
    quantity = number(default=1)
    __table_args__ = (db.UniqueConstraint("cart_id", "variant_id"),)


class Address(Model):
    __tablename__ = "addresses"
    user_id = refers("users")
    name = text(120)
    street = text(200)
    postcode = text(20)
    city = text(120)
    country = text(2)


class Coupon(Model):
    __tablename__ = "coupons"
    code = text(40, unique=True)
    percent = number()
    ends_at = moment()


class Order(Model):
    __tablename__ = "orders"
    buyer_id = refers("users")
    address_id = refers("addresses", nullable=True)
    coupon_id = refers("coupons", nullable=True)
    reference = text(40, unique=True)
    total = number()
    currency = text(3)
    status = text(20)


class OrderItem(Model):
    __tablename__ = "order_items"
    order_id = refers("orders")
    variant_id = refers("product_variants")
    quantity = number(default=1)
    price = number()


class Shipment(Model):
    __tablename__ = "shipments"
    order_id = refers("orders")
    carrier = text(60)
    tracking = text(80, nullable=True)
    delivered_at = moment()
