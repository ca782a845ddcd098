"""The server: a supervisor, worker processes that answer, one child that runs the jobs."""

from lms.serve.settings import ServeSettings, StartError
from lms.serve.supervisor import serve

__all__ = ["ServeSettings", "StartError", "serve"]
