"""What Twilio's webhooks and records say, as our values. Pure: forms and records in, events out."""

from collections.abc import Mapping

from adapters.twilio_codes import outcome
from core.errors import Rejected, SendError
from core.messages import Inbound, Media, Place, Progress, Receipt

_PROGRESS = {
    "accepted": Progress.SENT,
    "scheduled": Progress.SENT,
    "queued": Progress.SENT,
    "sending": Progress.SENT,
    "sent": Progress.SENT,
    "delivered": Progress.DELIVERED,
    "partially_delivered": Progress.DELIVERED,
    "read": Progress.DELIVERED,
    "undelivered": Progress.UNDELIVERED,
    "failed": Progress.FAILED,
    "canceled": Progress.FAILED,
}
"""Twilio's message states. From *accepted* on the message is Twilio's, which is what SENT means to us."""

STOP_WORDS = frozenset({"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"})
START_WORDS = frozenset({"start", "unstop"})
"""Words that Twilio acts on by itself on long codes (its page on opt-out keywords). YES is left out: it is an
ordinary answer here, and Twilio passes it on; HELP too, because people here get our own help."""

MEDIA_MAX = 10
"""Twilio attaches at most ten files."""


def receipt(channel: str, form: Mapping[str, str], attempt: str) -> Receipt | None:
    """A status callback as a Receipt, None when the form is not one."""
    return receipt_of(
        channel,
        form.get("MessageStatus") or form.get("SmsStatus", ""),
        form.get("MessageSid") or form.get("SmsSid", ""),
        form.get("ErrorCode", ""),
        attempt,
    )


def receipt_of(channel: str, status: str, sid: str, code: str, attempt: str = "") -> Receipt | None:
    """A message's state as a Receipt, None for states that are not those of an outgoing message."""
    progress = _PROGRESS.get(status)
    if progress is None or not (sid or attempt):
        return None
    return Receipt(
        channel,
        progress,
        provider_id=sid,
        attempt=attempt,
        code=code,
        outcome=_failure(status, code) if progress in {Progress.UNDELIVERED, Progress.FAILED} else None,
    )


def _failure(status: str, code: str) -> SendError:
    if status == "canceled":
        return Rejected("cancelled at the provider", provider_code=code)
    return outcome(code)


def inbound(channel: str, form: Mapping[str, str], *, words_at_provider: bool) -> Inbound | None:
    """A message from a person, None when the form is not one.

    ``words_at_provider``: Twilio acts on STOP and START itself, also where no ``OptOutType`` says so (that
    parameter comes with Advanced Opt-Out only).
    """
    sid = form.get("MessageSid") or form.get("SmsSid", "")
    if not sid or not form.get("From") or "Body" not in form:
        return None
    text = form["Body"]
    opt_out = form.get("OptOutType", "").lower()
    if not opt_out and words_at_provider and ":" not in form["From"]:
        opt_out = _opt_out_word(text)
    return Inbound(
        channel,
        sid,
        form["From"],
        text=text,
        to=form.get("To", ""),
        choice=form.get("ButtonPayload", ""),
        sender_name=form.get("ProfileName", ""),
        reply_to=form.get("OriginalRepliedMessageSid", ""),
        opt_out=opt_out if opt_out in {"stop", "start", "help"} else "",
        media=_media(form),
        place=_place(form),
    )


def _opt_out_word(text: str) -> str:
    word = text.strip().lower()
    if word in STOP_WORDS:
        return "stop"
    return "start" if word in START_WORDS else ""


def _media(form: Mapping[str, str]) -> tuple[Media, ...]:
    count = form.get("NumMedia", "0")
    many = min(int(count), MEDIA_MAX) if count.isascii() and count.isdigit() else 0
    return tuple(
        Media(form[f"MediaUrl{index}"], mime=form.get(f"MediaContentType{index}", ""))
        for index in range(many)
        if form.get(f"MediaUrl{index}")
    )


def _place(form: Mapping[str, str]) -> Place | None:
    try:
        place = Place(float(form["Latitude"]), float(form["Longitude"]))
    except (KeyError, ValueError):
        return None
    return place if abs(place.lat) <= 90 and abs(place.lon) <= 180 else None
