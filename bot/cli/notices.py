"""``sunline notice``: what notices there are, and a sending as it happens."""

import time
from typing import Annotated

import typer
from rich.live import Live
from rich.table import Table

from bot.cli.base import Build, opened, out
from bot.house import House
from notify.publicity.models import Notice
from notify.publicity.progress import Progress

_EVERY_S = 1.0
_BAR = 30
_UNDER_WAY = frozenset({"sending", "confirming", "scheduled", "paused"})
_OPEN = frozenset({"queued", "sending"})


def commands(app: typer.Typer, build: Build) -> None:
    """Add the commands to ``app``."""
    notices = typer.Typer(help="Notices: what there is, and how a sending goes.")
    app.add_typer(notices, name="notice", no_args_is_help=True)

    @notices.callback()
    def _group() -> None:
        """Notices: what there is, and how a sending goes."""

    @notices.command("list")
    def list_(
        state: Annotated[str, typer.Option(help="Only those in this state, for example sending.")] = "",
        limit: Annotated[int, typer.Option(min=1, max=500)] = 50,
    ) -> None:
        """The newest notices, one to a line: id, number, state, title."""
        with opened(build) as house:
            found = house.db.read_now(house.publicity.listed, [state] if state else [], "", limit)
            if not found:
                out.print("There is no notice.")
            for notice in found:
                out.print(f"{notice.id}  {notice.number}  {notice.state}  {notice.title}")

    @notices.command("progress")
    def progress(
        notice_id: Annotated[str, typer.Argument(metavar="ID", help="The notice's id, see: sunline notice list")],
        once: Annotated[bool, typer.Option("--once", help="Print where it stands now and leave.")] = False,
    ) -> None:
        """Follow a sending until it is done; Ctrl-C leaves it alone and ends only this."""
        with opened(build) as house:
            notice, found = _read(house, notice_id)
            if once or not out.is_terminal:
                out.print(table(notice, found, house))
                return
            with Live(table(notice, found, house), console=out, refresh_per_second=4) as live:
                while found.state in _UNDER_WAY:
                    time.sleep(_EVERY_S)
                    notice, found = _read(house, notice_id)
                    live.update(table(notice, found, house))


def _read(house: House, notice_id: str) -> tuple[Notice, Progress]:
    notice = house.db.read_now(house.publicity.find, notice_id)
    return notice, house.db.read_now(house.publicity.progress, notice_id)


def table(notice: Notice, found: Progress, house: House) -> Table:
    """Where a sending stands, for a terminal."""
    done = found.total - sum(found.by_state.get(state, 0) for state in _OPEN)
    share = done / found.total if found.total else 1.0
    lines = Table(title=f"{notice.number} {notice.title}", show_header=False, title_justify="left")
    lines.add_row("state", found.state)
    lines.add_row("done", f"{'█' * round(share * _BAR):░<{_BAR}} {share:.0%}  {done:,} of {found.total:,}")
    for state, number in sorted(found.by_state.items()):
        lines.add_row(state, f"{number:,}")
    lines.add_row("segments", f"{found.segments_done:,} of {found.segments:,}, cost about {found.estimated_cost}")
    if found.speed:
        lines.add_row("speed", f"{found.speed:g} segments a second")
    if found.eta:
        lines.add_row("done about", f"{found.eta.astimezone(house.settings.zone):%Y-%m-%d %H:%M}")
    return lines
