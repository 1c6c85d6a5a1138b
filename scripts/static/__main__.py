"""`scripts/check-static`."""
from scripts.static.command import main

if __name__ == "__main__":
    main(prog_name="scripts/check-static")
