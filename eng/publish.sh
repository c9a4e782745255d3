#!/usr/bin/env bash
# Publishes the attune command as one trimmed file that needs no .NET, and checks what that promises: no trim warnings,
# below 40 MB, runs without dotnet, without a home folder and without any environment variable.
# Usage: eng/publish.sh [RID] [FOLDER]; checks run only where the file can run.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
rid=${1:-linux-x64}
folder=${2:-artifacts/$rid}
rm -rf "$folder"
dotnet publish src/Attune.Cli -r "$rid" -o "$folder" -warnaserror
size=$(du -cb "$folder"/* | tail -1 | cut -f1)
echo "$folder: $size bytes"
[ "$size" -lt $((40 * 1000 * 1000)) ] || { echo "above 40 MB" >&2; exit 1; }
if [ "$rid" = "linux-$(uname -m | sed 's/x86_64/x64/; s/aarch64/arm64/')" ]; then
  env -i "$folder/attune" --version
  env -i "$folder/attune" doctor
fi
