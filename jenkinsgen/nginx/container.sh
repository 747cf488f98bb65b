# NGINX in a container of this host, where `container` is not empty. To be put before a script that sets it.
run_nginx() { if [ -n "$container" ]; then docker exec "$container" nginx "$@"; else nginx "$@"; fi; }

# Prints the id that NGINX's master process has on this host, or nothing: the container's first process, or one that
# it started (tini, a shell).
container_master() {
    first=$(docker container inspect -f '{{.State.Pid}}' "$container" 2>/dev/null) || return 0
    for process in "$first" $(cat "/proc/$first/task/$first/children" 2>/dev/null); do
        [ -r "/proc/$process/cmdline" ] || continue
        case $(tr '\0' ' ' <"/proc/$process/cmdline") in
        'nginx: master process'*) echo "$process"; return 0 ;;
        esac
    done
}

# Prints the id of the master process of NGINX on this host itself, or nothing. Where it was killed its file stays, and
# the number may be another's by now: whom a signal would end, and whose network would be looked at.
host_master() {
    for file in /run/nginx.pid /var/run/nginx.pid; do
        process=$(cat "$file" 2>/dev/null) || continue
        case $(tr '\0' ' ' 2>/dev/null <"/proc/${process:-none}/cmdline") in
        'nginx: master process'*) echo "$process"; return 0 ;;
        esac
    done
}

# For root: is a path the same for the process `master` as it is here? The kernel is asked, because what `docker
# inspect` says does not hold for a folder that was moved away and made anew since.
sees() { [ "/proc/$master/root$1" -ef "$1" ]; }
