#!/usr/bin/env bash
# What to ask of a GPU that is at hand for ten minutes: the library's tests on it, the
# benchmark, then as many long trials as fit, several at a time.
#
#   tools/gpu.sh [SECONDS] [FOLDER]     540 and runs/gpu unless given
#
# Nothing is done twice: run it again, on the same folder, and it goes on. It installs
# nothing: the packages of pyproject.toml and pytest must be there (PYTHON names theirs).
# Captions are read from ALLYOUNEED_DATA; without them, trials on them fail and are told.
set -uo pipefail
cd "$(dirname "$0")/.."

limit=${1:-540} folder=${2:-runs/gpu} python=${PYTHON:-python3}
trials=${TRIALS:-6}                          # at a time, on one card
grids=${GRIDS:-"longest table-3-trained"}
export PYTHONPATH=src:tools OMP_NUM_THREADS=1 PYTHONUNBUFFERED=1
mkdir -p "$folder"

left() { echo $((limit - SECONDS > 0 ? limit - SECONDS : 0)); }

once() {  # NAME SECONDS COMMAND...: unless it was done before
  local name=$1 most=$2
  shift 2
  [ -e "$folder/$name.done" ] && return
  [ "$most" -gt "$(left)" ] && most=$(left)
  [ "$most" -gt 0 ] || return
  timeout "$most" "$@" 2>&1 | tee "$folder/$name.log" && touch "$folder/$name.done"
}

share() {  # GRID: several processes, each with a trial of its own, until time is up
  local seconds
  seconds=$(($(left) - 15))                  # the rest is for what is finished
  [ "$seconds" -gt 0 ] || return
  for _ in $(seq "$trials"); do
    timeout "$seconds" "$python" -m allyouneed sweep "$1" --seeds 5 --device cuda \
      --together "$folder/trials/$1" --out "$folder/$1.jsonl" &
  done
  wait
}

"$python" -c 'import sys, torch; sys.exit(not torch.cuda.is_available())' || {
  echo "PyTorch sees no GPU here: run this where it does" >&2
  exit 3
}
nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader
once tests 150 "$python" -m pytest -q -x -p no:cacheprovider -n 8 tests/models/test_gpu.py \
  tests/ground/test_runtime.py tests/cost/test_measure.py tests/nn/test_recurrent.py tests/training/test_loop.py
once bench 150 "$python" -m allyouneed bench --rounds 7 --out "$folder/bench.jsonl"
for grid in $grids; do
  share "$grid"
done
wc -l "$folder"/*.jsonl
