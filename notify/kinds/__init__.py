"""Kinds of message, one file each. To add one: write its file, name it here."""

from notify.kinds import announcement, reply
from notify.kinds.base import Kind

KINDS: dict[str, Kind] = {kind.name: kind for kind in (announcement.KIND, reply.KIND)}

__all__ = ["KINDS", "Kind"]
