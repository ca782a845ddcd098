"""Every room's tables, in one import: for the migrations and for tests."""

from lms.accounts import models as accounts
from lms.catalog import models as catalog
from lms.certificates import models as certificates
from lms.classrooms import models as classrooms
from lms.people import models as people
from lms.places import models as places
from lms.progress import models as progress
from lms.queue import Job
from lms.quizzes import models as quizzes
from lms.reports import models as reports

__all__ = [
    "Job",
    "accounts",
    "catalog",
    "certificates",
    "classrooms",
    "people",
    "places",
    "progress",
    "quizzes",
    "reports",
]
