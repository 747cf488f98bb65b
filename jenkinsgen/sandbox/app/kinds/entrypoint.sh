#!/bin/sh
# No `exec`, as in many images.
echo "the entrypoint begins"
"$@"
echo "the entrypoint ends"
