#!/usr/bin/env bash
# Rewrites docs/commands.md from what the program's own help says. Run it after a change to a verb.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
ATTUNE_WRITE_COMMAND_REFERENCE=1 dotnet test -c Release --project tests/Attune.EndToEnd.Tests --filter-class '*CommandReferenceTests'
