#!/usr/bin/env bash
# Installs the packages of packages.txt that are missing; says nothing and does nothing when all are there.
set -euo pipefail
list=$(dirname "$0")/packages.txt
mapfile -t wanted < <(grep -v '^#' "$list")

missing=()
if ! command -v dpkg-query > /dev/null; then
    echo "deps: not a Debian system; install what $list names by hand" >&2
    exit 0
fi
installed=$(dpkg-query -W -f='${binary:Package} ${db:Status-Abbrev}\n' 2> /dev/null | awk '$2 ~ /^.i/ {sub(/:.*/, "", $1); print $1}')
for package in "${wanted[@]}"; do
    grep -qx "$package" <<< "$installed" || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

echo "deps: installing ${missing[*]}"
as_root=()
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo > /dev/null || { echo "deps: neither root nor sudo: run apt-get install ${missing[*]}" >&2; exit 1; }
    as_root=(sudo)
fi
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -q
"${as_root[@]}" apt-get install -q -y --no-install-recommends "${missing[@]}"
