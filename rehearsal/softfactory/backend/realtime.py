"""The socket.io namespaces of the application."""

from flask_socketio import Namespace, emit

from backend.extensions import socketio

NAMES = ("/sns", "/orders", "/chat", "/notifications")


class Channel(Namespace):
    """A namespace that greets who connects and answers `echo`."""

    def on_connect(self, _auth=None):
        """Tell the client in which namespace it is."""
        emit("welcome", {"namespace": self.namespace})

    def on_echo(self, data):
        """Send back what came."""
        emit("echo", data)


def register():
    """Open all namespaces; any other is refused."""
    for name in NAMES:
        socketio.on_namespace(Channel(name))


def tell(namespace, event, data):
    """Send an event to everybody in a namespace, on all instances."""
    socketio.emit(event, data, namespace=namespace)
