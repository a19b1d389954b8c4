"""The citizen site's navigation: one line for each place. A page that is added registers its line here."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """Where a line of the navigation leads; ``key`` is its text."""

    path: str
    key: str

    def holds(self, here: str) -> bool:
        """Whether a page belongs to this place."""
        return here == self.path or (self.path != "/" and here.startswith(f"{self.path}/"))


MENU = (
    Place("/", "nav.ask"),
    Place("/new", "nav.new"),
    Place("/t", "nav.follow"),
    Place("/n", "nav.notices"),
    Place("/reception", "nav.reception"),
)

_OURS = re.compile(r"/(?!/)[A-Za-z0-9/_.%-]*(?:\?[A-Za-z0-9/_.%&=+:-]*)?")


def way_back(path: str) -> str:
    """Where a browser goes after it changed language or type size: a page of ours, else the first one. Pure."""
    return path if _OURS.fullmatch(path) and len(path) <= 300 else "/"
