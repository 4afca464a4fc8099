#!/usr/bin/env bash
# Installs the wheel of FOLDER/dist as a user would, in a folder with nothing else in it, and runs the main job.
# Usage: ci/smoke.sh FOLDER
set -euo pipefail
folder=$(cd "$1" && pwd)
rm -rf "$folder/smoke"
mkdir "$folder/smoke"
cd "$folder/smoke"
python -m venv .venv
wheels=("$folder"/dist/*.whl)
.venv/bin/python -m pip install --quiet "${wheels[0]}[harness]"
.venv/bin/fakeeop --version
.venv/bin/harness demo
