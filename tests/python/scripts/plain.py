# SPDX-License-Identifier: MIT
"""A program that never heard of multiprocessing."""
import sys
import time

time.sleep(0.001)
print("plain", sys.argv[1:])
raise SystemExit(5)
