#!/usr/bin/env bash
# What the tests need beside Python packages: a PostgreSQL, a browser, and a font with Chinese.
# Whatever is missing is got from the system's packages where this user may, and each step says what it does.
set -euo pipefail

have_postgres() { [ -n "${TEST_DATABASE_URL:-}" ] || command -v initdb >/dev/null || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; }
have_browser() { command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null; }
have_font() { ! command -v fc-list >/dev/null || fc-list :lang=zh | grep -q .; }

missing=()
have_browser || missing+=(chromium)
have_font || missing+=(fonts-noto-cjk)
have_postgres || missing+=(postgresql)
if [ ${#missing[@]} -gt 0 ]; then
  as_root=()
  [ "$(id -u)" = 0 ] || as_root=(sudo -n)
  if command -v apt-get >/dev/null && { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }; then
    echo "Installing from the system's packages: ${missing[*]}"
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
  fi
fi
if ! have_browser; then
  echo "No browser in the system; asking Playwright for its own."
  .venv/bin/python -m playwright install chromium
fi
have_postgres || echo "No PostgreSQL in the system; the tests start the one that comes as a Python wheel."
