"""What people tell each other, and what the application tells them."""

from backend.extensions import db
from backend.models.base import Model, flag, moment, refers, text


class Conversation(Model):
    __tablename__ = "conversations"
    title = text(120, nullable=True)


class ConversationMember(Model):
    __tablename__ = "conversation_members"
    conversation_id = refers("conversations")
    user_id = refers("users")
    read_at = moment()
    __table_args__ = (db.UniqueConstraint("conversation_id", "user_id"),)


class Message(Model):
    __tablename__ = "messages"
    conversation_id = refers("conversations")
    sender_id = refers("users")
    content = db.Column(db.Text, nullable=False)


class Notification(Model):
    __tablename__ = "notifications"
    user_id = refers("users")
    kind = text(40)
    data = db.Column(db.JSON, nullable=False)
    read_at = moment()


class NotificationPreference(Model):
    __tablename__ = "notification_preferences"
    user_id = refers("users")
    kind = text(40)
    by_email = flag(default=True)
    by_push = flag(default=True)
    __table_args__ = (db.UniqueConstraint("user_id", "kind"),)


class EmailTemplate(Model):
    __tablename__ = "email_templates"
    name = text(60, unique=True)
    subject = text(200)
    body = db.Column(db.Text, nullable=False)
