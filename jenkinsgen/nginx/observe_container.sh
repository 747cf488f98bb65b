# What is there for NGINX in a container? Behind container.sh, best as root. Arguments: the container, then the paths
# that have to be the same in it as on this host. Prints `key value` lines, and changes nothing.
container=$1
shift
LC_ALL=C
export LC_ALL

if ! state=$(docker container inspect -f '{{.State.Status}}' "$container" 2>/dev/null); then
    why=$(docker container inspect "$container" 2>&1 >/dev/null)
    case $why in
    *[Nn]'o such container'*) echo 'container absent' ;;
    *)
        if [ "$(id -u)" = 0 ]; then echo 'container unknown'; else echo 'container unseen'; fi
        echo "why $(echo "$why" | tail -n 1)"
        ;;
    esac
    exit 0
fi
echo "container $state"
[ "$state" = running ] || exit 0
master=$(container_master)
echo "master $master"
[ -n "$master" ] || exit 0

echo "version $(run_nginx -v 2>&1 | sed -n 's,.*nginx/\([0-9.]*\).*,\1,p')"
if said=$(run_nginx -t -q 2>&1); then echo 'valid yes'; else echo 'valid no'; fi
if [ -n "$said" ]; then echo "$said" | sed 's/^/said /'; fi
# Only root may look at another's files and network.
if [ ! -e "/proc/$master/root/" ]; then echo 'network unseen'; exit 0; fi
if [ "/proc/$master/ns/net" -ef /proc/self/ns/net ]; then echo 'network host'; else echo 'network own'; fi
for path; do sees "$path" || echo "hidden $path"; done
