"""Writes the tables of the documentation from the code, so that no key, unit, default or rule goes stale.

    python docs/tables.py

In every page of docs/, what stands between `<!-- table: WHAT -->` and `<!-- end -->` is replaced; the rest is left as
it is. WHAT is a dataclass (`controller.plan.Runs`), a member of a family (`policy pid`: its manual and its own keys),
the rules of a law (`law cn`), `reserved`, a table of the simulated market (`market plants`; all stand in MARKET), or a
dataclass that no file writes (`fields sim.instruments.Feed`). A test does the same and finds nothing to change. Calls
the config's own types for the units.
"""

import ast
import dataclasses
import inspect
import math
import re
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from textwrap import dedent
from typing import Annotated, Any, get_args, get_origin

from controller import registry
from controller.config.reserved import KINDS
from controller.config.typed import alias, bare, hints, schema_of
from controller.guardrails import _profiles as law
from controller.quantities import AmountOf, Quantity, Secret, write_duration
from controller.quantities.units import plain
from models.plants.base import Knobs, Plant
from models.response.catalogue import rows as catalogue
from sim.market.settings import kinds as markets

TIME, LEVEL, AMOUNT = "a time: `5m`", "a number in this block's `unit`", "a number with its unit"
SHORT = {
    "30s, 5m, 3h, 7d, 1w": TIME,
    "2026-06-01 or 2026-06-01T08:00": "a day or a civil time: `2026-06-01T08:00`",
    "a number in the unit of this entry: 3%, 1 point, 5 CNY, 2": LEVEL,
    "a number with its unit: 28000 units/day, 8%, 12 CNY": AMOUNT,
    "an amount of money: 500000 CNY": "money: `500000 CNY`",
    "share, CNY, count, units/h, push/week, ...": "a unit: `units/h`",
    "a path, relative to the config's folder or absolute": "a path, from this file's folder",
    "text in which ${env:NAME} stands for an environment variable": "text; may name `${env:NAME}`",
}
"""What the JSON Schema says of a type, as a table has room for it."""
HERE = Path(__file__).resolve().parent
RESPONSES = HERE.parent / "models" / "response"
MARKED = re.compile(r"(<!-- table: (.+?) -->\n)(.*?)(<!-- end -->)", re.DOTALL)
SECRET = next(part for part in get_args(Secret)[1:] if isinstance(part, Quantity))


def rewritten(page: str) -> str:
    """A page with its tables as the code has them now."""
    return MARKED.sub(lambda found: f"{found[1]}\n{table(found[2])}\n{found[4]}", page)


def table(what: str) -> str:
    """What stands between two markers, with a line break at its end."""
    family, _, kind = what.partition(" ")
    if family in ("law", "reserved"):
        return rules(kind) if kind else later()
    if family == "market":
        return MARKET[kind]()
    if family == "fields":
        return told(named(kind))
    if kind:
        return manual(registry.find(family, kind))
    return keys(named(what))


def named(place: str) -> Any:
    """What stands at `package.module.Name`."""
    module, _, name = place.rpartition(".")
    return getattr(import_module(module), name)


def manual(member: registry.Member) -> str:
    """A member's manual page, and the keys of its own."""
    own = keys(member.settings)
    head, _, rest = dedent(member.manual).strip().partition("\n")
    text = f"{head}\n{rest}".strip()
    return f"{text}\n\n{own}" if own else f"{text}\n"


def rules(profile: str) -> str:
    head = "| rule | where it stands | how well it was read |\n|---|---|---|\n"
    return head + "".join(
        f"| {rule.says} | {rule.source} | {rule.evidence} |\n" for rule in law.PROFILES[profile]
    )


def later() -> str:
    """The kinds that the grammar knows and that have no file yet."""
    named = {family: sorted(KINDS[family] - set(registry.kinds(family))) for family in registry.FAMILIES}
    rows = (f"| {family} | {', '.join(f'`{kind}`' for kind in kinds)} |\n" for family, kinds in named.items())
    return "| family | kinds to come |\n|---|---|\n" + "".join(rows)


def keys(kind: type[Any]) -> str:
    """The keys that a dataclass itself declares, inherited ones left out; empty where it has none to write."""
    said = docstrings(kind)
    rows = [row(kind, field, said) for field in dataclasses.fields(kind) if field.name in own_names(kind)]
    return "| key | is written | default | meaning |\n|---|---|---|---|\n" + "".join(rows) if rows else ""


def own_names(kind: type[Any]) -> set[str]:
    return {name for name in kind.__annotations__ if name != "settings"}


