"""The desk of every staff member: what each role does here, one step away."""

from dataclasses import dataclass

from flask import Blueprint, render_template

from lms import clock
from lms.accounts.queries import Post, posts
from lms.classrooms.queries import ClassroomRow, classrooms
from lms.classrooms.years import first_year_of
from lms.places.queries import Place
from lms.web.access import staff
from lms.web.transaction import db
from lms.web.visitor import visitor

blueprint = Blueprint("workplace", __name__)


@dataclass(frozen=True)
class Desk:
    """A school with the classes of this year that the visitor may open there, and as what."""

    school: Place
    is_officer: bool
    may_open_class: bool
    classes: tuple[ClassroomRow, ...]


@blueprint.get("/gv")
@staff
def home() -> str:
    """Show the classes, schools and communes that the visitor's roles cover. Four statements."""
    today = clock.today()
    held = posts(db(), visitor.grants, today)
    year = first_year_of(today)
    return render_template(
        "workplace/home.html",
        visitor=visitor,
        desks=_desks(held, classrooms(db(), year)),
        year=f"{year}–{year + 1}",
        above=[post for post in held if post.place and post.place.kind in {"commune", "province"}],
        roles=visitor.roles,
    )


def _desks(held: list[Post], rooms: list[ClassroomRow]) -> list[Desk]:
    """Group classes by school, in the order of the roles; a school without classes stands too."""
    schools: dict[Place, set[str]] = {}
    for post in held:
        school = post.school if post.place and post.place.kind == "class" else post.place
        if school is not None and school.kind == "school":
            at_school = post.place == school
            schools.setdefault(school, set()).update({post.role} if at_school else ())
    return [
        Desk(
            school,
            "school_admin" in roles,
            bool(roles),
            tuple(room for room in rooms if room.school_id == school.id),
        )
        for school, roles in schools.items()
    ]
