"""Durable steps of DBOS, measured as ours are: a step that does nothing takes from its call to that of the next one.

    python dbos_steps.py DATABASE_URL SECONDS FIGURES
"""

import sys
import threading
import time

from dbos import DBOS

STEPS = 20
AT_ONCE = (1, 16, 256)
# Its default. 64 were not faster, with any number at once.
CONNECTIONS = 20

url, seconds, figures = sys.argv[1], float(sys.argv[2]), sys.argv[3]
DBOS(
    config={
        "name": "bench",
        "system_database_url": url,
        "sys_db_pool_size": CONNECTIONS,
        "log_level": "ERROR",
        "application_version": "bench",
    }
)
local = threading.local()


@DBOS.step()
def step():
    local.taken.append(time.perf_counter())


@DBOS.workflow()
def workflow():
    for _ in range(STEPS):
        step()


def worker(until, taken, counts):
    mine = []
    count = 0
    while time.perf_counter() < until:
        local.taken = []
        workflow()
        count += len(local.taken)
        mine.extend(b - a for a, b in zip(local.taken, local.taken[1:]))
    taken.extend(mine)
    counts.append(count)


DBOS.launch()
with open(figures, "w", encoding="utf-8") as out:
    for workers in AT_ONCE:
        taken, counts = [], []
        began = time.perf_counter()
        threads = [
            threading.Thread(target=worker, args=(began + seconds, taken, counts)) for _ in range(workers)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        took = time.perf_counter() - began
        taken.sort()
        for name, value in (
            ("per_s", sum(counts) / took),
            ("p50_ms", taken[len(taken) // 2] * 1e3),
            ("p99_ms", taken[len(taken) * 99 // 100] * 1e3),
        ):
            out.write(f"dbos.steps.{workers}.{name}\t{value}\n")
DBOS.destroy()
