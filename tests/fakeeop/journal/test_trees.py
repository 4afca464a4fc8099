from __future__ import annotations

import copy
import json

from fakeeop.journal.trees import LazyTree


def test_a_lazy_tree_reads_when_somebody_looks():
    read = []

    def raw() -> str:
        read.append(1)
        return "content"

    tree = LazyTree({"size": 7, "raw": None}, {"raw": raw})
    assert (tree["size"], tree.get("size"), tree.get("nothing", 1), len(tree), list(tree), read) == (
        *(7, 7, 1, 2),
        ["size", "raw"],
        [],
    )
    whole = {"size": 7, "raw": "content"}
    assert tree["raw"] == tree.get("raw") == "content"
    assert tree == whole
    assert dict(tree) == {**tree} == whole
    assert list(tree.values()) == [7, "content"]
    assert json.loads(json.dumps(tree)) == whole
    assert copy.deepcopy(tree) == whole
