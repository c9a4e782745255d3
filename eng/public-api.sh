#!/usr/bin/env bash
# Writes down the public surface of every library: what is new goes to PublicAPI.Unshipped.txt. Run it after a change to
# a public name and look at the difference. The first call makes the files, which switches the check on.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
projects=()
for project in src/*/*.csproj; do
  grep -q '<OutputType>Exe' "$project" && continue
  folder=$(dirname "$project")
  projects+=("$project")
  [ -f "$folder/PublicAPI.Shipped.txt" ] || echo '#nullable enable' >"$folder/PublicAPI.Shipped.txt"
  # Written anew, so that names that are gone leave as well.
  echo '#nullable enable' >"$folder/PublicAPI.Unshipped.txt"
done
for project in "${projects[@]}"; do
  dotnet format analyzers "$project" --diagnostics RS0016 RS0017 --severity warn
  { echo '#nullable enable'; grep -v '^#nullable enable' "$(dirname "$project")/PublicAPI.Unshipped.txt" | LC_ALL=C sort -u; } >"$project.api"
  mv "$project.api" "$(dirname "$project")/PublicAPI.Unshipped.txt"
done
