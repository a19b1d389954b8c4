"""The register of leaders' instructions (批示登记): a number for each, year by year (督〔2026〕3号)."""

from sqlalchemy.dialects import postgresql, sqlite

from notify.signoff.models import SignSeries
from notify.signoff.office import Work


def next_number(work: Work) -> str:
    """The next number of this year in the office's time. One statement, so that two never get the same."""
    year = work.now.astimezone(work.office.hours.zone).year
    table = SignSeries.__table__  # type: ignore[attr-defined]
    dialect = sqlite if work.session.get_bind().dialect.name == "sqlite" else postgresql
    first = dialect.insert(table).values(name=f"instruction.{year}", last=1)
    taken = first.on_conflict_do_update(index_elements=["name"], set_={"last": table.c.last + 1})
    number = int(work.session.execute(taken.returning(table.c.last)).scalar_one())
    return work.office.rules.register.format(year=year, number=number)
