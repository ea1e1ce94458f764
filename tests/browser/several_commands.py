"""Runs several `vcs` commands in one process, because a start takes longer than a command.

Standard input: a JSON list of [arguments, input]. Prints what they print; the first failure ends
it.
"""

from __future__ import annotations

import json
import sys

from click.testing import CliRunner

from vcs.cli import main

for arguments, given in json.load(sys.stdin):
    result = CliRunner().invoke(main, arguments, input=given)
    if result.exit_code:
        sys.exit(f"vcs {' '.join(arguments)}: {result.output}")
    sys.stdout.write(result.output)