def row(kind: type[Any], field: Any, said: dict[str, str]) -> str:
    hint = hints(kind)[field.name]
    written = form(hint)
    cells = (
        f"`{alias(field.name)}`",
        written,
        default(field, hint),
        meaning(said.get(field.name, ""), hint, written),
    )
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def meaning(said: str, hint: Any, written: str) -> str:
    """The field's own text, as somebody reads it who writes YAML and not Python."""
    text = re.sub(r"\bNone:", "left out:", said or of_block(hint))
    return re.sub(r"^Seconds\b", "Time", text).replace(" in seconds", "") if written == TIME else text


def of_block(hint: Any) -> str:
    """What the block says of itself, for a key that has no text of its own."""
    kinds = [bare(part) for part in (hint, *get_args(bare(hint)))]
    return next(
        (" ".join((kind.__doc__ or "").split()) for kind in kinds if dataclasses.is_dataclass(kind)), ""
    )


def docstrings(kind: type[Any]) -> dict[str, str]:
    """The text under each field, in one line."""
    tree = ast.parse(dedent(inspect.getsource(kind)))
    body = tree.body[0].body  # type: ignore[attr-defined]
    pairs = pairwise(body)
    return {
        field.target.id: " ".join(text.value.value.split())
        for field, text in pairs
        if isinstance(field, ast.AnnAssign)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
    }


def default(field: Any, hint: Any) -> str:
    """What holds where the key is left out; a dash where that is nothing, or a block of its own defaults."""
    value = field.default if field.default_factory is dataclasses.MISSING else field.default_factory()
    if value is dataclasses.MISSING:
        return "required"
    if value is None or value in ((), {}, ""):
        return "-"
    if dataclasses.is_dataclass(value):
        return f"`{value}`" if "__str__" in vars(type(value)) else "-"
    quantity = next(quantities(hint), None)
    return (
        f"`{shown(value) if quantity is None or isinstance(quantity, AmountOf) else quantity.write(value)}`"
    )


def shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return plain(value) if isinstance(value, int | float) else str(value)


def quantities(hint: Any) -> Iterator[Quantity]:
    """How values of this type are written, where the type says so."""
    if get_origin(hint) is Annotated:
        yield from (part for part in get_args(hint)[1:] if isinstance(part, Quantity))
    for part in get_args(hint):
        if part is not type(None) and not isinstance(part, Quantity):
            yield from quantities(part)


def form(hint: Any) -> str:
    """What a person writes for a value of this type."""
    quantity = next(quantities(hint), None)
    if quantity == SECRET:
        return "`${env:NAME}`"
    if isinstance(quantity, AmountOf) and quantity.change:
        return "a change in this block's `unit`: `1 point`, `0.5 CNY`"
    schema = schema_of(hint)
    return words(schema, schema["$defs"])


def words(part: dict[str, Any], known: dict[str, Any]) -> str:
    """A part of a JSON Schema as a table has room for it."""
    if "$ref" in part:
        return words(known[part["$ref"].rpartition("/")[2]], known)
    if "enum" in part or "const" in part:
        return ", ".join(f"`{shown(choice)}`" for choice in part.get("enum", [part.get("const")]))
    if "description" in part and part.get("type") != "object":
        return SHORT.get(part["description"], part["description"])
    if "anyOf" in part:
        return ", or ".join(
            dict.fromkeys(words(one, known) for one in part["anyOf"] if one.get("type") != "null")
        )
    return of_type(part, known)


def of_type(part: dict[str, Any], known: dict[str, Any]) -> str:
    kind = str(part.get("type"))
    if kind == "array":
        inner = words((part.get("prefixItems") or [part["items"]])[0], known)
        return f"[lowest, highest], each {inner}" if "prefixItems" in part else f"a list; each {inner}"
    if kind == "object":
        return of_block_type(part.get("additionalProperties"), known)
    if kind in ("integer", "number"):
        ends = f", {plain(part['minimum'])} to {plain(part['maximum'])}" if "minimum" in part else ""
        return ("a whole number" if kind == "integer" else "a number") + ends
    return {"boolean": "`true` or `false`", "string": "text"}.get(kind, "any")


def of_block_type(inner: Any, known: dict[str, Any]) -> str:
    if not isinstance(inner, dict):
        return "a block"
    return "named blocks" if "$ref" in inner else f"names, with each {words(inner, known)}"


# -- the simulated market -------------------------------------------------------------------------------------------


