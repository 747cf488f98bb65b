"""A house in memory: everything outside of a stage, without a network, a Docker engine or a second of waiting.

What a step does to it is what jenkinsgen/deploy/plan/foresee.py says: the simulation that `plan` uses, too. Whether
that is true is what tests/integration/test_same_as_in_memory.py looks at, on real servers.
"""
