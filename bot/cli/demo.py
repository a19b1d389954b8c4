"""``sunline demo``: what ``make demo`` runs."""

from pathlib import Path
from typing import Annotated

import typer

from bot import demo as trial
from bot import demo_notices
from bot.cli.base import Build, err, opened, out, sentences
from bot.cli.service import run_server
from bot.house import House
from core import schema
from core.errors import StartupError
from faq import bulk
from faq.review import OPERATOR_AUTHOR

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def commands(app: typer.Typer, build: Build) -> None:
    """Add the command to ``app``."""

    @app.command()
    def demo(
        port: Annotated[int, typer.Option(envvar="PORT", help="Port to listen on.")] = 8000,
        host: Annotated[str, typer.Option(help="A loopback address.")] = "127.0.0.1",
        data_dir: Annotated[Path, typer.Option(help="Where the trial keeps its data.")] = Path("var/demo"),
        fresh: Annotated[bool, typer.Option(help="Start over.")] = False,
    ) -> None:
        """Try everything on this machine: web chat, pretend phones, API. Nothing leaves it."""
        with sentences():
            if host not in _LOOPBACK:
                raise StartupError("The demo listens on a loopback address only.")
            trial.check_environment(trial.settings_given())
            secret = trial.prepare(data_dir.absolute(), fresh=fresh)
        trial.environment(data_dir.absolute(), secret, host, port)
        with opened(build) as house:
            schema.upgrade(house.db)
            made_up = trial.logins(secret)
            if house.db.write_now(trial.furnish, house.clock(), made_up):
                err.print("Telling the made-up stories …")
                house.db.write_now(trial.tell_stories, house.clock(), house.outbox, house.hotline.office)
                house.db.write_now(trial.past_month, house)
                house.db.write_now(trial.receive, house.reception)
                house.db.write_now(demo_notices.tell, house.publicity, house.settings.office_phone)
                err.print("Loading the starter pack …")
                bulk.import_now(house.db, Path(bulk.STARTER), house.clock, OPERATOR_AUTHOR, publish=True)
            _welcome(house, made_up)
        run_server(host, port, workers=1, with_worker=True)


def _welcome(house: House, made_up: list[trial.Login]) -> None:
    url = house.settings.url
    lines = [
        "",
        f"{house.settings.office_name} is starting. Ctrl-C stops it; start it again to go on.",
        "",
        f"  Ask a question   {url}/",
        f"  Pretend phones   {url}/phone",
        f"  Staff console    {url}/console",
        f"  API document     {url}/openapi.json",
        "",
        "  Made-up logins of the console (password), and API tokens:",
        *(f"    {login.name:<11}{login.password}  {login.token}" for login in made_up),
        "",
        f"  Try:  curl -s {url}/api/v1/ask -H 'Content-Type: application/json' -d '{{\"text\": \"社保卡丢了咋补\"}}'",
        "",
    ]
    for line in lines:
        out.print(line, markup=False, soft_wrap=True)
