"""Every page of the access policy, fetched by whoever may: nothing is written, every screen seen."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
import sqlalchemy as sa
from flask import Flask, template_rendered

from lms import clock, migrations
from lms.catalog.actions import sync
from lms.catalog.offer import Offer
from lms.catalog.queries import load as load_catalogue
from lms.db import Database
from lms.people.models import Person
from lms.places.models import Unit
from tests.awarding import learn, member
from tests.browser_double import Reader
from tests.conftest import ROOT
from tests.web_test.conftest import Visitors, furnish
from tests.web_test.joining import hidden, own_pictures, staff_post, tap
from tests.web_test.school_world import PUPILS
from tests.web_test.test_access import LINES, Line
from tests.web_test.test_statements import Count, counting

pytestmark = pytest.mark.any_database

TEMPLATES = ROOT / "templates"
ODD = "chon=b&ma=1234&q=chu&ve=/tim&co=to&delete=1&_method=POST"
KINDS = ("nobody", "guest", "named", "pupil", "lan")
"""Who opens a page that is everybody's: one of each kind of browser."""
NOTED = {"/xa/{xa}", "so-lieu.xlsx", "tien-do.csv"}
"""Looking at a commune or taking figures away is noted among the acts of staff, by a door of its own."""
PARTS = {
    *("base.html", "staff.html", "roster/_crumbs.html", "questions/_figures.html", "questions/_words.html"),
    *("check/_changes.html", "check/_sat.html", "check/_sitting.html"),
}
"""What other screens are built of."""
OF_ANOTHER_LIBRARY = {"check/refused.html", "sittings/pile.html", "sittings/sheet.html"}
"""Screens that need open questions or a limit of tries: the tests of the sitting's screens show them."""


@dataclass
class Tour:
    """What came of fetching every page: the templates shown, what was sent, and the faults."""

    shown: set[str] = field(default_factory=set)
    count: Count = field(default_factory=Count)
    noted: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)
    opened: set[str] = field(default_factory=set)


@pytest.fixture(scope="module")
def visitors(offer: Offer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitors]:
    """Gather the world behind real doors: the readers' cannot write, and what is written stays."""
    folder = tmp_path_factory.mktemp("pages")
    database = Database(f"sqlite:///{folder / 'lms.db'}")
    migrations.upgrade(database)
    with database.transaction() as db:
        sync(db, offer, clock.now())
    yield Visitors(*furnish(database, folder))
    database.close()


@pytest.fixture(scope="module")
def tour(visitors: Visitors) -> Tour:
    """Fetch every page of the policy as each visitor who may, and once with an odd query."""
    tour = Tour()
    visitors.app.test_client().get("/khoa-hoc")
    with noting(visitors.app, tour.shown), counting(visitors.app.extensions["database"]) as tour.count:
        for line in LINES:
            if line.method == "GET":
                _visit(visitors, line, tour)
    return tour


def noting(app: Flask, shown: set[str]) -> object:
    """Note the name of each template that is rendered meanwhile."""

    def note(sender: object, template: object, **extra: object) -> None:
        shown.add(str(template.name))  # type: ignore[attr-defined]

    return template_rendered.connected_to(note, app)


def _visit(visitors: Visitors, line: Line, tour: Tour) -> None:
    address = visitors.address(line.address)
    welcome = [who for who, status in line.expected.items() if status < 400]
    if len(welcome) == len(line.expected):
        welcome = list(KINDS)
    written = len(tour.count.writes)
    for who in welcome or list(line.expected)[:1]:
        got = visitors.client(who).get(address, buffered=True).status_code
        if got != line.expected[who]:
            tour.faults.append(f"{who} {line.address}: {got}")
    if welcome:
        tour.opened.add(line.address)
        joint = "&" if "?" in address else "?"
        got = visitors.client(welcome[0]).get(f"{address}{joint}{ODD}", buffered=True).status_code
        if got >= 500:
            tour.faults.append(f"{welcome[0]} {line.address}?{ODD}: {got}")
    if len(tour.count.writes) > written:
        tour.noted.add(next((end for end in NOTED if line.address.endswith(end)), line.address))


def test_no_get_of_any_route_writes_anything_but_that_figures_were_looked_at(tour: Tour) -> None:
    assert tour.noted == NOTED
    assert {write.split("(")[0] for write in tour.count.writes} == {"INSERT INTO staff_acts "}
    assert tour.faults == []
    assert len(tour.opened) > 150
    assert len(tour.count.statements) > 1000, "the test must reach the database"


