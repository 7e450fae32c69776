# SPDX-License-Identifier: MIT
"""Tells more than a ring holds."""
import multiprocessing

barrier = multiprocessing.Barrier(1)
for _ in range(100_000):
    barrier.wait()
print("through")
