# Sourced by the other scripts: finds or installs Python, makes the virtual environment.
# Needs nothing but a POSIX shell and apt; with Python and the packages there it needs no root.

set -eu
cd "$(dirname "$0")/.."
umask 022

say() { printf '%s\n' "$*" >&2; }

# apt_install PACKAGE…: as root, by sudo, or one line that says what to do.
apt_install() {
  if ! command -v apt-get >/dev/null 2>&1; then
    say "Please install: $*  (this script can do it only where apt-get exists)"
    exit 1
  fi
  if [ "$(id -u)" = 0 ]; then as=""; elif sudo -n true 2>/dev/null; then as="sudo"; else
    say "Please run as root, then start again:  apt-get install -y $*"
    exit 1
  fi
  say "Installing: $*"
  $as apt-get update -qq >/dev/null
  $as env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

good_python() { "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
  for python in python3.11 python3.12 python3.13 python3; do
    if command -v "$python" >/dev/null 2>&1 && good_python "$python"; then return 0; fi
  done
  return 1
}

# venv base|dev: a virtual environment with the locked packages; nothing is done when it is up to date.
# The developers' environment holds everything that the base one does, so it serves both.
venv() {
  project="$(cksum < pyproject.toml)"
  have="$(cat .venv/.kms-stamp 2>/dev/null || true)"
  for set in "$1" dev; do
    if [ "$have" = "$set $(cksum < "requirements/$set.txt") $project" ]; then return 0; fi
  done
  lock="requirements/$1.txt"
  wanted="$1 $(cksum < "$lock") $project"
  find_python || { apt_install python3 python3-venv ca-certificates; find_python; } || {
    say "Python 3.11 or newer with venv is needed."
    exit 1
  }
  say "Preparing the Python environment (once; some minutes with downloads)"
  [ -x .venv/bin/python ] && good_python .venv/bin/python || "$python" -m venv --clear .venv
  rm -f .venv/.kms-stamp
  .venv/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r "$lock"
  .venv/bin/python -m pip install -q --disable-pip-version-check --no-deps -e .
  printf '%s' "$wanted" > .venv/.kms-stamp
}

# One thread a BLAS call: more of them fight over the cores (see docs/adr/0004).
export OMP_NUM_THREADS="${OMP_NUM_THREADS:-1}" OPENBLAS_NUM_THREADS="${OPENBLAS_NUM_THREADS:-1}"
