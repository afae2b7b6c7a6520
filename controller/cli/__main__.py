"""`python -m controller.cli`: the command without its script on the PATH."""

from controller.cli import main

if __name__ == "__main__":
    main()
