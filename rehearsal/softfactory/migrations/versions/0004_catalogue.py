"""Catalogue."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def create(name, *parts):
    """Create a table with the two columns that all tables have."""
    op.create_table(
        name,
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        *parts,
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
    )


def upgrade():
    create(
        "categories",
        sa.Column("parent_id", sa.BigInteger(), nullable=True),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(
            ["parent_id"],
            ["categories.id"],
            name=op.f("fk_categories_parent_id"),
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint("slug", name=op.f("uq_categories_slug")),
    )
    op.create_index(
        op.f("ix_categories_parent_id"), "categories", ["parent_id"]
    )
    create(
        "products",
        sa.Column("seller_id", sa.BigInteger(), nullable=False),
        sa.Column("category_id", sa.BigInteger(), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column(
            "is_active",
            sa.Boolean(),
            server_default=sa.text("true"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["category_id"],
            ["categories.id"],
            name=op.f("fk_products_category_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["seller_id"],
            ["users.id"],
            name=op.f("fk_products_seller_id"),
            ondelete="CASCADE",
        ),
    )
    op.create_index(
        op.f("ix_products_category_id"), "products", ["category_id"]
    )
    op.create_index(op.f("ix_products_seller_id"), "products", ["seller_id"])
    create(
        "wishlists",
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name=op.f("fk_wishlists_user_id"),
            ondelete="CASCADE",
        ),
    )
    op.create_index(op.f("ix_wishlists_user_id"), "wishlists", ["user_id"])
    create(
        "product_images",
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column(
            "position",
            sa.Integer(),
            server_default=sa.text("0"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["product_id"],
            ["products.id"],
            name=op.f("fk_product_images_product_id"),
            ondelete="CASCADE",
        ),
    )
    op.create_index(
        op.f("ix_product_images_product_id"), "product_images", ["product_id"]
    )
    create(
        "product_variants",
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("sku", sa.String(length=60), nullable=False),
        sa.Column(
            "price", sa.Integer(), server_default=sa.text("0"), nullable=False
        ),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.ForeignKeyConstraint(
            ["product_id"],
            ["products.id"],
            name=op.f("fk_product_variants_product_id"),
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint("sku", name=op.f("uq_product_variants_sku")),
    )
    op.create_index(
        op.f("ix_product_variants_product_id"),
        "product_variants",
        ["product_id"],
    )
    create(
        "reviews",
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "rating", sa.Integer(), server_default=sa.text("0"), nullable=False
        ),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"],
            ["users.id"],
            name=op.f("fk_reviews_author_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["product_id"],
            ["products.id"],
            name=op.f("fk_reviews_product_id"),
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint(
            "product_id", "author_id", name=op.f("uq_reviews_product_id")
        ),
    )
    op.create_index(op.f("ix_reviews_author_id"), "reviews", ["author_id"])
    op.create_index(op.f("ix_reviews_product_id"), "reviews", ["product_id"])
    create(
        "wishlist_items",
        sa.Column("wishlist_id", sa.BigInteger(), nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["product_id"],
            ["products.id"],
            name=op.f("fk_wishlist_items_product_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["wishlist_id"],
            ["wishlists.id"],
            name=op.f("fk_wishlist_items_wishlist_id"),
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint(
            "wishlist_id",
            "product_id",
            name=op.f("uq_wishlist_items_wishlist_id"),
        ),
    )
    op.create_index(
        op.f("ix_wishlist_items_product_id"), "wishlist_items", ["product_id"]
    )
    op.create_index(
        op.f("ix_wishlist_items_wishlist_id"),
        "wishlist_items",
        ["wishlist_id"],
    )
    create(
        "inventory_items",
        sa.Column("variant_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "in_stock",
            sa.Integer(),
            server_default=sa.text("0"),
            nullable=False,
        ),
        sa.Column(
            "reserved",
            sa.Integer(),
            server_default=sa.text("0"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"],
            ["product_variants.id"],
            name=op.f("fk_inventory_items_variant_id"),
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint(
            "variant_id", name=op.f("uq_inventory_items_variant_id")
        ),
    )
    create(
        "review_votes",
        sa.Column("review_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "is_helpful",
            sa.Boolean(),
            server_default=sa.text("true"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["review_id"],
            ["reviews.id"],
            name=op.f("fk_review_votes_review_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name=op.f("fk_review_votes_user_id"),
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint(
            "review_id", "user_id", name=op.f("uq_review_votes_review_id")
        ),
    )
    op.create_index(
        op.f("ix_review_votes_review_id"), "review_votes", ["review_id"]
    )
    op.create_index(
        op.f("ix_review_votes_user_id"), "review_votes", ["user_id"]
    )


def downgrade():
    op.drop_table("review_votes")
    op.drop_table("inventory_items")
    op.drop_table("wishlist_items")
    op.drop_table("reviews")
    op.drop_table("product_variants")
    op.drop_table("product_images")
    op.drop_table("wishlists")
    op.drop_table("products")
    op.drop_table("categories")
