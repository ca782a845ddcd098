"""The command line as `python -m lms.cli`."""

from lms.cli import main

if __name__ == "__main__":
    main()
