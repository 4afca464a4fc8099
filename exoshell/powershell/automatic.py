"""The variables that are always there: ``$PSScriptRoot``, ``$PSVersionTable`` and their kin."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final

from exoshell.powershell.objects import version
from exoshell.powershell.values import HashTable, PsObject

__all__ = ["automatic"]

# Assumption: Windows PowerShell 5.1, since scripts for relays ask for -Encoding Byte, which later ones do not have.
_VERSION: Final = "5.1.22621.4391"


def automatic(path: str) -> dict[str, Any]:
    """Of a script, empty path: of text."""
    file = str(Path(path).resolve()) if path else ""
    command = PsObject.of({"Name": Path(path).name, "Path": file, "Definition": file})
    return {
        "PSVersionTable": HashTable(
            {"PSVersion": version(_VERSION), "PSEdition": "Desktop", "CLRVersion": "4.0.30319.42000"}
        ),
        "PSScriptRoot": str(Path(file).parent) if path else "",
        "PSCommandPath": file,
        "MyInvocation": PsObject.of({"MyCommand": command, "InvocationName": path, "BoundParameters": HashTable()}),
        "Host": PsObject.of({"Name": "fakeeop", "Version": version(_VERSION), "CurrentCulture": "en-US"}),
        "HOME": str(Path.home()),
        "PWD": str(Path.cwd()),
        "PID": os.getpid(),
        "PSCulture": "en-US",
        "PSUICulture": "en-US",
    }
