#!/usr/bin/env bash
# Everything that must be green, in one command; CI calls the same.
# Usage: bash ci/run.sh [ENVIRONMENT...]      (the environments of tox.ini; none named: all of them)
#
# Needs Python >= 3.11 with venv, and a package index. Makes .venv-ci and .tox in the checkout; as root with apt-get, it
# also installs the mail clients that the harness drives (ci/install-clients.sh).
# Runs every environment even if one fails; the exit code is that of the first that failed.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
exec </dev/null
export CI=true TERM="${TERM:-dumb}" PIP_DISABLE_PIP_VERSION_CHECK=1 UV_PYTHON_DOWNLOADS=never
# Tests wait for servers and queues as often as they work: two processes more than there are processors.
export PYTEST_XDIST_AUTO_NUM_WORKERS="${PYTEST_XDIST_AUTO_NUM_WORKERS:-$(($(getconf _NPROCESSORS_ONLN) + 2))}"
began=$SECONDS

works() { "$1" -c "import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))" >/dev/null 2>&1; }

# Interpreters in addition to the default one: on PATH, or made by pyenv and not switched on. tox looks at PATH only.
found=""
for version in 3.11 3.12 3.13; do
  for candidate in "python$version" "${PYENV_ROOT:-$HOME/.pyenv}"/versions/"$version".*/bin/python3; do
    if works "$candidate"; then
      found+=" py${version/./}"
      [[ $candidate == */* ]] && PATH="$PATH:${candidate%/*}"
      break
    fi
  done
done
export PATH

for python in python3 python3.13 python3.12 python3.11 python; do works "$python" && break; done
if ! works "$python"; then
  echo "ci/run.sh: no Python >= 3.11 with venv and ensurepip was found (Debian: apt install python3-venv)" >&2
  exit 4
fi

heading() { printf '\n=== %s %s\n' "$1" "$(printf '=%.0s' $(seq 1 $((100 - ${#1}))))"; }

heading "tools"
tools=.venv-ci
if ! works "$tools/bin/python"; then
  rm -rf "$tools"
  "$python" -m venv "$tools" || exit 4
fi
"$tools/bin/python" -m pip install --quiet "tox>=4.23" || exit 4
# uv makes the environments ten times faster. It reads no pip configuration, so where it cannot install, pip does.
"$tools/bin/python" -m pip install --quiet "tox-uv>=1.20" || true
runner=(--runner virtualenv)
if "$tools/bin/uv" pip install --quiet --dry-run --python "$tools/bin/python" "attrs>=24.2" >/dev/null 2>&1; then
  runner=()
fi
"$tools/bin/tox" --version
echo "installer: $([[ ${#runner[@]} -eq 0 ]] && echo uv || echo pip), interpreters:${found:- none}"

# The mail clients come from apt. Where that cannot be, the scenarios run with the clients that are built in, and the
# summary says so.
export HARNESS_CLIENTS_DIR="${HARNESS_CLIENTS_DIR:-${XDG_DATA_HOME:-$HOME/.local/share}/fakeeop/clients}"
clients_lack=""
clients_asked=false
[[ $# -eq 0 || " $* " == *" clients "* ]] && clients_asked=true
if $clients_asked; then
  heading "clients: install"
  if [[ $EUID -ne 0 ]] || ! command -v apt-get >/dev/null; then
    clients_lack="needs root and apt-get"
  elif ! PYTHON="$python" bash ci/install-clients.sh; then
    clients_lack="ci/install-clients.sh failed"
  fi
  [[ -z $clients_lack ]] || echo "clients: SKIPPED, $clients_lack"
fi

environments=("$@")
if [[ ${#environments[@]} -eq 0 ]]; then
  # The unit tests come last: what a reader looks for first is then at the end.
  environments=(lint types imports parts package scenarios clients py313 py312 py311)
  [[ -n $found ]] || environments+=(py)  # a newer Python than those named: its tests, then
fi

logs=.tox/ci-logs
mkdir -p "$logs"
rm -f "$logs"/*.txt
code=0
summary=""
for environment in "${environments[@]}"; do
  heading "$environment"
  if [[ $environment == py3* && $found != *"$environment"* ]]; then
    echo "SKIPPED: this machine has no ${environment/py3/python3.}"
    summary+=$(printf '%-10s SKIPPED  no interpreter' "$environment")$'\n'
    continue
  fi
  if [[ $environment == clients && -n $clients_lack ]]; then
    echo "SKIPPED: $clients_lack"
    summary+=$(printf '%-10s SKIPPED  %s: real mail clients were not driven' "$environment" "$clients_lack")$'\n'
    [[ $clients_lack == *failed && $code -eq 0 ]] && code=1
    continue
  fi
  start=$SECONDS
  "$tools/bin/tox" run ${runner[@]+"${runner[@]}"} -e "$environment" 2>&1 | tee "$logs/$environment.txt"
  result=${PIPESTATUS[0]}
  [[ $code -eq 0 ]] && code=$result
  tests=$(sed 's/\x1b\[[0-9;]*m//g' "$logs/$environment.txt" |
    grep -E '^=+ .*[0-9]+ (passed|failed|error|skipped).* in ' | tail -n 1 | tr -d '=' | sed 's/^ *//; s/ *$//')
  summary+=$(printf '%-10s %-8s %4ds  %s' "$environment" "$([[ $result -eq 0 ]] && echo ok || echo "FAILED $result")" \
    $((SECONDS - start)) "$tests")$'\n'
done

heading "summary: $((SECONDS - began)) s, exit code $code"
printf '%s' "$summary"
# The last words are pytest's own.
for environment in py311 py312 py313 py scenarios; do
  if last=$(grep -hE '^(.\[[0-9;]*m)*=+ .*(passed|failed|error).* in ' "$logs/$environment.txt" 2>/dev/null | tail -n 1) &&
    [[ -n $last && " ${environments[*]} " == *" $environment "* ]]; then
    echo "$last"
    break
  fi
done
exit "$code"