def plant(kind: str) -> Plant:
    made: Plant = import_module(f"models.plants.{kind}").build(Knobs())
    return made


def plants() -> str:
    """Kinds of market: the first line of each file, and its levers."""
    head = "| kind | what it is | levers |\n|---|---|---|\n"
    return head + "".join(
        f"| `{kind}` | {first_line(f'models.plants.{kind}')} | {listed(plant(kind).levers)} |\n"
        for kind in markets()
    )


def first_line(module: str) -> str:
    """The first line of a module's docstring, without its full stop."""
    return (import_module(module).__doc__ or "").strip().partition("\n")[0].rstrip(".")


def listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def levers() -> str:
    head = "| lever | unit | lowest to highest | what it is |\n|---|---|---|---|\n"
    return head + "".join(
        f"| `{name}` | {one.unit} | {plain(one.low)} to {plain(one.high)}, off at {plain(one.off)} | {one.what} |\n"
        for name, one in plant("campaign").levers.items()
    )


def signals() -> str:
    """Signals, and the levers without which a market has none of them."""
    head = "| signal | what is told | unit | what it is | there with |\n|---|---|---|---|---|\n"
    words = {"count": "what happened", "money": "money paid", "level": "what is there"}
    return head + "".join(
        f"| `{name}` | {words[one.kind]} | {one.unit} | {one.what} | {there_with(name)} |\n"
        for name, one in plant("campaign").signals.items()
    )


def there_with(signal: str) -> str:
    """The levers with which a market has a signal."""
    single = [one for one in map(plant, markets()) if len(one.levers) == 1]
    found = [one for one in single if signal in one.signals]
    return (
        "any lever" if len(found) == len(single) else listed(lever for one in found for lever in one.levers)
    )


def responses(serving: bool) -> str:
    """Every default with its range and source, of the equations that markets stand on, or of the others."""
    head = "| default | value | range | unit | contested | rests on |\n|---|---:|---|---|---|---|\n"
    found = catalogue("models.response", "models.plants.parts", "models.consumers", "models.twists")
    return head + "".join(
        f"| `{row.name}` | {amount(row.value, row.unit)} | {amount(row.low, row.unit)} to "
        f"{amount(row.high, row.unit)} | {'time' if row.unit == 's' else row.unit} | "
        f"{'yes' if row.contested else 'no'} | {row.source} |\n"
        for row in found
        if serves(row.name.partition(".")[0]) is serving
    )


def serves(equation: str) -> bool:
    """Whether a plant, a consumer, a twist or a lottery's mechanism stands on a file of models/response."""
    if not (RESPONSES / f"{equation}.py").exists():
        return True  # a default of the plant's own
    imported = re.compile(
        rf"models\.response\.{equation} import|models\.response import [^#\n]*\b{equation}\b"
    )
    files = [f for f in RESPONSES.parent.rglob("*.py") if f.parent != RESPONSES or f.stem == "mechanisms"]
    return any(imported.search(file.read_text()) for file in files)


def amount(value: float, unit: str) -> str:
    return write_duration(value) if unit == "s" else plain(value)


def policies() -> str:
    """The rows that a campaign is compared with."""
    from controller.plan import Campaign
    from sim.evidence.rows import ROWS, about

    rest = "".join(f"| `{name}` | {about(name, Campaign(campaign=''))} |\n" for name in ROWS[1:])
    return "| row | what it is |\n|---|---|\n| `config` | the file as written |\n" + rest


def told(kind: type[Any]) -> str:
    """Fields of a dataclass that is written in Python."""
    said = docstrings(kind)
    head = f"| field of `{kind.__name__}` | default | meaning |\n|---|---|---|\n"
    return head + "".join(
        f"| `{field.name}` | {python_default(field)} | {said[field.name]} |\n"
        for field in dataclasses.fields(kind)
    )


def python_default(field: Any) -> str:
    value = field.default
    if value is dataclasses.MISSING:
        return "required"
    return "-" if value in ((), None) or value in (math.inf, -math.inf) else f"`{shown(value)}`"


MARKET: dict[str, Callable[[], str]] = {
    "plants": plants,
    "levers": levers,
    "signals": signals,
    "responses": lambda: responses(serving=True),
    "equations": lambda: responses(serving=False),
    "policies": policies,
}


def main() -> None:
    for page in sorted(HERE.glob("*.md")):
        before = page.read_text()
        after = rewritten(before)
        if after != before:
            page.write_text(after)
            print(f"{page.name}: tables written anew")


if __name__ == "__main__":
    main()
