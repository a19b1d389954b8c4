"""What can be refused about a notice, each with its own name."""

from core.errors import BadInput, Conflict, NotFound


class UnknownNotice(NotFound):
    """There is no such notice."""

    def __init__(self) -> None:
        super().__init__("There is no such notice.")


class IllegalMove(Conflict):
    """The notice is not in a state that allows this."""


class PeriodShifted(Conflict):
    """The period would have begun before the notice was public: it was moved and has to be approved again."""


class ObjectionsOpen(Conflict):
    """An objection is not answered yet, so the notice cannot become final."""


class NotReviewed(Conflict):
    """Households have to confirm their rows and the township to review them first."""


class UploadRunning(Conflict):
    """A list is being read for this notice already."""


class NothingToSend(BadInput):
    """The notice has no list, or no text."""


class BadRows(BadInput):
    """Lines of the file that cannot be taken; nothing was imported."""
