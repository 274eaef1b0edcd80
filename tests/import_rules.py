"""A contract for import-linter that knows modules by the pattern of their names, so that none has to be listed."""

from fnmatch import fnmatchcase
from typing import Any, Final

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output

_VIOLATIONS: Final = "violations"


class DirectImports(Contract):
    """Modules must not import others themselves. All options are lists of patterns, as of a shell.

    `modules` without those of `except_for`, and with `using` only those that import one of these, import nothing of
    `forbidden`, except `allowed`.
    """

    type_name = "direct_imports"

    modules = fields.ListField(subfield=fields.StringField())
    except_for = fields.ListField(subfield=fields.StringField(), required=False, default=[])
    using = fields.ListField(subfield=fields.StringField(), required=False, default=[])
    forbidden = fields.ListField(subfield=fields.StringField())
    allowed = fields.ListField(subfield=fields.StringField(), required=False, default=[])

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Return each forbidden import."""
        violations = [
            f"{module} -> {imported}"
            for module in sorted(graph.modules)
            if _fits(module, self.modules) and not _fits(module, self.except_for)
            for imported in self._forbidden_imports(graph.find_modules_directly_imported_by(module))
        ]
        return ContractCheck(kept=not violations, metadata={_VIOLATIONS: violations})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Print each forbidden import."""
        for violation in check.metadata[_VIOLATIONS]:
            output.print_error(violation)

    def _forbidden_imports(self, imported: set[str]) -> list[str]:
        using: Any = self.using  # Any: as below
        if using and not any(_fits(module, using) for module in imported):
            return []
        return sorted(
            module for module in imported if _fits(module, self.forbidden) and not _fits(module, self.allowed)
        )


def _fits(module: str, patterns: Any) -> bool:  # Any: a field of import-linter, which is a list once it is read
    return any(fnmatchcase(module, pattern) for pattern in patterns)
