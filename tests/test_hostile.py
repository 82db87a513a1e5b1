"""Hostile functions: nobody gets out, nobody starves others, nobody is taken for somebody else.

The attacks are in functions/hostile, a file for each theme. They tell what they got; what matters more is looked at
from outside: files, listeners, programs and a neighbour that are none of theirs. That the attacks can succeed is shown
by those that do no harm, with the sandbox switched off.
"""

import concurrent.futures
import json
import os
import time
from collections.abc import Callable

import pytest

from support.hostile import NOBODY, Battlefield, Neighbour
from support.waiting import eventually

pytestmark = pytest.mark.timeout(600)
THEMES = ("files", "forgery", "kernel", "leftovers", "network", "processes", "resources")


def users() -> list:
    """Return whom the server runs as: the superuser and somebody else where we are the superuser, else ourselves."""
    superuser = pytest.param(None, id="root", marks=pytest.mark.skipif(os.getuid() != 0, reason="needs the superuser"))
    return [superuser, pytest.param(NOBODY if os.getuid() == 0 else None, id="nobody")]


@pytest.fixture(scope="module", params=users())
def field(request):
    """Return a server with everything around it. When it ends, so has everything that functions have left."""
    made = Battlefield(request.param)
    yield made
    made.close()
    eventually(lambda: not made.processes(made.marker), timeout_s=60)


def attack(field: Battlefield, control: bool, **settings) -> dict[str, dict]:
    """Run every theme in a function of its own, all at the same time, and return what came of each attack."""
    event = json.dumps({"say": 0, "seconds": 5})
    running = field.patient.invoke(FunctionName=field.neighbour, InvocationType="Event", Payload=event)
    aim = field.aim(running["ResponseMetadata"]["RequestId"])

    def run(theme: str) -> dict:
        attacker = field.function("attack.handler", Timeout=300, MemorySize=256, **settings)
        return field.answer(attacker, {"theme": theme, "aim": aim, "control": control})

    with concurrent.futures.ThreadPoolExecutor() as pool:
        answers = list(pool.map(run, THEMES))
    by_theme = zip(THEMES, answers, strict=True)
    return {f"{theme}: {name}": told for theme, answer in by_theme for name, told in answer.items()}


def nobody_told(found: dict[str, dict], word: str) -> None:
    """Fail with what attacks told under a word, a line for each, if there are any."""
    lines = [f"{name} ({told['tries']}): {told[word][:300]}" for name, told in found.items() if word in told]
    assert not lines, f"{word}\n" + "\n".join(lines)


def test_no_attack_succeeds(field):
    with Neighbour(field):
        found = attack(field, control=False)
    nobody_told(found, "loot")
    # Attacks that do not work themselves prove nothing.
    nobody_told(found, "broken")
    assert [what for what, secret in field.secrets.items() if secret in json.dumps(found)] == []
    assert field.harm() == []
    assert len(found) > 300


@pytest.mark.skipif(os.getuid() != 0, reason="what the superuser can do is shown by the superuser")
def test_the_same_attacks_succeed_where_there_is_no_sandbox():
    field = Battlefield(None, sandbox="none")
    try:
        found = attack(field, control=True, role=field.house.role(managed=(ADMINISTRATOR,)))
    finally:
        field.close()
    nobody_told(found, "broken")
    # In a container, not even the superuser may do everything.
    kept = {name for name, told in found.items() if told.get("kept") in ("EPERM", "EACCES", "ENOSYS", "EROFS")}
    nobody_told({name: told for name, told in found.items() if name not in kept}, "kept")
    assert len(found) - len(kept) > 120
    for what in ("canary", "bystander", "greeting", "administrator"):
        assert field.secrets[what] in json.dumps(found), f"the {what}'s secret was not found, so it cannot be missed"
    assert set(field.listeners.heard) == {"tcp", "udp", "abstract", "file"}


ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"


# Campaigns go to the limit. Each has its function and environment, and all of them go on at the same time.


def answers(is_right: Callable[[object], bool]) -> Callable[[dict, bool], bool]:
    """Expect an answer of the function."""
    return lambda told, _: "answer" in told and is_right(told["answer"])


def fails(error_type: str, words: str = "") -> Callable[[dict, bool], bool]:
    """Expect that the environment was ended for this reason."""
    return lambda told, _: told.get("errorType") == error_type and told["errorMessage"].endswith(words)


def runs_out_of_memory(told: dict, is_limited: bool) -> bool:
    """Expect AWS's error where the kernel limits memory; elsewhere its own limits may come first."""
    if is_limited:
        return fails("Runtime.OutOfMemory", "Error: Runtime exited with error: signal: killed")(told, is_limited)
    return "errorType" in told


