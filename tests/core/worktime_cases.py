"""What the tests of working time share: an office, a calendar known until 2026, and cases counted by hand."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from core.calendar_days import DayRow, Days, OfficialCalendar, china
from core.office_hours import OfficeHours, parse_spans

SHANGHAI = ZoneInfo("Asia/Shanghai")
HOURS = OfficeHours.parse()

KNOWN_UNTIL_2026 = OfficialCalendar(
    frozenset(day for day in china().days_off if day.year <= 2026),
    frozenset(day for day in china().make_up_days if day.year <= 2026),
    2004,
    2026,
)
"""Cut off, so that a newer package that knows 2027 changes no test."""

DAYS = Days(official=KNOWN_UNTIL_2026)
PLAIN_WEEKDAYS = Days(official=None)


def at(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    """A wall time of the office as a moment in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


def own_day(day: str, *, working: bool, hours: str = "") -> DayRow:
    """A row as the office would enter it."""
    return DayRow(date.fromisoformat(day), working, hours=parse_spans(hours) if hours else ())


# name, received, working days, last day (business stops at 18:00)
END_OF_WORKING_DAYS = [
    ("acceptance of a matter is told by the next close", "2026-11-23 10:20", 1, "2026-11-24"),
    ("a consultation of Monday is answered by Wednesday", "2026-11-23 10:20", 2, "2026-11-25"),
    ("help has five working days", "2026-11-23 10:20", 5, "2026-11-30"),
    ("a complaint has fifteen working days", "2026-11-23 16:20", 15, "2026-12-14"),
    ("a redo has fifteen working days from Friday", "2026-11-27 11:00", 15, "2026-12-18"),
    ("a dissatisfied citizen is called the next working day", "2026-11-26 19:30", 1, "2026-11-27"),
    ("a correction notice has seven working days", "2026-11-23 10:20", 7, "2026-12-02"),
    ("an information request has twenty working days", "2026-11-23 10:20", 20, "2026-12-21"),
    ("a complaint with its extension has twenty-two", "2026-11-23 16:20", 22, "2026-12-23"),
    ("received at midnight", "2026-11-23 00:00", 1, "2026-11-24"),
    ("received a minute before opening", "2026-11-23 08:59", 1, "2026-11-24"),
    ("received at opening", "2026-11-23 09:00", 1, "2026-11-24"),
    ("received as lunch begins", "2026-11-23 12:00", 1, "2026-11-24"),
    ("received in the lunch break", "2026-11-23 12:30", 1, "2026-11-24"),
    ("received a minute before closing", "2026-11-23 17:59", 1, "2026-11-24"),
    ("received at closing", "2026-11-23 18:00", 1, "2026-11-24"),
    ("received after closing", "2026-11-23 18:01", 1, "2026-11-24"),
    ("received a minute before midnight", "2026-11-23 23:59", 1, "2026-11-24"),
    ("received as the next day begins", "2026-11-24 00:00", 1, "2026-11-25"),
    ("received on Friday afternoon", "2026-11-27 17:59", 1, "2026-11-30"),
    ("received late on Friday", "2026-11-27 23:59", 1, "2026-11-30"),
    ("received on Saturday", "2026-11-28 10:00", 1, "2026-11-30"),
    ("received late on Sunday", "2026-11-29 23:59", 1, "2026-11-30"),
    ("received as Monday begins", "2026-11-30 00:00", 1, "2026-12-01"),
    ("two days from Saturday", "2026-11-28 10:00", 2, "2026-12-01"),
    ("two days from Sunday", "2026-11-29 10:00", 2, "2026-12-01"),
    ("two days from Thursday cross the weekend", "2026-11-26 10:00", 2, "2026-11-30"),
    ("five days from Friday end on the next Friday", "2026-11-27 10:00", 5, "2026-12-04"),
    ("ten days from Wednesday are two weeks", "2026-11-25 10:00", 10, "2026-12-09"),
    ("over the end of a month", "2026-11-30 10:00", 1, "2026-12-01"),
    ("New Year 2026 ends on a worked Sunday", "2025-12-31 10:00", 1, "2026-01-04"),
    ("the day after the worked Sunday is the second", "2025-12-31 10:00", 2, "2026-01-05"),
    ("received on New Year's Day", "2026-01-01 10:00", 1, "2026-01-04"),
    ("received on the last day of the New Year holiday", "2026-01-03 23:59", 1, "2026-01-04"),
    ("received on a worked Sunday", "2026-01-04 10:00", 1, "2026-01-05"),
    ("the Saturday before Spring Festival is worked", "2026-02-13 10:00", 1, "2026-02-14"),
    ("Spring Festival in between", "2026-02-13 10:00", 2, "2026-02-24"),
    ("received on the worked Saturday before Spring Festival", "2026-02-14 17:00", 1, "2026-02-24"),
    ("received on the first day of the lunar year", "2026-02-17 00:30", 1, "2026-02-24"),
    ("received on the last evening of Spring Festival", "2026-02-23 23:59", 1, "2026-02-24"),
    ("five days around Spring Festival", "2026-02-13 10:00", 5, "2026-02-27"),
    ("six days end on a worked Saturday", "2026-02-13 10:00", 6, "2026-02-28"),
    ("seven days go past the worked Saturday", "2026-02-13 10:00", 7, "2026-03-02"),
    ("fifteen days around Spring Festival", "2026-02-13 10:00", 15, "2026-03-12"),
    ("Qingming on a long weekend", "2026-04-03 10:00", 1, "2026-04-07"),
    ("two days around Qingming", "2026-04-02 10:00", 2, "2026-04-07"),
    ("Labour Day in between", "2026-04-30 10:00", 1, "2026-05-06"),
    ("four days from before Labour Day end on a worked Saturday", "2026-04-30 10:00", 4, "2026-05-09"),
    ("five days from before Labour Day", "2026-04-30 10:00", 5, "2026-05-11"),
    ("Friday before a worked Saturday", "2026-05-08 10:00", 1, "2026-05-09"),
    ("received on a worked Saturday", "2026-05-09 10:00", 1, "2026-05-11"),
    ("Dragon Boat on Friday", "2026-06-18 10:00", 1, "2026-06-22"),
    ("received on Dragon Boat Day", "2026-06-19 10:00", 1, "2026-06-22"),
    ("Friday before a worked Sunday", "2026-09-18 10:00", 1, "2026-09-20"),
    ("Saturday before a worked Sunday", "2026-09-19 10:00", 1, "2026-09-20"),
    ("received on a worked Sunday in September", "2026-09-20 10:00", 1, "2026-09-21"),
    ("Mid-Autumn on Friday", "2026-09-24 10:00", 1, "2026-09-28"),
    ("five days over Mid-Autumn and National Day", "2026-09-24 10:00", 5, "2026-10-09"),
    ("fifteen days over Mid-Autumn and National Day", "2026-09-23 10:00", 15, "2026-10-21"),
    ("National Day in between", "2026-09-30 10:00", 1, "2026-10-08"),
    ("three days from before National Day end on a worked Saturday", "2026-09-30 10:00", 3, "2026-10-10"),
    ("four days from before National Day", "2026-09-30 10:00", 4, "2026-10-12"),
    ("received in the middle of National Day week", "2026-10-04 10:00", 1, "2026-10-08"),
    ("Spring Festival 2025", "2025-01-27 10:00", 1, "2025-02-05"),
    ("the worked Sunday before Spring Festival 2025", "2025-01-24 10:00", 1, "2025-01-26"),
    ("the worked Saturday after Spring Festival 2025", "2025-02-07 10:00", 1, "2025-02-08"),
    ("National Day and Mid-Autumn together in 2025", "2025-09-30 10:00", 1, "2025-10-09"),
    ("Spring Festival 2024 ends on a worked Sunday", "2024-02-09 10:00", 1, "2024-02-18"),
    ("to a leap day", "2024-02-28 10:00", 1, "2024-02-29"),
    ("from a leap day", "2024-02-29 10:00", 1, "2024-03-01"),
    ("from a year before the calendar begins", "2003-12-31 10:00", 1, "2004-01-02"),
    ("past the known calendar weekdays are assumed", "2026-12-31 10:00", 1, "2027-01-01"),
    ("received in the last minute of the known calendar", "2026-12-31 23:59", 1, "2027-01-01"),
    ("received in the first minute past the known calendar", "2027-01-01 00:00", 1, "2027-01-04"),
    ("fifteen days across an unknown New Year", "2026-12-30 10:00", 15, "2027-01-20"),
    ("an information request with its extension across the year", "2026-11-23 10:20", 40, "2027-01-18"),
    ("a leap day in an unknown year", "2028-02-28 10:00", 1, "2028-02-29"),
    ("across an unknown century", "2099-12-31 10:00", 1, "2100-01-01"),
    ("no leap day in 2100", "2100-02-26 10:00", 1, "2100-03-01"),
]

