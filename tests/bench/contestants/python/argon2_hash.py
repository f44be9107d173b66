"""`argon2_hash.py N`: the C reference of Argon2id, through argon2-cffi: nanoseconds of the processor a
warm hash."""

import sys
import time

from argon2 import low_level


def hashed():
    low_level.hash_secret_raw(
        "Vélo-Pomme7-Lune".encode(),
        bytes(16),
        time_cost=2,
        memory_cost=19456,
        parallelism=1,
        hash_len=32,
        type=low_level.Type.ID,
    )


hashed()
count = int(sys.argv[1])
began = time.process_time_ns()
for _ in range(count):
    hashed()
print((time.process_time_ns() - began) // count)
