"""SoftFactory: a small network of people who sell what they make."""

VERSION = "2.1.0"
