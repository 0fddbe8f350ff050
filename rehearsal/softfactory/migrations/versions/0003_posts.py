"""Posts."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


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
        "hashtags",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.UniqueConstraint("name", name=op.f("uq_hashtags_name")),
    )
    create(
        "blocks",
        sa.Column("blocker_id", sa.BigInteger(), nullable=False),
        sa.Column("blocked_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["blocked_id"],
            ["users.id"],
            name=op.f("fk_blocks_blocked_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["blocker_id"],
            ["users.id"],
            name=op.f("fk_blocks_blocker_id"),
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint(
            "blocker_id", "blocked_id", name=op.f("uq_blocks_blocker_id")
        ),
    )
    op.create_index(op.f("ix_blocks_blocked_id"), "blocks", ["blocked_id"])
    op.create_index(op.f("ix_blocks_blocker_id"), "blocks", ["blocker_id"])
    create(
        "follows",
        sa.Column("follower_id", sa.BigInteger(), nullable=False),
        sa.Column("followed_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["followed_id"],
            ["users.id"],
            name=op.f("fk_follows_followed_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["follower_id"],
            ["users.id"],
            name=op.f("fk_follows_follower_id"),
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint(
            "follower_id", "followed_id", name=op.f("uq_follows_follower_id")
        ),
    )
    op.create_index(op.f("ix_follows_followed_id"), "follows", ["followed_id"])
    op.create_index(op.f("ix_follows_follower_id"), "follows", ["follower_id"])
    create(
        "posts",
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column(
            "is_published",
            sa.Boolean(),
            server_default=sa.text("true"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["author_id"],
            ["users.id"],
            name=op.f("fk_posts_author_id"),
            ondelete="CASCADE",
        ),
    )
    op.create_index(op.f("ix_posts_author_id"), "posts", ["author_id"])
    create(
        "stories",
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"],
            ["users.id"],
            name=op.f("fk_stories_author_id"),
            ondelete="CASCADE",
        ),
    )
    op.create_index(op.f("ix_stories_author_id"), "stories", ["author_id"])
    create(
        "bookmarks",
        sa.Column("post_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["post_id"],
            ["posts.id"],
            name=op.f("fk_bookmarks_post_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name=op.f("fk_bookmarks_user_id"),
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint(
            "post_id", "user_id", name=op.f("uq_bookmarks_post_id")
        ),
    )
    op.create_index(op.f("ix_bookmarks_post_id"), "bookmarks", ["post_id"])
    op.create_index(op.f("ix_bookmarks_user_id"), "bookmarks", ["user_id"])
    create(
        "comments",
        sa.Column("post_id", sa.BigInteger(), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("parent_id", sa.BigInteger(), nullable=True),
        sa.Column("content", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"],
            ["users.id"],
            name=op.f("fk_comments_author_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"],
            ["comments.id"],
            name=op.f("fk_comments_parent_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["post_id"],
            ["posts.id"],
            name=op.f("fk_comments_post_id"),
            ondelete="CASCADE",
        ),
    )
    op.create_index(op.f("ix_comments_author_id"), "comments", ["author_id"])
    op.create_index(op.f("ix_comments_parent_id"), "comments", ["parent_id"])
    op.create_index(op.f("ix_comments_post_id"), "comments", ["post_id"])
    create(
        "likes",
        sa.Column("post_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["post_id"],
            ["posts.id"],
            name=op.f("fk_likes_post_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name=op.f("fk_likes_user_id"),
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint(
            "post_id", "user_id", name=op.f("uq_likes_post_id")
        ),
    )
    op.create_index(op.f("ix_likes_post_id"), "likes", ["post_id"])
    op.create_index(op.f("ix_likes_user_id"), "likes", ["user_id"])
    create(
        "post_hashtags",
        sa.Column("post_id", sa.BigInteger(), nullable=False),
        sa.Column("hashtag_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["hashtag_id"],
            ["hashtags.id"],
            name=op.f("fk_post_hashtags_hashtag_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["post_id"],
            ["posts.id"],
            name=op.f("fk_post_hashtags_post_id"),
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint(
            "post_id", "hashtag_id", name=op.f("uq_post_hashtags_post_id")
        ),
    )
    op.create_index(
        op.f("ix_post_hashtags_hashtag_id"), "post_hashtags", ["hashtag_id"]
    )
    op.create_index(
        op.f("ix_post_hashtags_post_id"), "post_hashtags", ["post_id"]
    )
    create(
        "post_media",
        sa.Column("post_id", sa.BigInteger(), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column(
            "position",
            sa.Integer(),
            server_default=sa.text("0"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["post_id"],
            ["posts.id"],
            name=op.f("fk_post_media_post_id"),
            ondelete="CASCADE",
        ),
    )
    op.create_index(op.f("ix_post_media_post_id"), "post_media", ["post_id"])
    create(
        "reports",
        sa.Column("reporter_id", sa.BigInteger(), nullable=False),
        sa.Column("post_id", sa.BigInteger(), nullable=True),
        sa.Column("comment_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(length=255), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["comment_id"],
            ["comments.id"],
            name=op.f("fk_reports_comment_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["post_id"],
            ["posts.id"],
            name=op.f("fk_reports_post_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["reporter_id"],
            ["users.id"],
            name=op.f("fk_reports_reporter_id"),
            ondelete="CASCADE",
        ),
    )
    op.create_index(op.f("ix_reports_comment_id"), "reports", ["comment_id"])
    op.create_index(op.f("ix_reports_post_id"), "reports", ["post_id"])
    op.create_index(op.f("ix_reports_reporter_id"), "reports", ["reporter_id"])


def downgrade():
    op.drop_table("reports")
    op.drop_table("post_media")
    op.drop_table("post_hashtags")
    op.drop_table("likes")
    op.drop_table("comments")
    op.drop_table("bookmarks")
    op.drop_table("stories")
    op.drop_table("posts")
    op.drop_table("follows")
    op.drop_table("blocks")
    op.drop_table("hashtags")
