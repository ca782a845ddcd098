"""Serve the toys with the product's own server code; started by bench.site."""

import sys

from lms.config import load
from lms.serve import ServeSettings, serve


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    sys.exit(serve(load(), ServeSettings.from_json(sys.argv[1]), _say))
