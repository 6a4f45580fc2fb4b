#!/usr/bin/env python3
"""What a board that many clients hold open costs a training step beside it.

    scripts/board_load.py [--gradus build/release/bin/gradus] [--workload cnn] [--rounds 7] [--connections 200]

Starts `gradus board`, then measures the step of a benchmark workload in turns: with nobody connected, and with that many
clients that have asked for the page once and stay connected, ten of them listening to events, and four playgrounds open and
paused. Prints the medians and their ratio; fails beyond 1.02. A quiet machine is needed: on a busy one the ratio of the
same thing measured twice differs by more.
"""
import argparse
import http.client
import json
import statistics
import subprocess
import sys
import tempfile

LIMIT = 1.02
STREAMS = 10
PLAYGROUNDS = 4


def step_ms(gradus, workload):
    words = [gradus, "bench", workload, "--threads", "2", "--seconds", "1.5", "--json"]
    return json.loads(subprocess.run(words, check=True, capture_output=True, text=True).stdout)["step_ms"]


class Crowd:
    """Clients that stay connected until the end of a `with`."""

    def __init__(self, port, connections):
        self.port, self.connections, self.open = port, connections, []

    def ask(self, method, path, body=None):
        client = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        client.request(method, path, body, {"Content-Type": "application/json"} if body else {})
        self.open.append(client)
        return client.getresponse()

    def __enter__(self):
        for _ in range(PLAYGROUNDS):
            answer = self.ask("POST", "/api/playground", "{}")
            assert answer.status == 200, answer.read()
            answer.read()
        for _ in range(STREAMS):
            assert self.ask("GET", "/api/events").status == 200
        while len(self.open) < self.connections:
            answer = self.ask("GET", "/api/runs")
            assert answer.status == 200
            answer.read()
        return self

    def __exit__(self, *_):
        for client in self.open:
            client.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--gradus", default="build/release/bin/gradus")
    parser.add_argument("--workload", default="cnn")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--connections", type=int, default=200)
    options = parser.parse_args()
    alone, crowded = [], []
    with tempfile.TemporaryDirectory() as folder:
        board = subprocess.Popen([options.gradus, "board", folder, "--port", "0", "--json", "--quiet"],
                                 stdout=subprocess.PIPE, text=True)
        try:
            port = int(json.loads(board.stdout.readline())["url"].rstrip("/").rsplit(":", 1)[1])
            for _ in range(options.rounds):
                alone.append(step_ms(options.gradus, options.workload))
                with Crowd(port, options.connections):
                    crowded.append(step_ms(options.gradus, options.workload))
        finally:
            board.terminate()
            board.wait()
    without, beside = statistics.median(alone), statistics.median(crowded)
    ratio = beside / without
    print(f"{options.workload}: {without:.4g} ms alone, {beside:.4g} ms beside {options.connections} connections, "
          f"ratio {ratio:.3f}")
    return 0 if ratio <= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
