#!/usr/bin/env bash
# Prints the path of a Chromium for the site's tests; installs Debian's where it may.
set -euo pipefail

find_one() {
  local name
  for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome google-chrome-stable \
    "/Applications/Chromium.app/Contents/MacOS/Chromium" \
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"; do
    if [ -n "$name" ] && command -v "$name"; then return; fi
  done
  return 1
}

if ! find_one; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq >&2
    DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends chromium >&2
    find_one
  else
    echo "The site's tests need Chromium or Chrome. Install it (Debian: apt install chromium;" \
      "macOS: brew install --cask chromium), or name it: make test CHROMIUM=/path/to/chromium" >&2
    exit 1
  fi
fi
