"""The calendar workload in SimPy 3 and 4."""
import json
import time

import simpy


class State:
    digest = 0
    count = 0


def fire(env, state, index, period):
    while True:
        yield env.timeout(period)
        state.digest = (state.digest * 31 + index + env.now) & 0xFFFFFFFF
        state.count += 1


def run():
    env = simpy.Environment()
    state = State()
    for index in range(1000):
        env.process(fire(env, state, index, 1000 + (index * 7919) % 9973))
    start = time.perf_counter()
    env.run(until=1_000_001)
    return time.perf_counter() - start, state.count, state.digest


runs = sorted(run() for _ in range(3))
seconds, count, digest = runs[1]
print(json.dumps({"seconds": seconds, "operations": count, "check": str(digest)}))
