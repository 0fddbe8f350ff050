"""What people write, like and follow."""

from backend.extensions import db
from backend.models.base import Model, flag, moment, number, refers, text


class Post(Model):
    __tablename__ = "posts"
    author_id = refers("users")
    title = text(200)
    content = db.Column(db.Text, nullable=False)
    is_published = flag(default=True)


class PostMedia(Model):
    __tablename__ = "post_media"
    post_id = refers("posts")
    url = text(500)
    media_type = text(100)
    position = number()


class Comment(Model):
    __tablename__ = "comments"
    post_id = refers("posts")
    author_id = refers("users")
    parent_id = refers("comments", nullable=True)
    content = db.Column(db.Text, nullable=False)


class Like(Model):
    __tablename__ = "likes"
    post_id = refers("posts")
    user_id = refers("users")
    __table_args__ = (db.UniqueConstraint("post_id", "user_id"),)


class Bookmark(Model):
    __tablename__ = "bookmarks"
    post_id = refers("posts")
    user_id = refers("users")
    __table_args__ = (db.UniqueConstraint("post_id", "user_id"),)


class Follow(Model):
    __tablename__ = "follows"
    follower_id = refers("users")
    followed_id = refers("users")
    __table_args__ = (db.UniqueConstraint("follower_id", "followed_id"),)


class Block(Model):
    __tablename__ = "blocks"
    blocker_id = refers("users")
    blocked_id = refers("users")
    __table_args__ = (db.UniqueConstraint("blocker_id", "blocked_id"),)


class Hashtag(Model):
    __tablename__ = "hashtags"
    name = text(80, unique=True)


class PostHashtag(Model):
    __tablename__ = "post_hashtags"
    post_id = refers("posts")
    hashtag_id = refers("hashtags")
    __table_args__ = (db.UniqueConstraint("post_id", "hashtag_id"),)


class Story(Model):
    __tablename__ = "stories"
    author_id = refers("users")
    url = text(500)
    expires_at = moment(nullable=False)


class Report(Model):
    __tablename__ = "reports"
    reporter_id = refers("users")
    post_id = refers("posts", nullable=True)
    comment_id = refers("comments", nullable=True)
    reason = text(255)
    closed_at = moment()
