#!/usr/bin/env bash
# run.sh DIRECTORY SECONDS | same: runs every fuzz program of the directory for that long, two at a time, from the seeds that
# make_seeds.py writes, those in tests/fuzz/seeds/NAME, and what earlier runs found. A crash stays in DIRECTORY/NAME-crash-*.
# `same` instead of seconds: about a minute of mutations that are the same every time, and no earlier run is looked at.
set -uo pipefail
directory=$1
export directory amount=$2
fuzz() {
    name=$(basename "$1")
    corpus=$directory/corpus-$name
    seeds=()
    [ -d "$directory/seeds-$name" ] && seeds+=("$directory/seeds-$name")
    [ -d "tests/fuzz/seeds/$name" ] && seeds+=("tests/fuzz/seeds/$name")
    if [ "$amount" = same ]; then
        runs=1500000
        [ "$name" = fuzz_parse ] && runs=40000
        corpus=$directory/once-$name
        rm -rf "$corpus"
        length=(-runs=$runs -seed=1)
    else
        length=(-max_total_time="$amount")
    fi
    mkdir -p "$corpus"
    options=("${length[@]}" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 -artifact_prefix="$directory/$name-")
    if ASAN_OPTIONS=detect_leaks=1 "$1" "${options[@]}" "$corpus" "${seeds[@]}" > "$directory/$name.log" 2>&1; then
        echo "fuzz: $name $(grep -o 'stat::number_of_executed_units: [0-9]*' "$directory/$name.log" | awk '{print $2}') inputs, 1 passed, 0 failed"
    else
        tail -40 "$directory/$name.log"
        echo "fuzz: $name 0 passed, 1 failed; the input is $directory/$name-*"
        exit 1
    fi
}
export -f fuzz
tests/fuzz/make_seeds.py "$directory"
find "$directory" -maxdepth 1 -type f -name 'fuzz_*' -executable | sort | xargs -r -P 2 -I{} bash -c 'fuzz {}'
