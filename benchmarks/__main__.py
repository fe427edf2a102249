"""`python -m benchmarks` runs each module here with a `run()`, `python -m benchmarks NAME` one."""

import importlib
import pkgutil
import sys
from collections.abc import Callable

import benchmarks


def discover() -> dict[str, Callable[[], None]]:
    names = sorted(module.name for module in pkgutil.iter_modules(benchmarks.__path__))
    modules = {name: importlib.import_module(f"benchmarks.{name}") for name in names if name != "__main__"}
    return {name: module.run for name, module in modules.items() if hasattr(module, "run")}


def main(wanted: list[str]) -> int:
    known = discover()
    unknown = [name for name in wanted if name not in known]
    if unknown:
        print(f"There is no benchmark {unknown[0]!r}; there are: {', '.join(known)}.", file=sys.stderr)
        return 2
    for name in wanted or known:
        print(f"\n## {name}\n")
        known[name]()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
