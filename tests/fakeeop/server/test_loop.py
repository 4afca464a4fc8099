from __future__ import annotations

import subprocess
import sys

from fakeeop.server.loop import new_event_loop


def test_a_new_loop_runs():
    loop = new_event_loop()

    async def seven() -> int:
        return 7

    try:
        assert loop.run_until_complete(seven()) == 7
    finally:
        loop.close()


def test_a_calm_collector_still_collects():
    program = (
        "import gc; from fakeeop.server.loop import calm_collector; calm_collector(); "
        "print(gc.isenabled(), gc.get_threshold()[0] > 1000, gc.get_freeze_count() > 0)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "True", "True"]
