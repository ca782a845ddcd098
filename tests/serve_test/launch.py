"""Run a server with the settings given as JSON, as `lms serve` does with the real application."""

import sys

from lms.config import load
from lms.serve import ServeSettings, StartError, serve


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    try:
        sys.exit(serve(load(), ServeSettings.from_json(sys.argv[1]), say))
    except StartError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(2)
