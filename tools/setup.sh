#!/bin/sh
# Makes the virtual environment in the folder $1; as root on Debian or Ubuntu also installs the packages that
# the demo and the tests use. Safe to run again.
set -eu
venv=$1

say() { printf 'setup: %s\n' "$*" >&2; }

# program that tells whether the package is there : package
wanted='
dockerd:docker.io
debootstrap:debootstrap
iptables:iptables
groovy:groovy
java:default-jre-headless
git:git
gcc:gcc
make:make
'

missing=''
for pair in $wanted; do
    command -v "${pair%%:*}" >/dev/null 2>&1 || missing="$missing ${pair##*:}"
done
# gcc alone cannot link a static program.
case " $missing " in *' gcc '*) missing="$missing libc6-dev" ;; esac
python3 -c 'import ensurepip, venv' 2>/dev/null || missing="$missing python3-venv"

if [ -n "$missing" ]; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        say "installing$missing"
        export DEBIAN_FRONTEND=noninteractive
        apt-get update -qq
        # shellcheck disable=SC2086 - a list of package names
        apt-get install -y -qq --no-install-recommends $missing >/dev/null
    else
        say "not root on Debian or Ubuntu, so not installed:$missing"
    fi
fi

python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' || {
    say "Python 3.10 or newer is needed; $(python3 --version) is here"
    exit 2
}
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
pip() { "$venv/bin/python" -m pip install --quiet --disable-pip-version-check "$@"; }
# What was never seen before is not installed: each package has to have a hash of the lock (`make lock`).
pip --require-hashes --requirement tools/requirements.txt
pip --no-deps --no-build-isolation --editable .