CAMPAIGNS = {
    # A thousand processes may be too much memory before they are too many.
    "fork_without_end": lambda told, _: (
        told.get("answer", 0) <= 1024 and told.get("errorType", "Runtime.OutOfMemory") == "Runtime.OutOfMemory"
    ),
    "allocate": runs_out_of_memory,
    "hide_memory_in_a_nameless_file": runs_out_of_memory,
    "hide_memory_in_shared_pages": runs_out_of_memory,
    "hide_memory_in_connections": lambda told, is_limited: not is_limited or told.get("answer", 0) < 400,
    "hide_memory_in_children": runs_out_of_memory,
    "spin": answers(lambda answer: answer is None),
    "print_without_end": answers(lambda answer: answer is None),
    "print_what_grows": answers(lambda answer: answer is None),
    "kill_everything": fails("Runtime.ExitError", "signal: killed"),
    "crash": fails("Runtime.ExitError", "signal: segmentation fault"),
    "take_every_connection": answers(lambda answer: answer == "kept"),
    "freeze_its_supervisor": answers(lambda answer: answer == "sent"),
    "fill_tmp": answers(lambda files: 0 < files <= 64 * 512),
    "ignore_everything": fails("Sandbox.Timedout"),
}
# `cargo xtask soak hostile` asks for more.
SECONDS = float(os.environ.get("ROLECALL_HOSTILE_SECONDS", "1"))


def test_campaigns_end_at_their_limits_and_harm_nobody_else(field):
    def run(campaign: str) -> dict:
        # What never answers is ended; what answers gets the time that a slow machine needs.
        timeout_s = 3 if campaign == "ignore_everything" else 120 + int(SECONDS)
        function = field.function("campaigns.handler", Timeout=timeout_s, MemorySize=128)
        return field.told(function, {"campaign": campaign, "seconds": SECONDS})

    with Neighbour(field) as neighbour, concurrent.futures.ThreadPoolExecutor(len(CAMPAIGNS)) as pool:
        told = dict(zip(CAMPAIGNS, pool.map(run, CAMPAIGNS), strict=True))
    is_limited = "memory: limited to MemorySize" in field.server.stdout.read_text()
    wrong = {name: told[name] for name, expect in CAMPAIGNS.items() if not expect(told[name], is_limited)}
    assert wrong == {}
    assert field.harm() == []
    # A busy environment has at most 32 connections to the Runtime API and 64 to the endpoint.
    assert neighbour.most_files < 100 + 100 * len(CAMPAIGNS)
    assert field.peak_memory_mb() < 1500


def is_stopped_while_nobody_calls(field: Battlefield, timer: bool) -> None:
    """Wait until a thread that notes the time finds that it has made a pause; with a timer it tries to wake itself."""
    function = field.function("leftovers.tick")
    field.answer(function, {"timer": timer})

    def has_paused() -> bool:
        time.sleep(1.5)
        return field.answer(function, {"timer": timer})["pause"] > 1

    eventually(has_paused, timeout_s=60)


def ends_with_its_environment(field: Battlefield) -> None:
    """Leave processes behind that ignore every signal, and see them end."""
    lost, left = f"{field.marker}-lost", f"{field.marker}-left"
    function = field.function("leftovers.linger", Timeout=3)
    assert "Sandbox.Timedout" in str(field.told(function, {"marker": lost, "seconds": 100}))
    eventually(lambda: not field.processes(lost), timeout_s=60)
    # These are stopped with their environment, and end with the server.
    field.answer(function, {"marker": left})
    assert field.processes(left)


def test_nothing_goes_on_after_the_answer_and_nothing_outlives_the_environment(field):
    with concurrent.futures.ThreadPoolExecutor() as pool:
        stopped = [pool.submit(is_stopped_while_nobody_calls, field, timer) for timer in (False, True)]
        for done in (*stopped, pool.submit(ends_with_its_environment, field)):
            done.result()


@pytest.mark.skipif("ROLECALL_HOSTILE_SECONDS" not in os.environ, reason="measures; `cargo xtask soak hostile` runs it")
@pytest.mark.parametrize("campaign", ["spin", "fork_without_end", "allocate", "print_without_end"])
def test_neighbours_latency_is_told(field, campaign):
    """What is measured in time is told and not asserted. Quiet and attacked times alternate, as machines change."""
    attacker = field.function("campaigns.handler", Timeout=300, MemorySize=128)
    quiet, attacked = [], []
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        for _ in range(5):
            quiet += field.latencies_ms(100)
            attack = pool.submit(field.told, attacker, {"campaign": campaign, "seconds": 3})
            while not attack.done():
                attacked += field.latencies_ms(10)
    (quiet_p50, quiet_p99), (p50, p99) = percentiles(quiet), percentiles(attacked)
    print(f"{campaign}: p50 {quiet_p50:.1f} -> {p50:.1f} ms, p99 {quiet_p99:.1f} -> {p99:.1f} ms")


def percentiles(times: list[float]) -> tuple[float, float]:
    """Return the median and the 99th percentile."""
    ordered = sorted(times)
    return ordered[len(ordered) // 2], ordered[len(ordered) * 99 // 100]