def test_every_screen_compiles_and_is_shown_with_undefined_names_forbidden(
    visitors: Visitors, tour: Tour
) -> None:
    names = {p.relative_to(TEMPLATES).as_posix() for p in TEMPLATES.rglob("*.html")}
    for name in names:
        visitors.app.jinja_env.get_template(name)
    shown = set(tour.shown)
    with noting(visitors.app, shown):
        _send_forms(visitors)
        _break_the_register(visitors)
    assert {name for name in names if not name.startswith("_macros/")} - PARTS - shown == OF_ANOTHER_LIBRARY
    assert visitors.app.jinja_env.undefined.__name__ == "StrictUndefined"


def _reader(visitors: Visitors, who: str) -> Reader:
    reader = Reader(visitors.app)
    reader.client = visitors.client(who)
    return reader


def _send_forms(visitors: Visitors) -> None:
    """Go where only a form leads: what was just made is shown once, and doors open step by step."""
    named = _reader(visitors, "named")
    named.follow(named.post("/nguoi-hoc/ma-moi"))
    _redeem_the_slip(visitors)
    _enter_the_class(visitors)
    _teach(visitors)


def _teach(visitors: Visitors) -> None:
    at, lan, head = visitors.address, _reader(visitors, "lan"), _reader(visitors, "head")
    with visitors.app.extensions["database"].transaction() as db:
        lop = db.scalars(sa.select(Unit).where(Unit.ref == at("{4a}"))).one()
        learn(db, member(db, lop, "Giàng A Páo"), load_catalogue(db))
    waiting = at("/gv/lop/{4a}/bai-giao/{bai-4a}/xac-nhan")
    lan.get(waiting)
    lan.get(at(f"{waiting}?chu_de={{chu-de}}&nguoi={hidden(lan, 'nguoi')[0]}"))
    slips = at("/gv/lop/{4a}/phieu-moi")
    staff_post(lan, slips, slips, {"em": at("{em-4a}")}, 200)
    preview = at("/gv/lop/{4a}/nap/{ban-4a}")
    lan.get(preview)
    lan.follow(lan.post(preview, {"viec": "nap", "token": hidden(lan, "token"), "thay": hidden(lan, "thay")}))
    form = at("/truong/{hoa-sen}/tai-khoan")
    invited = {"viec": at("teacher:{4a}"), "ho_ten": "Hà Thị Chín"}
    head.get(staff_post(head, form, f"{form}/loi-moi", invited))


def _enter_the_class(visitors: Visitors) -> None:
    """Come to the door of 4A without a name: the parents' way, then the pupil's, by pictures."""
    at, reader = visitors.address, _reader(visitors, "guest")
    reader.follow(reader.post("/vao-lop", {"ma": at("{ma-4a}")}))
    reader.get("/vao-lop/phu-huynh")
    reader.follow(reader.post("/vao-lop/ten", {"em": at("{em-4a}")}))
    database: Database = visitors.app.extensions["database"]
    with database.reading() as db:
        lop = db.scalars(sa.select(Unit).where(Unit.ref == at("{4a}"))).one()
        pupil = db.scalars(sa.select(Person).where(Person.full_name == PUPILS["4a"])).one()
        three = own_pictures(db, visitors.app.extensions["config"], lop, pupil)
    assert tap(reader, three) == "/vao-lop/bai-vua-hoc"
    reader.get("/vao-lop/bai-vua-hoc")


def _redeem_the_slip(visitors: Visitors) -> None:
    """Open a family's slip, go to another name, join; then somebody else opens it."""
    reader, slip = _reader(visitors, "nobody"), visitors.address("/moi/{giay-moi-4a}")
    reader.get(f"{slip}?khac=1")
    reader.follow(reader.post(slip, {"ho_ten": "Hà Thị Chín", "quan_he": "mẹ"}))
    _reader(visitors, "other").get(slip, 410)


def _break_the_register(visitors: Visitors) -> None:
    database: Database = visitors.app.extensions["database"]
    with database.transaction() as db:
        db.execute(sa.text("ALTER TABLE certificate_revocations RENAME TO away"))
    _reader(visitors, "nobody").get(visitors.address("/tra-cuu/{named-phieu}"), 503)
    with database.transaction() as db:
        db.execute(sa.text("ALTER TABLE away RENAME TO certificate_revocations"))
