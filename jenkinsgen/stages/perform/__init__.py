"""How the steps of a plan are done: where a step meets the edge."""
