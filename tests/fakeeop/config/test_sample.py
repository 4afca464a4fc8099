"""The sample tenant in the package is the example in the repository."""

from __future__ import annotations

from importlib import resources
from pathlib import Path


def test_the_built_in_sample_is_the_example(repository: Path):
    sample = resources.files("fakeeop.config").joinpath("sample.yaml").read_text("utf-8")
    assert sample == (repository / "examples" / "contoso.yaml").read_text("utf-8")
