"""The rules of the house, read from the source itself; the reasons stand in docs/adr and CONTRIBUTING."""

import ast
import re
import statistics
from collections.abc import Iterator

import click
import pytest
import sqlalchemy as sa

import lms.tables  # noqa: F401  (every table must be known)
from lms.db import PUBLIC, SCOPED, UNSCOPED, Base
from tests.source import ROOT, Source, calls, dotted, functions, sources

COMMITS = {"lms/db.py", "lms/web/transaction.py", "lms/migrations/__init__.py"}
CLOCKS = {"lms/clock.py"}
TIMES = {"now", "utcnow", "today", "time", "time_ns", "localtime", "gmtime", "ctime"}
NEW_ID = "lms/db.py:new_id"
FORBIDDEN_MODULES = {"pickle", "marshal", "shelve", "dill", "yaml", "requests", "httpx"}
FORBIDDEN_CALLS = {"eval", "exec", "compile", "render_template_string", "os.system", "os.popen"}
DRAWING_TYPE = "random.Random"
"""The type that drawing takes; what it is given is `secrets.SystemRandom`."""
PRINTERS = ("lms/cli/",)
LONGEST_FILE, LONGEST_FUNCTION = 400, 60
MEDIAN_FUNCTION, P90_FUNCTION = 10, 27


def found_in(rule: object) -> list[str]:
    """Return what a generator of findings says of every source file, sorted."""
    assert callable(rule)
    return sorted(f"{source.path}:{line}: {what}" for source in sources() for line, what in rule(source))


def test_transactions_end_only_where_the_house_says() -> None:
    def commits(source: Source) -> Iterator[tuple[int, str]]:
        if source.path in COMMITS:
            return
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Attribute) and node.attr in {"commit", "autocommit"}:
                yield node.lineno, f"{dotted(node)} outside {sorted(COMMITS)}"

    assert found_in(commits) == []


def test_the_files_that_may_commit_still_do() -> None:
    committing = {s.path for s in sources() if ".commit(" in s.text}
    assert committing == COMMITS


def test_nothing_reads_by_session_get_or_by_the_old_query() -> None:
    def readings(source: Source) -> Iterator[tuple[int, str]]:
        for call in calls(source.tree):
            if not isinstance(call.func, ast.Attribute):
                continue
            holder = dotted(call.func.value)
            if call.func.attr == "query" or (
                call.func.attr in {"get", "get_one"} and holder in {"db", "db()", "session", "own", "g.db"}
            ):
                yield call.lineno, f"{holder}.{call.func.attr}() passes by the scope"

    assert found_in(readings) == []


def test_every_table_says_who_sees_it() -> None:
    mapped = {mapper.class_ for mapper in Base.registry.mappers}
    undeclared = {model.__name__ for model in mapped if (model in SCOPED) == (model in PUBLIC)}
    assert undeclared == set()
    assert len(mapped) == len(Base.metadata.tables)


def _core_names(tree: ast.Module) -> set[str]:
    """Return the module's own names that stand for tables or statements, and what is made of them."""
    names: set[str] = set()
    for node in tree.body:
        if not isinstance(node, ast.Assign):
            continue
        inside = {n.id for n in ast.walk(node.value) if isinstance(n, ast.Name)}
        tables = any(isinstance(n, ast.Attribute) and n.attr == "__table__" for n in ast.walk(node.value))
        if tables or inside & names:
            names |= {n.id for target in node.targets for n in ast.walk(target) if isinstance(n, ast.Name)}
    return names


def _touches_core(function: ast.AST, names: set[str]) -> bool:
    for node in ast.walk(function):
        if isinstance(node, ast.Attribute) and node.attr in {"__table__", "connection"}:
            return True
        if isinstance(node, ast.Name) and node.id in names:
            return True
        if isinstance(node, ast.Constant) and node.value == "past_scope":
            return True
    return False


