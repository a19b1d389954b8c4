"""Writes ``build/sunline_client.py`` from our own OpenAPI document: ``make client``.

The result is one file for Python 3.11 or newer that needs nothing but the standard library: a typed dictionary for
every schema and a method for every call. It is made, not kept: so it is never older than the program.
"""

import json
import keyword
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parent.parent / "build" / "sunline_client.py"
BASE = Path(__file__).parent / "client_base.txt"
_PLAIN = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}
_WORD = re.compile(r"\W+")
Schema = Mapping[str, Any]


def source(document: Schema) -> str:
    """The client's whole text."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for path, calls in document["paths"].items():
        if not path.startswith("/api/v1/"):
            continue
        for method, call in calls.items():
            groups.setdefault(_identifier(call.get("tags", ["other"])[0]), []).append(
                (_name(call), _method(method, path, call))
            )
    parts = [BASE.read_text("utf-8").rstrip()]
    parts += [_typed(name, schema) for name, schema in sorted(document["components"]["schemas"].items())]
    parts += [_group(name, methods) for name, methods in sorted(groups.items())]
    parts.append(_client(sorted(groups)))
    return "\n\n\n".join(parts) + "\n"


def _identifier(text: str) -> str:
    found = _WORD.sub("_", text).strip("_")
    return f"{found}_" if keyword.iskeyword(found) else found


def _class(text: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in _WORD.sub("_", text).split("_") if part)


def _typed(name: str, schema: Schema) -> str:
    """One schema: a dictionary with typed keys, or a name for something simpler."""
    if schema.get("type") != "object" or "properties" not in schema:
        return f"{_class(name)}: TypeAlias = {_type(schema, quoted=True)}"
    required = set(schema.get("required", ()))
    fields = [
        f'    "{key}": {_type(value) if key in required else f"NotRequired[{_type(value)}]"},'
        for key, value in schema["properties"].items()
    ]
    # The functional form takes keys that are no identifiers and lets types stand in any order.
    lines = [field.replace(": ", ': "', 1)[:-1] + '",' for field in fields]
    return "\n".join([f'{_class(name)} = TypedDict("{_class(name)}", {{', *lines, "})"])


def _type(schema: Schema, *, quoted: bool = False) -> str:
    found = _plain_type(schema)
    return f'"{found}"' if quoted else found


def _plain_type(schema: Schema) -> str:
    if "$ref" in schema:
        return _class(schema["$ref"].rpartition("/")[2])
    if "enum" in schema:
        return f"Literal[{', '.join(repr(value) for value in schema['enum'])}]".replace('"', "'")
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(_plain_type(one) for one in schema["anyOf"]))
    kind = schema.get("type")
    if kind == "array":
        return f"list[{_plain_type(schema.get('items', {}))}]"
    if kind == "object":
        inner = schema.get("additionalProperties")
        return f"dict[str, {_plain_type(inner) if isinstance(inner, dict) else 'Any'}]"
    return _PLAIN.get(kind or "", "Any")


def _method(method: str, path: str, call: Schema) -> str:
    """One call as a method of its group."""
    inside, query = _parameters(call, "path"), _parameters(call, "query")
    body, upload = _body(call)
    keyed = method == "post"
    arguments = ["self", *(f"{_identifier(one['name'])}: {_type(one['schema'])}" for one in inside)]
    arguments += [f"body: {body}"] if body else []
    arguments += ["file: bytes", "file_name: str"] if upload else []
    after = [_optional(one) for one in query] + (["idempotency_key: str | None = None"] if keyed else [])
    arguments += ["*", *after] if after else []
    sent = [f'"{method.upper()}"', _address(path)]
    asked = ", ".join(f"{one['name']!r}: {_identifier(one['name'])}" for one in query)
    sent += [f"query={{{asked}}}"] if query else []
    sent += ["body=body"] if body and not upload else []
    sent += [f"upload=({'body' if body else '{}'}, file, file_name)"] if upload else []
    sent += ["key=idempotency_key"] if keyed else []
    answer, raw = _answer(call)
    sent += ["raw=True"] if raw else []
    text = " ".join((call.get("description") or call.get("summary") or path).split())
    text = text.replace("\\", "").replace('"""', "'")
    head = f"    def {_name(call)}({', '.join(arguments)}) -> {answer}:"
    back = "self._call(" if answer == "None" else "return self._call("
    return "\n".join([head, f'        """{text}"""', f"        {back}{', '.join(sent)})"])


