"""Run the pipeline from a shell, in this process and through Dagster: python -m pipelines sync --organization acme docs

Prints one JSON object a line. Exits 0, 1 when something failed, 2 for wrong use.
"""

from __future__ import annotations

import argparse
import signal
import sys
from types import FrameType

from resources.foundation.errors import MillraceError, Missing


def main(arguments: list[str] | None = None) -> int:
    """Run a command; its exit status."""
    parser = argparse.ArgumentParser(prog="python -m pipelines", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    sync = commands.add_parser("sync", help="bring sources up to date")
    sync.add_argument("--organization", required=True, help="the organization's slug")
    sync.add_argument("names", nargs="*", help="sources; all of the organization when none is named")
    plan = commands.add_parser("plan", help="say what a sync of sources would do and cost; writes nothing")
    plan.add_argument("--organization", required=True, help="the organization's slug")
    plan.add_argument("names", nargs="*", help="sources; all of the organization when none is named")
    build = commands.add_parser("build-configuration", help="build a configuration beside the one that serves")
    build.add_argument("--organization", required=True, help="the organization's slug")
    build.add_argument("version", help="the id of the configuration's version")
    commands.add_parser("evaluate-retrieval", help="measure retrieval on every evaluation set")
    commands.add_parser("check-knowledge", help="hold all rows against the Great Expectations suites")
    asked = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, _interrupt)
    from pipelines import execution, plans

    try:
        with execution.open_house() as house:
            if asked.command == "sync":
                return execution.sync(house, asked.organization, asked.names)
            if asked.command == "plan":
                return plans.plan(house, asked.organization, asked.names)
            if asked.command == "build-configuration":
                step = {"config": {"organization": asked.organization, "version_id": asked.version}}
                return execution.run_job(house, "build_configuration", ops={"build_version": step})
            return execution.run_job(house, asked.command.replace("-", "_"))
    except KeyboardInterrupt:
        return 1
    except Missing as error:
        execution.say({"event": "refused", "reason": str(error)})
        print(error, file=sys.stderr)  # noqa: T201
        return 2
    except MillraceError as error:
        execution.say({"event": "failed", "source": None, "reason": str(error)})
        print(error, file=sys.stderr)  # noqa: T201
        return 1


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
