"""What people make, and what others think of it."""

from backend.extensions import db
from backend.models.base import Model, flag, number, refers, text


class Category(Model):
    __tablename__ = "categories"
    parent_id = refers("categories", nullable=True)
    slug = text(80, unique=True)
    name = text(80)


class Product(Model):
    __tablename__ = "products"
    seller_id = refers("users")
    category_id = refers("categories", nullable=True)
    name = text(200)
    description = db.Column(db.Text)
    is_active = flag(default=True)


class ProductImage(Model):
    __tablename__ = "product_images"
    product_id = refers("products")
    url = text(500)
    position = number()


class ProductVariant(Model):
    __tablename__ = "product_variants"
    product_id = refers("products")
    sku = text(60, unique=True)
    price = number()
    currency = text(3)


class InventoryItem(Model):
    __tablename__ = "inventory_items"
    variant_id = refers("product_variants", unique=True)
    in_stock = number()
    reserved = number()


class Review(Model):
    __tablename__ = "reviews"
    product_id = refers("products")
    author_id = refers("users")
    rating = number()
    title = text(200)
    content = db.Column(db.Text, nullable=False)
    __table_args__ = (db.UniqueConstraint("product_id", "author_id"),)


class ReviewVote(Model):
    __tablename__ = "review_votes"
    review_id = refers("reviews")
    user_id = refers("users")
    is_helpful = flag(default=True)
    __table_args__ = (db.UniqueConstraint("review_id", "user_id"),)


class Wishlist(Model):
    __tablename__ = "wishlists"
    user_id = refers("users")
    name = text(80)


class WishlistItem(Model):
    __tablename__ = "wishlist_items"
    wishlist_id = refers("wishlists")
    product_id = refers("products")
    __table_args__ = (db.UniqueConstraint("wishlist_id", "product_id"),)