def _name(call: Schema) -> str:
    """The route's own function name: what stands before the path in FastAPI's operation id."""
    return _identifier(str(call["operationId"]).split("_api_v1_")[0])


def _parameters(call: Schema, where: str) -> list[Schema]:
    return [one for one in call.get("parameters", []) if one["in"] == where]


def _optional(parameter: Schema) -> str:
    kind = _type(parameter["schema"])
    name = _identifier(parameter["name"])
    return (
        f"{name}: {kind}"
        if parameter.get("required")
        else f"{name}: {kind} | None = None".replace("None | None", "None")
    )


def _body(call: Schema) -> tuple[str, bool]:
    """The type of what is sent, and whether a file goes along."""
    content = call.get("requestBody", {}).get("content", {})
    if "multipart/form-data" in content:
        return "dict[str, str]", True
    if "application/json" in content:
        return _type(content["application/json"]["schema"]), False
    return "", False


def _address(path: str) -> str:
    names = re.findall(r"{([^}]+)}", path)
    if not names:
        return f'"{path}"'
    for name in names:
        path = path.replace(f"{{{name}}}", f"{{_quoted({_identifier(name)})}}")
    return f'f"{path}"'


def _answer(call: Schema) -> tuple[str, bool]:
    """What a call gives, and whether that is a file."""
    for status, answer in call["responses"].items():
        if str(status).startswith("2"):
            content = answer.get("content", {})
            if not content:
                return ("None", False) if str(status) == "204" else ("bytes", True)
            schema = content.get("application/json", {}).get("schema")
            return (_type(schema), False) if schema else ("bytes", True)
    return "None", False


def _group(name: str, methods: list[tuple[str, str]]) -> str:
    """A class of methods; the second of a name gets a number."""
    seen: Counter[str] = Counter()
    unique = []
    for called, text in methods:
        seen[called] += 1
        again = f"{called}_{seen[called]}" if seen[called] > 1 else called
        unique.append(text.replace(f"def {called}(", f"def {again}(", 1))
    return "\n\n".join([f'class {_class(name)}Api(_Group):\n    """Calls about {name.replace("_", " ")}."""', *unique])


def _client(groups: list[str]) -> str:
    lines = [f"        self.{name} = {_class(name)}Api(call)" for name in groups]
    return "\n".join(
        [
            "class Client(_Caller):",
            '    """The service at ``base_url``, called with an API token."""',
            "",
            '    def __init__(self, base_url: str, token: str = "", *, timeout_s: float = 30) -> None:',
            "        super().__init__(base_url, token, timeout_s)",
            "        call = self._request",
            *lines,
        ]
    )


def formatted(text: str) -> str:
    """As the formatter of this tree writes it."""
    lines: Iterator[str] = iter(("ruff", "format", "--stdin-filename", TARGET.name, "-"))
    program = str(Path(sys.executable).with_name(next(lines)))
    done = subprocess.run([program, *lines], input=text, capture_output=True, text=True, check=True)
    return done.stdout


def document() -> Schema:
    """Our own OpenAPI document."""
    program = str(Path(sys.executable).with_name("sunline"))
    done = subprocess.run([program, "openapi"], capture_output=True, text=True, check=True)
    found: Schema = json.loads(done.stdout)
    return found


if __name__ == "__main__":
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(formatted(source(document())), "utf-8")
