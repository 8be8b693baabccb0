"""Workers answer, are stopped, are replaced, see nothing of ours, and leave nobody behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from resources.foundation.errors import Unavailable
from resources.foundation.workers import Answer, Failure, Limits, WorkerPool
from tests.factories.waiting import wait_until

TASK = "tests.resources.foundation.worker_tasks:answer"
ROOT = Path(__file__).parents[3]


LIMITS = Limits(wall_seconds=60, processor_seconds=60, memory_bytes=1 << 30, file_bytes=1 << 20, requests=5)


@pytest.fixture
def pool() -> Iterator[WorkerPool]:
    with WorkerPool(TASK, count=2, limits=LIMITS) as pool:
        yield pool


@pytest.fixture
def hurried() -> Iterator[WorkerPool]:
    """One whose requests have little time; its first child is there."""
    with WorkerPool(TASK, count=1, limits=replace(LIMITS, wall_seconds=1.5)) as pool:
        assert isinstance(pool.ask({"do": "echo"}, patience=40), Answer)
        yield pool


def ask(pool: WorkerPool, do: str, data: bytes = b"", **more: object) -> Answer:
    result = pool.ask({"do": do, **more}, data)
    assert isinstance(result, Answer), result
    return result


def failure(pool: WorkerPool, do: str, **more: object) -> Failure:
    result = pool.ask({"do": do, **more})
    assert isinstance(result, Failure)
    assert "\n" not in result.reason
    return result


def is_alive(process_id: int) -> bool:
    """A zombie that its adopted parent has not yet collected counts as dead."""
    try:
        state = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def test_a_worker_gives_back_header_and_bytes(pool: WorkerPool) -> None:
    data = os.urandom(3 << 20)
    answer = ask(pool, "echo", data, words="mühle \ud800")
    assert answer.body == data
    assert answer.header["words"] == "mühle \ud800"


def test_the_same_child_serves_until_its_number_of_requests(pool: WorkerPool) -> None:
    first = []
    for _ in range(4):
        ask(pool, "echo")
        first += pool.process_ids()
    assert len(set(first)) == 1
    ask(pool, "echo")
    assert pool.process_ids() == []
    ask(pool, "echo")
    assert pool.process_ids() != first[:1]


def test_prints_do_not_disturb_the_conversation(pool: WorkerPool) -> None:
    assert ask(pool, "print").header == {"stdin": ""}


@pytest.mark.parametrize(
    ("do", "outcome", "reason"),
    [
        ("raise", "crashed", "KeyError: 'a\\nb'"),
        ("recurse", "crashed", "RecursionError"),
        ("swallow", "memory", "more memory"),
        ("segfault", "crashed", "SIGSEGV"),
        ("leave", "crashed", "status 7"),
        ("write", "crashed", "OSError"),
    ],
)
def test_what_goes_wrong_has_a_name_and_the_next_request_is_served(
    pool: WorkerPool, do: str, outcome: str, reason: str
) -> None:
    before = failure(pool, do)
    assert before.outcome == outcome
    assert reason in before.reason
    assert ask(pool, "echo", b"after").body == b"after"


@pytest.mark.parametrize("do", ["sleep", "spin"])
def test_what_takes_too_long_is_stopped_and_the_next_request_is_served(hurried: WorkerPool, do: str) -> None:
    stopped = failure(hurried, do)
    assert (stopped.outcome, stopped.reason) == ("timeout", "stopped after 1.5 s")
    assert isinstance(hurried.ask({"do": "echo"}, patience=40), Answer)


def test_processor_time_is_limited_for_each_request() -> None:
    with WorkerPool(TASK, count=1, limits=Limits(processor_seconds=1, wall_seconds=30)) as pool:
        assert failure(pool, "spin").reason == "stopped after 1 s of processor time"


def test_a_grandchild_dies_with_its_worker(pool: WorkerPool) -> None:
    process_id = int(ask(pool, "spawn").header["process_id"])
    assert is_alive(process_id)
    pool.close()
    wait_until(lambda: not is_alive(process_id))


def test_threads_share_the_children(pool: WorkerPool) -> None:
    with ThreadPoolExecutor(6) as threads:
        bodies = list(threads.map(lambda n: ask(pool, "echo", b"%d" % n).body, range(40)))
    assert bodies == [b"%d" % n for n in range(40)]
    assert len(pool.process_ids()) <= 2


def test_a_child_outlives_the_thread_that_first_asked(pool: WorkerPool) -> None:
    with ThreadPoolExecutor(1) as thread:
        thread.submit(ask, pool, "echo").result()
    (process_id,) = pool.process_ids()
    ask(pool, "echo")
    assert pool.process_ids() == [process_id]


def test_a_child_sees_nothing_of_ours(pool: WorkerPool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    with socket.socket() as ours:
        os.set_inheritable(ours.fileno(), True)
        seen = ask(pool, "surroundings").header
    assert "sk-secret" not in str(seen["environment"])
    assert set(seen["environment"]) <= {
        "PATH", "LANG", "LC_CTYPE", "HOME", "TMPDIR", "PYTHONPATH", "DO_NOT_TRACK", "OMP_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
    }  # fmt: skip
    assert Path(seen["folder"]).name.startswith("millrace-worker-")
    assert all(name.startswith("pipe:") for name in seen["descriptors"])
    if pool.network_is_closed():
        assert seen["parent_environment_bytes"] == -1


def test_a_child_has_no_network(pool: WorkerPool) -> None:
    if not pool.network_is_closed():
        pytest.skip("this kernel does not let a process give up its network")
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert ask(pool, "connect", port=server.getsockname()[1]).header["error"] == "EACCES"


def test_a_child_cannot_reach_a_socket_in_a_folder_as_the_database_has_one(pool: WorkerPool, tmp_path: Path) -> None:
    address = str(tmp_path / "socket")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(address)
        server.listen()
        assert ask(pool, "connect", path=address).header["error"] == "EACCES"


def test_its_folder_is_gone_when_the_pool_is_closed(pool: WorkerPool) -> None:
    folder = Path(ask(pool, "surroundings").header["folder"])
    assert folder.is_dir()
    pool.close()
    assert not folder.exists()


def test_closing_ends_a_request_under_way_and_refuses_the_next(pool: WorkerPool) -> None:
    with ThreadPoolExecutor(1) as thread:
        running = thread.submit(pool.ask, {"do": "sleep"})
        wait_until(lambda: len(pool.process_ids()) == 1)
        pool.close()
        assert isinstance(running.result(60), Failure)
    with pytest.raises(Unavailable, match="pool is closed"):
        pool.ask({"do": "echo"})


def test_a_task_that_cannot_be_imported_is_told() -> None:
    with WorkerPool("no_such_module:answer", count=1) as pool, pytest.raises(Unavailable, match="no_such_module"):
        pool.ask({})


def test_folders_of_killed_parents_are_swept_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with subprocess.Popen(["/bin/true"]) as gone:
        pass
    left, ours = tmp_path / f"millrace-worker-{gone.pid}-a", tmp_path / f"millrace-worker-{os.getpid()}-b"
    left.mkdir()
    ours.mkdir()
    with WorkerPool(TASK, count=1) as pool:
        ask(pool, "echo")
    assert (left.exists(), ours.exists()) == (False, True)


@pytest.mark.parametrize("state", ["idle", "busy"])
def test_no_child_survives_a_killed_parent(state: str) -> None:
    program = (
        "from resources.foundation.workers import WorkerPool; import threading, time\n"
        f"pool = WorkerPool({TASK!r}, count=1); pool.ask({{'do': 'echo'}})\n"
        f"threading.Thread(target=pool.ask, args=({{'do': 'spin'}},)).start() if {state == 'busy'} else None\n"
        "print(*pool.process_ids(), flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE)
    assert parent.stdout is not None
    (child,) = map(int, parent.stdout.readline().split())
    assert is_alive(child)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    wait_until(lambda: not is_alive(child))


def test_a_fresh_child_answers_soon() -> None:
    before_s = os.times().children_user
    with WorkerPool("resources.knowledge.readers.conveying:answer", count=1) as pool:
        result = pool.ask(
            {"media_type": "", "filename": "a.md"}, b"# The mill\n\n" + b"It is the mill of the town. " * 20
        )
        assert isinstance(result, Answer)
    # of the processor, since others may be busy; about 0.1 s, and seconds where it reads a library that it need not
    assert os.times().children_user - before_s < 1


def numbers(pool: WorkerPool, **more: object) -> list[int | str]:
    return [
        result.header["number"] if isinstance(result, Answer) else result.outcome
        for result in pool.stream({"do": "count", **more}, b"x")
    ]


def test_a_worker_answers_many_times_and_then_serves_again(pool: WorkerPool) -> None:
    ask(pool, "echo")
    before = pool.process_ids()
    assert numbers(pool, to=3) == [0, 1, 2]
    assert numbers(pool, to=0) == []
    assert pool.process_ids() == before


def test_a_failure_among_many_answers_is_the_last_of_them(pool: WorkerPool) -> None:
    assert numbers(pool, to=9, fails_at=2) == [0, 1, "crashed"]
    assert numbers(pool, to=2) == [0, 1]


def test_a_child_that_still_has_answers_to_give_serves_nobody_else(pool: WorkerPool) -> None:
    answers = pool.stream({"do": "count", "to": 1_000}, b"x" * 1_000)
    assert isinstance(next(answers), Answer)
    (half_done,) = pool.process_ids()
    answers.close()  # type: ignore[attr-defined]
    assert pool.process_ids() == []
    assert not is_alive(half_done)
    assert ask(pool, "echo").header["do"] == "echo"


def test_only_the_time_of_the_child_counts(hurried: WorkerPool) -> None:
    seen = []
    for result in hurried.stream({"do": "count", "to": 4, "pause": 0.01}):
        time.sleep(0.5)  # longer together than the limit of one request
        seen.append(result)
    assert all(isinstance(result, Answer) for result in seen)
    assert len(seen) == 4
    assert numbers(hurried, to=4, pause=0.6)[-1] == "timeout"


def test_each_request_is_told_the_memory_it_took(pool: WorkerPool) -> None:
    if not Path("/proc/self/clear_refs").exists():
        pytest.skip("only Linux tells the peak")
    large, small = ask(pool, "hold", bytes=300 << 20), ask(pool, "hold", bytes=1)
    assert large.peak_bytes > 300 << 20
    assert 0 < small.peak_bytes < 150 << 20


def test_a_request_may_be_given_more_patience(hurried: WorkerPool) -> None:
    assert isinstance(hurried.ask({"do": "count", "to": 1, "pause": 2}, patience=3), Answer)
