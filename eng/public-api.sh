#!/usr/bin/env bash
# Writes down the public names of every library in its PublicApi.txt, which a test holds equal to what the library has.
# Run it after a change to a public name and look at the difference.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
ATTUNE_WRITE_PUBLIC_API=1 dotnet test -c Release --project tests/Attune.Tests --filter-class '*PublicSurfaceTests'
