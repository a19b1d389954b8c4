"""``sunline faq``: bulk in and out, why a question got its answer, and figures over labelled questions."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from bot.cli.base import Build, err, opened, out
from core.clock import office_day
from core.errors import BadInput
from faq import bulk, evaluate, export, store
from faq.index import Explanation, FaqIndex
from faq.live import as_indexed
from faq.review import OPERATOR_AUTHOR

_BAD_LINES_SHOWN = 50


def commands(app: typer.Typer, build: Build) -> None:
    """Add the commands to ``app``."""
    faq = typer.Typer(help="The knowledge base.")
    app.add_typer(faq, name="faq", no_args_is_help=True)
    _in_and_out(faq, build)
    _looking(faq, build)


def _in_and_out(faq: typer.Typer, build: Build) -> None:
    @faq.command("import")
    def import_(
        file: Annotated[str, typer.Argument(help="CSV, XLSX or JSONL; `starter` is the pack that comes along.")],
        draft: Annotated[bool, typer.Option("--draft", help="As drafts, to be reviewed.")] = False,
    ) -> None:
        """Import entries. Good lines are kept, bad ones listed; exit 1 when there are any."""
        starter = file == bulk.STARTER
        with opened(build) as house:
            if not starter and not Path(file).is_file():
                raise BadInput(f"There is no file {file!r}.")
            publish = house.demo if starter else not draft
            with _progress() as progress:
                task = progress.add_task("entries", total=None)
                report = bulk.import_now(
                    house.db,
                    Path(file),
                    house.clock,
                    OPERATOR_AUTHOR,
                    publish=publish,
                    progress=lambda line: progress.update(task, completed=line),
                )
            _tell(report, publish=publish)
        if report.bad:
            raise typer.Exit(1)

    @faq.command("export")
    def export_(file: Annotated[Path, typer.Argument(help="Name ending in .csv, .xlsx or .jsonl.")]) -> None:
        """Export every entry that is not archived."""
        with opened(build) as house:
            form: Any = file.suffix.removeprefix(".").lower()
            if form not in export.MEDIA_TYPES:
                raise BadInput("The file's name must end in .csv, .xlsx or .jsonl.")
            count = 0

            def pages() -> Iterator[list[dict[str, Any]]]:
                nonlocal count
                after = ""
                while page := house.db.read_now(export.rows, after):
                    count += len(page)
                    after = page[-1]["id"]
                    yield page

            try:
                with file.open("wb") as target:
                    target.writelines(export.encode(pages(), form))
            except OSError as error:
                raise BadInput(f"{file} cannot be written: {error.strerror}.") from error
            out.print(f"{count} entries written to {file}.")


def _looking(faq: typer.Typer, build: Build) -> None:
    @faq.command()
    def explain(question: str) -> None:
        """Show every candidate for a question with its features, and why the outcome was chosen."""
        with opened(build) as house:
            index = FaqIndex([as_indexed(entry) for entry in house.db.read_now(store.published)])
            today = office_day(house.clock(), house.settings.zone)
            _show(index.explain(question, today=today))

    @faq.command("eval")
    def eval_(
        file: Annotated[Path, typer.Argument(help='JSONL lines {"q", "id"|null, "alt"?, "tag"?}.')],
        learn: Annotated[bool, typer.Option("--learn", help="Simulate the learning loop week by week.")] = False,
    ) -> None:
        """Recall, abstention and wrong answers on labelled questions, over the published entries."""
        with opened(build) as house:
            entries = [as_indexed(entry) for entry in house.db.read_now(store.published)]
            today = office_day(house.clock(), house.settings.zone)
            questions = _labelled(file)
            if learn:
                lessons, later = evaluate.split_writers(questions)
                _show_weeks(evaluate.learn(entries, lessons, later, today), len(lessons), len(later))
            else:
                _show_report(evaluate.report(evaluate.ask_all(FaqIndex(entries), questions, today)))


def _labelled(file: Path) -> list[evaluate.Labelled]:
    if not file.is_file():
        raise BadInput(f"There is no file {str(file)!r}.")
    try:
        lines = file.read_text("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise BadInput("The file of labelled questions is not UTF-8.") from error
    questions = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                questions.append(evaluate.Labelled.parse(line))
            except (ValueError, KeyError, TypeError) as error:
                raise BadInput(f'Line {number} is not {{"q": …, "id": …}}.') from error
    if not questions:
        raise BadInput("The file holds no question.")
    return questions


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed}"),
        TimeElapsedColumn(),
        console=err,
    )


def _tell(report: bulk.ImportReport, *, publish: bool) -> None:
    for note in report.bad[:_BAD_LINES_SHOWN]:
        err.print(f"line {note.line}, {note.column}: {note.reason}")
    if len(report.bad) > _BAD_LINES_SHOWN:
        err.print(f"… and {len(report.bad) - _BAD_LINES_SHOWN} more bad lines.")
    for note in report.warnings[:_BAD_LINES_SHOWN]:
        err.print(f"note: line {note.line}, {note.column}: {note.reason}")
    if report.unknown_columns:
        err.print(f"Columns not known and ignored: {', '.join(report.unknown_columns)}")
    state = "published" if publish else "as drafts, to be reviewed"
    out.print(
        f"{report.added} added, {report.changed} changed ({state}), "
        f"{report.unchanged} unchanged, {len(report.bad)} bad."
    )


def _show(found: Explanation) -> None:
    out.print(f"as typed   {found.raw}\ncanonical  {found.canon}")
    if found.lent:
        out.print("lexicon    " + "  ".join(f"{term} {weight:.2f}" for term, weight in found.lent))
    out.print(f"outcome    {found.outcome}: {found.reason}\nthresholds {found.thresholds}")
    for candidate in found.candidates:
        out.print(f"\n{candidate.score:.3f}  {candidate.id}  {candidate.phrasing}")
        parts = sorted(candidate.features.items(), key=lambda pair: -abs(pair[1]))
        out.print("       " + "  ".join(f"{name} {value:.2f}" for name, value in parts if value))


def _show_report(report: evaluate.Report) -> None:
    table = Table("tag", "questions", "R@1", "R@3", "MRR", "AUROC", "F1", "wrong", "refused")
    for tag, part in (("all", report), *report.by_tag):
        figures = (
            part.recall[1], part.recall[3], part.mrr, part.auroc, part.f1, part.wrong_among_answers, part.refused,
        )  # fmt: skip
        table.add_row(tag, str(part.questions), *(f"{figure:.3f}" for figure in figures))
    out.print(table)
    curve = Table("score from", "answered", "wrong", "refused", "F1")
    for point in report.curve:
        curve.add_row(
            *(f"{value:.2f}" for value in (point.threshold, point.answered, point.wrong, point.refused, point.f1))
        )
    out.print(curve)


def _show_weeks(weeks: list[evaluate.Week], lessons: int, later: int) -> None:
    out.print(f"{lessons} lessons by the first writer, {later} questions by others on the same matters")
    table = Table("week", "phrasings learned", "R@1", "R@3")
    for week in weeks:
        table.add_row(str(week.week), str(week.learned), f"{week.recall_1:.3f}", f"{week.recall_3:.3f}")
    out.print(table)
