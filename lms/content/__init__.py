"""What the authors' files say: `load` for those who serve it, `check` for those who write it."""

from lms.content.checking import check
from lms.content.problems import ContentErrors, Problem
from lms.content.reading import load

__all__ = ["ContentErrors", "Problem", "check", "load"]
