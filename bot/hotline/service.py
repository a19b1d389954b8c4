"""The hotline's service: what conversations, staff channels, pages and the API call. Functions of a session.

``await db.write(hotline.open, new)``. Nothing here commits or awaits; what leaves goes through the outbox. Staff are
``Principal``s, whatever channel they act on; citizens show number and code, or are the sender it came from.
"""

from collections import Counter
from datetime import timedelta
from typing import Any

from sqlmodel import Session

from bot.hotline import (
    actions,
    alerts,
    barrier,
    citizen_view,
    citizens,
    closing,
    digest,
    duplicates,
    duty,
    duty_watch,
    letters,
    listing,
    moves,
    objections,
    privacy,
    record,
    sending,
    site_visits,
    staff_files,
    staff_view,
    sweep,
)  # fmt: skip
from bot.hotline.due import Due
from bot.hotline.given import Given
from bot.hotline.intake import NewMatter, Opened, ReplyTo, register
from bot.hotline.lockout import Lockout
from bot.hotline.models import Matter
from bot.hotline.office import Desk, Doer, OfficeFacts, citizen
from bot.hotline.proofs import Code, Identity, Proof, Sender, Shown
from bot.hotline.words import Action, Grade, Kind, State
from core import audit, files
from core.auth import Principal
from core.clock import Clock
from core.errors import Forbidden, NotFound
from core.files import StoredFile
from core.messages import File
from notify.outbox.service import Outbox

__all__ = [
    "Code", "Given", "Hotline", "Identity", "NewMatter", "OfficeFacts", "Opened", "Proof", "ReplyTo", "Sender", "Shown",
]  # fmt: skip