def _is_rule_of_a_table(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(isinstance(a.annotation, ast.Name) and a.annotation.id == "Scope" for a in function.args.args)


def test_every_function_that_reads_past_the_scope_is_listed_with_its_reason() -> None:
    def unlisted(source: Source) -> Iterator[tuple[int, str]]:
        if source.path in {"lms/db.py"} or source.path.startswith("lms/migrations/"):
            return
        names = _core_names(source.tree)
        for function in functions(source.tree):
            listed = any(dotted(d).startswith("unscoped") for d in function.decorator_list)
            if _touches_core(function, names) and not listed and not _is_rule_of_a_table(function):
                yield function.lineno, f"{function.name} touches Core tables without @unscoped"

    assert found_in(unlisted) == []
    assert len(UNSCOPED) > 10
    assert [name for name, reason in UNSCOPED.items() if len(reason) < 15] == []


def test_sql_is_never_put_together_from_strings() -> None:
    def built(source: Source) -> Iterator[tuple[int, str]]:
        if source.path.startswith("lms/migrations/") or "sqlalchemy" not in source.text:
            return
        for call in calls(source.tree):
            name = dotted(call.func).rsplit(".", 1)[-1]
            takes_sql = name in {"text", "exec_driver_sql", "literal_column"} and call.args
            if takes_sql and not isinstance(call.args[0], ast.Constant):
                yield call.lineno, f"{name}() of something that is not written there"

    assert found_in(built) == []


def _imported(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        yield node.module or ""


def _called(node: ast.AST, source: Source) -> Iterator[str]:
    if not isinstance(node, ast.Call):
        return
    name = dotted(node.func)
    if name in FORBIDDEN_CALLS or name.endswith("render_template_string"):
        yield f"{name}()"
    if any(k.arg == "shell" and not _is_false(k.value) for k in node.keywords):
        yield f"{name}(shell=…)"
    if name == "print" and not source.path.startswith(PRINTERS):
        yield "print() outside the commands"


def _is_false(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is False


def test_the_dangerous_doors_of_python_stay_shut() -> None:
    def doors(source: Source) -> Iterator[tuple[int, str]]:
        for node in ast.walk(source.tree):
            line = getattr(node, "lineno", 0)
            yield from ((line, what) for what in _called(node, source))
            yield from ((line, n) for n in _imported(node) if n.split(".")[0] in FORBIDDEN_MODULES)

    assert found_in(doors) == []


def test_chance_comes_from_the_system_never_from_a_seed() -> None:
    def chances(source: Source) -> Iterator[tuple[int, str]]:
        for node in ast.walk(source.tree):
            from_random = isinstance(node, ast.ImportFrom) and node.module == "random"
            used = isinstance(node, ast.Attribute) and dotted(node).startswith("random.")
            made = isinstance(node, ast.Call) and dotted(node.func) == DRAWING_TYPE
            if from_random or made or (used and dotted(node) != DRAWING_TYPE):
                yield getattr(node, "lineno", 0), "random: chance comes from secrets"

    assert found_in(chances) == []


def test_only_the_clock_asks_the_time() -> None:
    def askings(source: Source) -> Iterator[tuple[int, str]]:
        if source.path in CLOCKS:
            return
        allowed = [f for f in functions(source.tree) if f"{source.path}:{f.name}" == NEW_ID]
        inside = {id(n) for f in allowed for n in ast.walk(f)}
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Attribute) and id(node) not in inside:
                holder = dotted(node.value).rsplit(".", 1)[-1]
                if node.attr in TIMES and holder in {"datetime", "date", "time"}:
                    yield node.lineno, dotted(node)
            from_time = isinstance(node, ast.ImportFrom) and node.module == "time"
            if from_time and {a.name for a in node.names} & TIMES:
                yield node.lineno, "from time import …"

    assert found_in(askings) == []


def test_files_and_functions_stay_short_enough_to_read() -> None:
    files = {s.path: s.text.count("\n") for s in sources()}
    lengths = {
        f"{s.path}:{f.name}": (f.end_lineno or f.lineno) - f.lineno + 1
        for s in sources()
        for f in functions(s.tree)
    }
    ordered = sorted(lengths.values())
    median, p90 = statistics.median(ordered), ordered[int(len(ordered) * 0.9)]
    print(f"functions: {len(ordered)}, median {median} lines, 90 of 100 within {p90}, longest {ordered[-1]}")
    assert {path: n for path, n in files.items() if n > LONGEST_FILE} == {}
    assert {name: n for name, n in lengths.items() if n > LONGEST_FUNCTION} == {}
    assert median <= MEDIAN_FUNCTION
    assert p90 <= P90_FUNCTION


def test_every_public_function_and_class_says_what_it_is_for() -> None:
    def silent(source: Source) -> Iterator[tuple[int, str]]:
        named = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
        for node in (n for n in source.tree.body if isinstance(n, named)):
            if not node.name.startswith("_") and not ast.get_docstring(node):
                yield node.lineno, f"{node.name} has no docstring"

    assert found_in(silent) == []


def tracked_files() -> list[str]:
    """Return the files that travel with the product, without what tools and runs leave behind."""
    left = {"node_modules", ".venv", "data", "dist", "build", "__pycache__", ".git", ".hypothesis"}
    found = []
    for path in sorted(ROOT.rglob("*")):
        parts = path.relative_to(ROOT).parts
        kept = not (set(parts) & left) and not any(p.endswith(("_cache", ".egg-info")) for p in parts)
        if kept and path.is_file() and not path.is_symlink():
            found.append("/".join(parts))
    return found


def _texts(*endings: str) -> Iterator[tuple[str, str]]:
    for name in tracked_files():
        if not endings or name.endswith(endings):
            try:
                yield name, (ROOT / name).read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue


def test_no_file_names_a_package_registry_or_a_place_on_one_machine() -> None:
    hosts = [
        "pypi" + ".org",
        "python" + "hosted",
        "registry." + "npmjs",
        "npm" + "mirror",
        "artifact" + "ory",
    ]
    places = r"(?<![\w.:/-])/(?:home|root|work|Users|mnt)/[\w.]"
    pattern = re.compile("|".join([*map(re.escape, hosts), places]), re.IGNORECASE)
    told = [
        f"{name}:{text.count(chr(10), 0, hit.start()) + 1}: {hit.group()}"
        for name, text in _texts()
        for hit in pattern.finditer(text)
    ]
    assert told == []


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_a_lock_file_pins_every_package_by_hash_and_holds_no_address(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    packages = [line for line in text.splitlines() if re.match(r"[a-z0-9]", line)]
    assert packages
    assert [line for line in packages if "==" not in line] == []
    entries = re.split(r"\n(?=[a-z0-9])", text)
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []
    assert not re.search(r"https?://|--(extra-)?index-url|--find-links", text)


def test_the_lock_of_the_browser_tools_holds_no_address() -> None:
    lock = (ROOT / "tests" / "browser" / "package-lock.json").read_text(encoding="utf-8")
    assert '"integrity"' in lock
    assert '"resolved"' not in lock
    assert "http" not in re.sub(r'"(funding|url)".*', "", lock)


def test_screens_hold_no_script_or_style_of_their_own_and_mark_nothing_safe() -> None:
    forbidden = {
        "inline style": r"<style|\sstyle\s*=",
        "inline script": r"<script(?![^>]*\bsrc=)|javascript:",
        "inline handler": r"<[a-z][^>]*\son[a-z]+\s*=",
        "unsafe": r"\|\s*safe\b|\|\s*tojson\b|autoescape\s+false",
        "another site": r"""(?:src|srcset|action)\s*=\s*["']?(?:https?:)?//""",
    }
    told = [
        f"{name}: {what}: {hit.group()}"
        for name, text in _texts(".html")
        if name.startswith("templates/")
        for what, pattern in forbidden.items()
        for hit in re.finditer(pattern, text, re.IGNORECASE)
    ]
    assert told == []


def test_every_setting_stands_in_the_manual() -> None:
    from lms.config import KNOWN

    manual = ROOT / "docs" / "cai-dat.md"
    words = manual.read_text(encoding="utf-8")
    assert sorted(name for name in KNOWN if f"`{name}`" not in words) == []


def test_every_command_and_option_says_what_it_does() -> None:
    from lms.cli import lms as root

    def walk(command: click.Command, path: str) -> Iterator[str]:
        if not (command.help or "").strip():
            yield path
        for option in command.params:
            if isinstance(option, click.Option) and not (option.help or "").strip():
                yield f"{path} {option.opts[0]}"
        if isinstance(command, click.Group):
            with click.Context(command) as context:
                for name in command.list_commands(context):
                    child = command.get_command(context, name)
                    assert child is not None, f"{path} {name} is listed but not there"
                    yield from walk(child, f"{path} {name}")

    assert list(walk(root, "lms")) == []


def test_tables_and_columns_are_named_in_the_words_of_the_glossary() -> None:
    names = [table.name for table in Base.metadata.sorted_tables]
    assert [n for n in names if not re.fullmatch(r"[a-z]+(_[a-z]+)*", n)] == []
    moments = [
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, sa.DateTime)
    ]
    assert moments == [], "every moment is a UtcDateTime"
