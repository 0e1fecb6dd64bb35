"""The whole product under search load: `python -m bench.http_search [--data DIR] [--passages 10000]`.

Loads the sample centre and passages recombined from its sentences by `kms import`, starts `kms serve`, and measures
over HTTP. With --data the folder is kept, so that a second run skips the indexing.
"""

import argparse
import gzip
import http.client
import json
import os
import random
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from bench.sentences import sentences

KMS = [sys.executable, "-c", "from kms.cli import app; app()"]
CLIENTS = 16
CATEGORY = "宽带与家庭/宽带/故障处理"
PASSWORD = "bench-password-1"


class Api:
    """One connection of one signed-in person."""

    def __init__(self, port: int, login: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._headers = {"Sec-Fetch-Site": "same-origin", "Accept-Encoding": "gzip"}
        form = urlencode({"login": login, "password": PASSWORD})
        answer, _ = self._send("POST", "/login", form, {"Content-Type": "application/x-www-form-urlencoded"})
        cookie = answer.getheader("Set-Cookie") or ""
        self._headers["Cookie"] = re.search(r"kms_session=[^;]+", cookie)[0]  # type: ignore[index]

    def get(self, path: str, **query: object) -> Any:
        address = f"/api/v1{path}?{urlencode(query)}" if query else f"/api/v1{path}"
        return json.loads(self._send("GET", address)[1])

    def post(self, path: str, body: object) -> Any:
        return json.loads(
            self._send("POST", f"/api/v1{path}", json.dumps(body), {"Content-Type": "application/json"})[1]
        )

    def page(self, path: str) -> tuple[str, int]:
        """Its text, and its bytes as sent or, if the server does not compress, as they would be."""
        answer, body = self._send("GET", path)
        if answer.getheader("Content-Encoding") == "gzip":
            return gzip.decompress(body).decode(errors="replace"), len(body)
        return body.decode(errors="replace"), len(gzip.compress(body))

    def _send(
        self, method: str, path: str, body: str | None = None, headers: dict[str, str] | None = None
    ) -> tuple[http.client.HTTPResponse, bytes]:
        arguments = (method, path, body and body.encode(), {**self._headers, **(headers or {})})
        try:
            self._connection.request(*arguments)
            answer = self._connection.getresponse()
        except http.client.RemoteDisconnected:  # the server closes connections that were idle
            self._connection.close()
            self._connection.request(*arguments)
            answer = self._connection.getresponse()
        content = answer.read()
        if answer.status >= 400:
            raise RuntimeError(f"{method} {path}: {answer.status} {content[:300]!r}")
        return answer, content


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--data", type=Path)
    options.add_argument("--passages", type=int, default=10_000)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        data = given.data or Path(temporary)
        os.environ |= {"KMS_DATA_DIR": str(data), "KMS_DEMO": "true", "KMS_DEMO_PASSWORD": PASSWORD}
        chance = random.Random(20261125)
        pool = sentences()
        if not (data / "kms.sqlite3").exists():
            load(data, given.passages, pool, chance)
        with serving() as (port, process):
            measure(port, process, pool, chance)


def load(data: Path, passages: int, pool: Sequence[str], chance: random.Random) -> None:
    lines = data / "bench.jsonl"
    data.mkdir(parents=True, exist_ok=True)
    with lines.open("w", encoding="utf-8") as file:
        for number in range(passages):
            text = "。".join(chance.sample(pool, 6))
            title = f"{chance.choice(pool)[:18]}（{number}）"
            file.write(
                json.dumps({"id": str(number), "title": title, "text": text}, ensure_ascii=False) + "\n"
            )
    begun = time.perf_counter()
    for command in (
        ["migrate"],
        ["seed"],
        ["import", str(lines), "--publish", "--as", "A9001", "--category", CATEGORY],
    ):
        subprocess.run([*KMS, *command], check=True)
    print(f"| import and index {passages:,} passages | {time.perf_counter() - begun:.0f} s |")


@contextmanager
def serving() -> Iterator[tuple[int, "subprocess.Popen[bytes]"]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(
        [*KMS, "serve"], env=os.environ | {"KMS_PORT": str(port)}, stdout=quiet, stderr=quiet
    )
    try:
        for _ in range(1200):
            with socket.socket() as knock:
                if knock.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield port, process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def measure(
    port: int, process: "subprocess.Popen[bytes]", pool: Sequence[str], chance: random.Random
) -> None:
    agent = Api(port, "A1001")
    until(lambda: agent.get("/search", q=pool[0], facets=False)["found"] > 0)
    for text in questions(50, pool, chance):
        agent.get("/search", q=text)
    one_client(agent, questions(400, pool, chance))
    many_clients(port, questions(2000, pool, chance))
    prefixes = [sentence[:2] for sentence in chance.sample(pool, 200)]
    took = [timed(partial(agent.get, "/complete", q=prefix)) for prefix in prefixes]
    row("/complete p95", percentile(took, 95), "ms", "≤ 10")
    timing_of_nothing(port, agent, chance)
    publication(port, agent)
    row("memory (RSS)", memory(process.pid), "MB", "≤ 600")
    row("first page, gzipped, with scripts and styles", first_page(agent) / 1024, "KB", "≤ 100")


def one_client(agent: Api, texts: Sequence[str]) -> None:
    total, beyond = [], []
    for text in texts:
        begun = time.perf_counter()
        answer = agent.get("/search", q=text)
        took = (time.perf_counter() - begun) * 1000
        total.append(took)
        beyond.append(took - answer["took"]["embed"])
    row("/search, one client, p95", percentile(total, 95), "ms", "")
    row("/search beyond the embedder, p50", percentile(beyond, 50), "ms", "")
    row("/search beyond the embedder, p95", percentile(beyond, 95), "ms", "≤ 15")


def many_clients(port: int, texts: Sequence[str]) -> None:
    shares = [texts[start::CLIENTS] for start in range(CLIENTS)]
    apis = [Api(port, "A1001") for _ in range(CLIENTS)]

    def ask(pair: tuple[Api, Sequence[str]]) -> list[float]:
        return [timed(partial(pair[0].get, "/search", q=text)) for text in pair[1]]

    begun = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as threads:
        took = list(threads.map(ask, zip(apis, shares, strict=True)))
    row(
        f"/search, {CLIENTS} clients, all distinct",
        len(texts) / (time.perf_counter() - begun),
        "requests/s",
        "≥ 25",
    )
    row(f"/search, {CLIENTS} clients, p95", percentile([one for many in took for one in many], 95), "ms", "")


def timing_of_nothing(port: int, agent: Api, chance: random.Random) -> None:
    """Titles of a line that the agent is not a member of, and the same characters in another order."""
    titles = [each["title"] for each in Api(port, "A1004").get("/articles", size=100)["items"]]
    own = {each["title"] for each in agent.get("/articles", size=100)["items"]}
    hidden = [title for title in titles if title not in own]
    forbidden, nothing = [], []
    for _ in range(200):
        title = chance.choice(hidden)
        forbidden.append(timed(lambda q=f"{title}{chance.randrange(10**6)}": agent.get("/search", q=q)))
        mixed = "".join(chance.sample(title, len(title)))
        nothing.append(timed(lambda q=f"{mixed}{chance.randrange(10**6)}": agent.get("/search", q=q)))
    row("answer not permitted, median", statistics.median(forbidden), "ms", "")
    row("nothing there, median", statistics.median(nothing), "ms", "as above")


def publication(port: int, agent: Api) -> None:
    supervisor = Api(port, "A6001")
    category = next(each["category_id"] for each in agent.get("/articles", size=1)["items"])
    by_words, by_meaning = [], []
    for number in range(20):
        word = f"鸿雁{number}号"
        content = {
            "kind": "qa",
            "title": f"{word}终端的押金",
            "summary": "押金 50 元，退机后 3 天到账。",
            "category_id": category,
            "questions": [f"{word}押金多少", f"{word}退机", f"{word}到账时间"],
            "body": "押金在退机后 3 天内原路退回。",
            "audience": {"kind": "internal"},
            "owner_id": None,
        }
        made = supervisor.post("/articles", content)
        begun = time.perf_counter()
        supervisor.post(f"/articles/{made['code']}/draft/submit", {"route": "urgent", "reason": "压力测试"})
        by_words.append(found_after(begun, agent, word, made["code"], "words"))
        by_meaning.append(found_after(begun, agent, word, made["code"], "dense"))
    row("found by its words after publication, p95", percentile(by_words, 95), "s", "≤ 1")
    row("found by its meaning after publication, p95", percentile(by_meaning, 95), "s", "≤ 3")


def found_after(begun: float, agent: Api, text: str, code: str, part: str) -> float:
    def seen() -> bool:
        hits = agent.get("/search", q=f"{text}的押金怎么退", facets=False, live=True)["hits"]
        return any(hit["code"] == code and hit["parts"][part] != 0 for hit in hits)

    until(seen)
    return time.perf_counter() - begun


def questions(count: int, pool: Sequence[str], chance: random.Random) -> list[str]:
    """All different, about 14 characters."""
    return [
        f"{chance.choice(pool)[:8]}{chance.choice(pool)[:6]}" + str(chance.randrange(10**6))
        for _ in range(count)
    ]


def until(right: Callable[[], bool], seconds: float = 60) -> None:
    end = time.perf_counter() + seconds
    while not right():
        if time.perf_counter() > end:
            raise TimeoutError
        time.sleep(0.01)


def timed(act: Callable[[], object]) -> float:
    begun = time.perf_counter()
    act()
    return (time.perf_counter() - begun) * 1000


def percentile(values: Sequence[float], wanted: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[wanted - 1]


def memory(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024  # type: ignore[index]


def first_page(agent: Api) -> int:
    """The search page and what it loads before anything is pressed."""
    text, size = agent.page(f"/search?q={quote('光猫红灯')}")
    seen = set(re.findall(r'(?:src|href)="(/static/[^"]+)"', text))
    waiting = list(seen)
    while waiting:
        address = waiting.pop()
        body, sent = agent.page(address)
        size += sent
        imported = {
            address.rpartition("/")[0] + f"/{name}"
            for name in re.findall(r'^import [^;]*?"\./([^"]+)"', body, re.MULTILINE)
        }
        waiting += imported - seen
        seen |= imported
    return size


def row(name: str, value: float, unit: str, limit: str) -> None:
    print(f"| {name} | {value:.2f} {unit} | {limit} |", flush=True)


if __name__ == "__main__":
    main()
