"""`python -m feedsvc`, and the command `feedsvc`, run the command line.

Importing this module imports nothing else: the processes that read documents import it again when they start.
"""


def main() -> None:
    """Run the command that the arguments name."""
    from feedsvc.cli import main as command

    command()


if __name__ == "__main__":
    main()
