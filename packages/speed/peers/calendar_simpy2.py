"""The calendar workload in SimPy 2, which Debian calls python3-simpy."""
import json
import time

from SimPy.Simulation import Process, Simulation, hold


class Source(Process):
    def fire(self, index, period):
        sim = self.sim
        while True:
            yield hold, self, period
            sim.digest = (sim.digest * 31 + index + int(sim.now())) & 0xFFFFFFFF
            sim.count += 1


def run():
    sim = Simulation()
    sim.initialize()
    sim.digest = 0
    sim.count = 0
    for index in range(1000):
        source = Source(sim=sim)
        sim.activate(source, source.fire(index, 1000 + (index * 7919) % 9973), at=0)
    start = time.perf_counter()
    sim.simulate(until=1_000_000)
    return time.perf_counter() - start, sim.count, sim.digest


runs = sorted(run() for _ in range(3))
seconds, count, digest = runs[1]
print(json.dumps({"seconds": seconds, "operations": count, "check": str(digest)}))