# name, rows of the office, received, working days, due
WITH_OWN_DAYS = [
    ("a local holiday is skipped",
     [own_day("2026-11-24", working=False)], "2026-11-23 10:00", 1, "2026-11-25 18:00"),
    ("a local make-up day counts",
     [own_day("2026-11-28", working=True)], "2026-11-27 10:00", 1, "2026-11-28 18:00"),
    ("the office may be free on an official make-up day",
     [own_day("2026-09-20", working=False)], "2026-09-18 10:00", 1, "2026-09-21 18:00"),
    ("the office may work on an official holiday",
     [own_day("2026-10-01", working=True)], "2026-09-30 10:00", 1, "2026-10-01 18:00"),
    ("a short day ends at its own close",
     [own_day("2026-11-24", working=True, hours="09:00-12:00")], "2026-11-23 10:00", 1, "2026-11-24 12:00"),
    ("a long day ends at its own close",
     [own_day("2026-11-24", working=True, hours="08:00-12:00, 13:00-20:30")], "2026-11-23 10:00", 1,
     "2026-11-24 20:30"),
    ("a short day before the last one changes nothing",
     [own_day("2026-11-24", working=True, hours="09:00-12:00")], "2026-11-23 10:00", 2, "2026-11-25 18:00"),
    ("a holiday entered for an unknown year is skipped",
     [own_day("2027-01-01", working=False)], "2026-12-31 10:00", 1, "2027-01-04 18:00"),
]  # fmt: skip

