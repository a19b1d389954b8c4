"""Giving a document back (退文): wrong unit, with a reason. The issuer decides within 30 minutes.

Meanwhile reminders wait and the clock runs. Undecided in time, reminders go on and supervisors are told.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from core import audit
from core.audit import Actor
from core.errors import BadInput, Conflict
from core.expectations import expect
from core.terms import begin
from notify.signoff import deadlines, firing, roster, settling, signing, store
from notify.signoff.models import OPEN, RETURNED, RETURNING, Recipient
from notify.signoff.office import Work
from notify.signoff.signing import Outcome, Signed, Signer
from notify.signoff.wording import Item
from notify.timers import Timer, set_timers

OWNER = "signoff.return"
DECIDE = "sign.return"
"""Owner of the question to the issuer: 1 agrees, 2 refuses. ``data``: ids."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What the issuer decided; ``note`` is told to the official."""

    granted: bool
    note: str = ""


def ask(work: Work, recipient_id: str, signer: Signer, reason: str) -> Signed:
    """An official gives it back. Others are refused, which is recorded. Raises BadInput without a reason."""
    if len(reason.strip()) < 2:
        raise BadInput("Say why it is given back.", fields={"reason": "missing"})
    row = store.recipient(work.session, recipient_id)
    item = store.items(work.session, [recipient_id])[0]
    if signer.person_id not in signing.allowed(work, item):
        signing.refuse(work, item, signer)
        return Signed(Outcome.NOT_YOURS, item)
    if row.state != OPEN:
        return Signed(Outcome.WITHDRAWN if row.state != RETURNING else Outcome.ALREADY, item)
    row.state, row.return_reason, row.return_by, row.waiting = RETURNING, reason.strip(), signer.person_id, False
    row.return_asked_at = work.now
    row.return_due_at = begin(work.now, work.office.rules.decide, work.office.hours, work.days()).due
    work.session.add(row)
    work.session.flush()
    set_timers(work.session, [Timer(OWNER, row.id, row.return_due_at, {"generation": row.generation})])
    work.event(row.document_id, "return_asked", recipient_id=row.id, by=signer.person_id, via=signer.via, note=reason)
    audit.record(work.session, work.now, signer.actor, "document.return_ask", f"document:{row.document_id}")
    _tell_issuer(work, row, item, signer, reason.strip())
    return Signed(Outcome.SIGNED, item)


def _tell_issuer(work: Work, row: Recipient, item: Item, signer: Signer, reason: str) -> None:
    document = store.document(work.session, row.document_id)
    known = roster.officials(work.session, [document.issuer_person_id, signer.person_id], work.channels)
    issuer, official = known.get(document.issuer_person_id or ""), known.get(signer.person_id)
    if issuer is None or row.return_due_at is None:
        return
    payload = {
        "unit": roster.unit_names(work.session, [row.unit_id]).get(row.unit_id, ""),
        "name": official.name if official else "",
        "number": item.number,
        "text": reason[:60],
        "due": work.due_words(row.return_due_at, issuer.locale),
    }
    firing.tell(work, issuer, "document_return_asked", payload)
    for address in issuer.addresses:
        data = {"ids": [row.id], "labels": ["", ""]}
        expect(work.session, work.now, address.channel, address.address, DECIDE, data, ref=row.id)


def waiting_for(work: Work, recipient_id: str, person_id: str) -> Recipient | None:
    """The recipient whose return this person, as the issuer, was asked about; None for anybody else."""
    row = store.recipient(work.session, recipient_id)
    document = store.document(work.session, row.document_id)
    return row if document.issuer_person_id == person_id else None


def decide(work: Work, recipient_id: str, by: str, actor: Actor, decision: Decision) -> Recipient:
    """The issuer takes it back or not. Raises NotFound, Conflict when nothing waits for a decision."""
    row = store.recipient(work.session, recipient_id)
    if row.state != RETURNING:
        raise Conflict("Nothing waits for a decision here.")
    item = store.items(work.session, [recipient_id])[0]
    asked_by = row.return_by or row.a_id
    if decision.granted:
        row.state, row.return_due_at = RETURNED, None
        settling.stop_reminders(work, [row])
        settling.close_orders(work, [row.id])
        deadlines.drop(work, [row.id])
    else:
        resume(work, row)
    what = "return_granted" if decision.granted else "return_refused"
    work.event(row.document_id, what, recipient_id=row.id, by=by, via=actor.via, note=decision.note or None)
    audit.record(work.session, work.now, actor, f"document.{what}", f"document:{row.document_id}")
    person = roster.officials(work.session, [asked_by], work.channels).get(asked_by)
    if person:
        note = f"{decision.note.strip().rstrip('。')}。" if decision.note.strip() else ""
        due = work.due_words(row.due_at, person.locale)
        payload = {"number": item.number, "due": due, "text": note[:60], "code": item.code}
        firing.tell(work, person, f"document_{what}", payload)
    return row


def resume(work: Work, row: Recipient) -> None:
    """Open again, in a new generation; what fell due since it was asked goes out at once, as one."""
    row.state, row.return_due_at, row.waiting = OPEN, None, False
    settling.stop_reminders(work, [row])
    settling.remind_from_now(work, row, since=row.return_asked_at)


def fire(work: Work, timers: Sequence[Timer]) -> None:
    """Nobody decided in time."""
    for timer in timers:
        row = store.recipient(work.session, timer.ref)
        if row.state != RETURNING or row.return_due_at is None or row.return_due_at > work.now:
            continue
        item = store.items(work.session, [row.id])[0]
        resume(work, row)
        work.event(row.document_id, "return_lapsed", recipient_id=row.id, by="service", via="clock")
        faces = firing.faces_of(work, [item])
        name = faces.people[item.a_id].name if item.a_id in faces.people else ""
        payload = {"number": item.number, "unit": faces.units.get(item.unit_id, ""), "name": name}
        firing.tell_supervisors(work, "document_return_lapsed", payload)
