"""An import contract of this house: members of a family do not know each other.

Named by `[tool.importlinter]` in pyproject.toml. A family is a package whose files are its members; files that start
with an underscore are its helpers, which members may share. Families that don't exist are passed over.
"""

from grimp import ImportGraph
from importlinter import ContractCheck, fields
from importlinter.contracts.independence import IndependenceContract


class FamilyContract(IndependenceContract):
    """Independence, family by family, among the files that don't start with an underscore."""

    type_name = "family"

    families = fields.ListField(subfield=fields.StringField())
    modules = fields.SetField(subfield=fields.ModuleExpressionField(), required=False)

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        broken = []
        for family in self.families:
            layer = members(graph, family)
            found = graph.find_illegal_dependencies_for_layers(layers=(layer,)) if layer else set()
            broken += self._build_invalid_chains(found, graph)
        return ContractCheck(kept=not broken, metadata={"invalid_chains": broken})


def members(graph: ImportGraph, family: str) -> set[str]:
    if family not in graph.modules:
        return set()
    return {name for name in graph.find_children(family) if not name.rpartition(".")[2].startswith("_")}
