"""`python -m jenkinsgen`."""

from jenkinsgen.cli import main

main()