# name, zone, received (wall time there), working days, due in UTC
OTHER_ZONES = [
    ("Berlin before the clocks go forward", "Europe/Berlin", "2026-03-26 10:00", 1, "2026-03-27T17:00Z"),
    ("Berlin over the weekend the clocks go forward", "Europe/Berlin", "2026-03-27 10:00", 1, "2026-03-30T16:00Z"),
    ("Berlin over the weekend the clocks go back", "Europe/Berlin", "2026-10-23 10:00", 1, "2026-10-26T17:00Z"),
    (
        "New York over the weekend the clocks go forward",
        "America/New_York",
        "2026-03-06 23:30",
        1,
        "2026-03-09T22:00Z",
    ),
    (
        "New York over the weekend the clocks go back",
        "America/New_York",
        "2026-10-30 23:30",
        1,
        "2026-11-02T23:00Z",
    ),
    ("Kathmandu with its quarter of an hour", "Asia/Kathmandu", "2026-11-23 10:00", 1, "2026-11-24T12:15Z"),
    ("Urumqi by its local clock", "Asia/Urumqi", "2026-11-23 10:00", 1, "2026-11-24T12:00Z"),
    ("Apia, where a Friday never was", "Pacific/Apia", "2011-12-29 10:00", 2, "2012-01-02T04:00Z"),
]
