import os
import shutil
import subprocess
import sys

import pytest

HAS_NET_RAW = ["setpriv", "--securebits=+noroot", "--inh-caps=+net_raw", "--ambient-caps=+net_raw"]
PROGRAM = """
import subprocess
from pathlib import Path
from sojourn.agent.browser.process import keep_capabilities

def capabilities_of_a_child():
    status = subprocess.run(["cat", "/proc/self/status"], check=True, capture_output=True, text=True).stdout
    return int(status.split("CapEff:")[1].split()[0], 16)

print(capabilities_of_a_child())
keep_capabilities()
print(capabilities_of_a_child())
print(int(Path("/proc/thread-self/status").read_text().split("CapEff:")[1].split()[0], 16))
"""


@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("setpriv") is None, reason="needs root and setpriv (util-linux)")
def test_the_browser_has_no_capability_of_a_service_that_has_one() -> None:
    command = [*HAS_NET_RAW, sys.executable, "-c", PROGRAM]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    net_raw = 1 << 13
    child_before, child_after, own = (int(line) for line in told)
    assert (child_before & net_raw, child_after, own & net_raw) == (net_raw, 0, net_raw)
