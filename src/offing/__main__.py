"""``python -m offing``: the command where the folder of scripts is not on the path."""

from offing.cli.app import main

if __name__ == "__main__":
    main()
