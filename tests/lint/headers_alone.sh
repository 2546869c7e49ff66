#!/usr/bin/env bash
# Every header compiles when nothing was included before it.
set -uo pipefail
build=$1
export build
check() {
    echo "#include \"$1\"" | ${CC:-cc} -std=c17 -D_GNU_SOURCE -Wall -Wextra -Werror -I. -I"$build/generated" \
        $(pkg-config --cflags libuv libpq check) -x c -fsyntax-only - 2>&1 | sed "s|^<stdin>:1:.*|$1|"
    exit "${PIPESTATUS[1]}"
}
export -f check
git ls-files '*.h' | xargs -P "$(nproc)" -I{} bash -c 'check {}'