class Hotline:
    """The hotline of one office."""

    def __init__(self, outbox: Outbox, clock: Clock, office: OfficeFacts) -> None:
        self._outbox = outbox
        self._clock = clock
        self.office = office
        self._lockout = Lockout(clock)

    def desk(self, session: Session) -> Desk:
        """A desk for one piece of work in this transaction."""
        return Desk.open(session, self._clock(), self._outbox, self.office)

    def open(self, session: Session, new: NewMatter, doer: Doer | None = None) -> Opened:
        """Register a matter; the same ``dedup_key`` again gives the same number and code. Raises BadInput.

        An emergency calls whoever is on duty. A third complaint about one place is an alert point.
        """
        desk = self.desk(session)
        matter, opened = register(desk, new, doer)
        if opened.known:
            return opened
        if matter.emergency:
            duty.raise_alarm(desk, matter)
        if new.home_visit:
            site_visits.wish(desk, matter, doer or citizen(new.source))
        if new.tell:
            sending.tell(desk, matter, letters.received(desk, matter, opened.code))
        if new.kind is Kind.COMPLAINT and new.place:
            many = duplicates.complaints_here(desk, matter, desk.rules.days["same_place"])
            if many >= desk.rules.counts["same_place"]:
                alerts.reach(desk, matter, "same_place", key=matter.id, data={"complaints": many})
        return opened

    # --- staff

    def perform(self, session: Session, number: str, action: Action, who: Principal, given: Given) -> Matter:
        """One action of staff. Raises NotFound, Forbidden, StaleVersion, IllegalMove, BadInput and its kin."""
        return actions.perform(self.desk(session), number, action, who, given)

    def reply(self, session: Session, number: str, who: Principal, given: Given, *, sign: bool = False) -> Matter:
        """Answer a matter; it leaves in 20 seconds. ``sign``: sign for it first where that was not done.

        For channels with one message for both, as by SMS. Raises BrushOffAnswer, IllegalMove, StaleVersion,
        SamePerson and their kin.
        """
        desk = self.desk(session)
        if sign and moves.find_for(desk, number, who).state == State.DISPATCHED:
            signed = actions.perform(desk, number, Action.SIGN, who, given)
            given = given.model_copy(update={"version": signed.version})
        return actions.perform(desk, number, Action.REPLY, who, given)

    def act(self, session: Session, number: str, action: Action, who: Principal, given: Given) -> staff_view.Whole:
        """As ``perform``; the matter as it is now, also when it has just left the caller's hands."""
        desk = self.desk(session)
        return staff_view.whole(desk, actions.perform(desk, number, action, who, given), who)

    def show(self, session: Session, number: str, who: Principal) -> staff_view.Whole:
        """A matter opened by staff; raises NotFound for one behind the barrier."""
        desk = self.desk(session)
        return staff_view.whole(desk, moves.find_for(desk, number, who), who)

    def files(self, session: Session, number: str, who: Principal) -> list[StoredFile]:
        """What was sent along, and what staff added, for staff."""
        desk = self.desk(session)
        matter = moves.find_for(desk, number, who)
        return files.listed(session, owner_of(matter)) + [one.file for one in staff_files.listed(desk, matter)]

    def file(self, session: Session, number: str, file_id: str, who: Principal) -> File:
        """One file with its content, for staff."""
        desk = self.desk(session)
        return staff_files.load(desk, moves.find_for(desk, number, who), file_id)

    def looked(self, session: Session, number: str, who: Principal) -> None:
        """Write down that somebody opened a protected matter."""
        desk = self.desk(session)
        matter = moves.find_for(desk, number, who)
        audit.record(session, desk.now, who.actor, "matter.look", f"matter:{matter.number}")

    def queue(
        self, session: Session, who: Principal, wanted: listing.Filter, limit: int, after: listing.Key | None = None
    ) -> tuple[list[staff_view.Row], listing.Key | None]:
        """A page of the queue and where the next begins."""
        desk = self.desk(session)
        found = listing.matters(desk, who, wanted, limit + 1, after)
        page = found[:limit]
        more = (page[-1].priority, page[-1].due_at, page[-1].id) if len(found) > limit else None
        return [staff_view.row(desk, matter) for matter in page], more

    def duplicates(self, session: Session, number: str, who: Principal) -> list[duplicates.Likely]:
        """Likely repeats, shown to the hotline before it accepts or merges."""
        if barrier.only_a_handler(who):
            raise Forbidden("Repeats are the hotline's business.")
        desk = self.desk(session)
        return duplicates.of(desk, moves.find_for(desk, number, who))

    def identity(self, session: Session, number: str, who: Principal, why: str = "") -> Identity:
        """Who wrote. Each look goes into the record and the audit trail. Raises Forbidden, NotFound."""
        desk = self.desk(session)
        matter = moves.find_for(desk, number, who)
        if not barrier.may_see_identity(who, moves.guarded(desk, matter)):
            raise Forbidden("Who wrote this is not for you to see.")
        doer = Doer.staff(who)
        record.note(desk, matter, "identity", doer, text=why or None)
        subject = f"matter:{matter.number}"
        audit.record(session, desk.now, doer.actor, "matter.identity", subject, after={"asked": bool(why)})
        who_wrote = matter.name, matter.phone, matter.for_person, matter.for_phone
        return Identity(*who_wrote, matter.reply_channel, matter.reply_address)

    # --- citizens

    def find(self, session: Session, number: str, proof: Proof) -> Matter:
        """The citizen's matter. A wrong code and an unknown number raise the same NotFound, then TooMany."""
        desk = self.desk(session)
        if isinstance(proof, Sender):
            return citizens.by_sender(desk, number, proof.channel, proof.address)
        if isinstance(proof, Shown):
            return citizens.by_id(desk, number, proof.matter_id)
        self._lockout.check(proof.asker, number)
        try:
            matter = citizens.by_code(desk, number, proof.code)
        except NotFound:
            self._lockout.failed(proof.asker, number)
            raise
        self._lockout.passed(number)
        return matter

    def _mine(self, session: Session, number: str, proof: Proof) -> Matter:
        """As ``find``, for a change: held, so that a citizen's words never lose against a move of staff."""
        matter = self.find(session, number, proof)
        session.refresh(matter, with_for_update=True)
        return matter

    def view(self, session: Session, number: str, proof: Proof) -> citizen_view.CitizenView:
        """A matter as its citizen sees it."""
        return citizen_view.view(self.desk(session), self.find(session, number, proof))

    def own(self, session: Session, sender: Sender, *, open_only: bool = False) -> list[citizen_view.CitizenView]:
        """The sender's own matters, latest first."""
        desk = self.desk(session)
        found = citizens.own(desk, sender.channel, sender.address, open_only=open_only)
        return [citizen_view.view(desk, matter) for matter in found]

    def own_page(
        self, session: Session, sender: Sender, start: int, count: int, recent: timedelta
    ) -> tuple[list[citizen_view.CitizenView], int]:
        """A page of the sender's matters that are open or ended lately, and how many there are in all."""
        desk = self.desk(session)
        found = citizens.worth_listing(desk, citizens.own(desk, sender.channel, sender.address), recent)
        return [citizen_view.view(desk, matter) for matter in found[start : start + count]], len(found)

    def append(self, session: Session, number: str, proof: Proof, text: str) -> citizen_view.CitizenView:
        """补充. Raises IllegalMove, TooMany."""
        matter = self._mine(session, number, proof)
        citizens.append(self.desk(session), matter, _doer(proof), text)
        return citizen_view.view(self.desk(session), matter)

    def attach(self, session: Session, number: str, proof: Proof, name: str, content: bytes) -> StoredFile:
        """A photo, a sound or a paper. Raises TooLarge, BadInput, IllegalMove."""
        matter, desk = self._mine(session, number, proof), self.desk(session)
        moves.check(desk, matter, Action.APPEND)
        doer = _doer(proof)
        kept = files.save(session, desk.now, owner_of(matter), name, content, doer.ref)
        record.note(desk, matter, "file", doer, public=True, data={"file": kept.id})
        return kept

    def urge(self, session: Session, number: str, proof: Proof) -> citizens.Urged:
        """催办, once a day. Raises UrgedAlready, IllegalMove."""
        matter = self._mine(session, number, proof)
        return citizens.urge(self.desk(session), matter, _doer(proof))

    def withdraw(self, session: Session, number: str, proof: Proof, text: str = "") -> citizen_view.CitizenView:
        """撤回. Of a report it ends the answer, not the inquiry."""
        matter = self._mine(session, number, proof)
        citizens.withdraw(self.desk(session), matter, _doer(proof), text)
        return citizen_view.view(self.desk(session), matter)

    def rate(
        self, session: Session, number: str, proof: Proof, *, solved: bool, grade: Grade, comment: str = ""
    ) -> citizen_view.CitizenView:
        """评价, once for each answer. Raises RatedAlready, IllegalMove."""
        matter, desk = self._mine(session, number, proof), self.desk(session)
        moves.check(desk, matter, Action.RATE)
        doer = _doer(proof)
        closing.rate(desk, matter, doer, solved=solved, grade=grade, comment=comment, via=doer.actor.via)
        return citizen_view.view(desk, matter)

    def reopen(self, session: Session, number: str, proof: Proof, reason: str) -> citizen_view.CitizenView:
        """重办, within 15 days of closing."""
        matter = self._mine(session, number, proof)
        citizens.reopen(self.desk(session), matter, _doer(proof), reason)
        return citizen_view.view(self.desk(session), matter)

    def contest(self, session: Session, number: str, proof: Proof, reason: str) -> citizen_view.CitizenView:
        """异议 against a rejection, once within 15 days."""
        matter = self._mine(session, number, proof)
        citizens.contest(self.desk(session), matter, _doer(proof), reason)
        return citizen_view.view(self.desk(session), matter)

    # --- time

    def digest(self, session: Session) -> int:
        """Send supervisors the morning's figures, once a day on working days; returns how many were reached.

        Gaps of the duty roster are told on every day, to the leaders who can fill them.
        """
        desk = self.desk(session)
        duty_watch.warn(desk)
        return digest.send(desk)

    def open_objections(self, session: Session, notice_id: str) -> list[str]:
        """Numbers of the unanswered objections to a notice (source ``objection``, the notice as outside number)."""
        return objections.open_numbers(self.desk(session), notice_id)

    def export_person(self, session: Session, sender: Sender) -> list[dict[str, Any]]:
        """A person's own matters, as they may have them."""
        return privacy.export(self.desk(session), sender.channel, sender.address)

    def erase_person(self, session: Session, sender: Sender, doer: Doer) -> tuple[int, list[str]]:
        """Erase a person's ended matters; returns how many, and the numbers left because they are at work."""
        return privacy.erase(self.desk(session), sender.channel, sender.address, doer)

    def purge(self, session: Session, *, dry_run: bool = False) -> int:
        """Forget what ended longer ago than it is kept; at most 500 matters in one go."""
        return privacy.purge(self.desk(session), dry_run=dry_run)

    def sweep(self, session: Session) -> Counter[Due]:
        """Do what is due: lamps, follow-up, closing without a rating, calling the next on duty. Idempotent."""
        return sweep.sweep(self.desk(session))


def owner_of(matter: Matter) -> str:
    """Under which a matter's files are kept."""
    return f"matter:{matter.id}"


def _doer(proof: Proof) -> Doer:
    return citizen(proof.channel if isinstance(proof, Sender) else proof.via)
