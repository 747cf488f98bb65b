# As root: make the text on standard input the site file, and make NGINX serve it; or change nothing.
# Behind container.sh, root.sh and tree.sh. Arguments: the site file, the folder of the flag (or ""), its owner, NGINX's
# container (or ""), the service whose mark an old file has to carry ("" for a team's own file), the SHA-256 of the old
# file ("-": there is none; "": not looked at), "yes" where an old file that was edited is to be put aside, "yes" where
# another file is known to have the name, and may lose it.
# Ends with 0 and the ids of the old workers, which still answer what they had begun; with 3 when the candidate is not
# valid, with 4 when NGINX does not take it, with 5 when NGINX does not run, with 6 when its container does not see this
# host's files, with 7 when others than root may write where root does, with 8 when the place is not ours to write, or
# what lies there is not what was looked at, or NGINX does not include it, or another file has the same name.
set -eu
site=$1 flags=$2 owner=$3 container=$4 service=$5 seen=$6 aside=$7 over=$8
PATH=$PATH:/usr/sbin:/usr/local/sbin

master=''
if [ -n "$container" ]; then
    # Where the container sees the flags it sees a candidate, too: nothing is copied into it, it may be read-only.
    shared=/var/lib/jenkinsgen
    master=$(container_master)
    [ -n "$master" ] || { echo "no NGINX runs in the container $container (docker ps -a, docker top $container)"; exit 5; }
    for folder in /etc/nginx "$shared"; do
        sees "$folder" || { echo "the container $container does not see $folder of this host"; exit 6; }
    done
    # A user who may rename in it could put a link in place of what root is about to write.
    check_roots_alone "$shared"
    # Nothing else sweeps this folder when a script was killed.
    find "$shared" -maxdepth 1 -name '.try.*' -mmin +60 -exec rm -rf {} +
    work=$(mktemp -d "$shared/.try.XXXXXX")
else
    master=$(host_master)
    [ -n "$master" ] || { echo 'nginx does not run (no /run/nginx.pid of a live process)'; exit 5; }
    work=$(mktemp -d)
fi
# With a dot, so that `include sites-enabled/*` does not see it, whatever ends this script.
draft=$(dirname "$site")/.$(basename "$site").jenkinsgen
trap 'rm -rf "$work" "$draft"' EXIT
cat >"$work/new"

workers() { cat "/proc/$master/task/$master/children"; }
sum() { if [ -e "$1" ]; then sha256sum <"$1" | cut -d ' ' -f 1; else echo -; fi; }

if [ -n "$service" ]; then
    check_mark "$site" "$service"
    check_log_folders "$work/new" "$owner"
fi
if [ -n "$service" ] && there "$site" && [ "$aside" != yes ] && ! as_written "$site" "$service"; then
    refuse 'it was edited by hand, so it stays as it is'
fi
if [ -n "$seen" ] && [ "$(sum "$site")" != "$seen" ] && [ "$(sum "$site")" != "$(sum "$work/new")" ]; then
    refuse 'it was changed by somebody since it was looked at, so it stays as it is'
fi
try_candidate

if [ -n "$flags" ]; then give_folder "$flags" "$owner"; fi
if there "$site"; then cp -a "$site" "$work/old"; fi
# Only a file of ours may have been edited here; no configuration includes a name with a dot.
if [ "$aside" = yes ] && there "$site" && ! as_written "$site" "$service"; then
    cp -a --remove-destination "$site" "$(dirname "$site")/.$(basename "$site").edited"
fi
before=$(workers)

# Silent until all is done: who listens may be gone, and a write would end the script half-way.
put_back() {
    if there "$work/old"; then
        cp -a --remove-destination "$work/old" "$draft" && mv -T "$draft" "$site"
    else
        rm -f "$site"
    fi
    run_nginx -s reload >/dev/null 2>&1 || true
    echo "$1"
    exit 4
}
trap 'put_back interrupted' HUP INT TERM
# Never write through a link that another user has put there.
cp --remove-destination "$work/new" "$draft"
mv -T "$draft" "$site"

# `nginx -s reload` answers 0 even when the old configuration goes on, so only new workers are proof.
run_nginx -s reload >"$work/log" 2>&1 || put_back "$(cat "$work/log")"
is_old() { case " $before " in *" $1 "*) return 0 ;; *) return 1 ;; esac; }
tries=0
while :; do
    new=0
    for worker in $(workers); do is_old "$worker" || new=$((new + 1)); done
    [ "$new" = 0 ] || break
    tries=$((tries + 1))
    if [ "$tries" -gt 100 ]; then
        put_back 'nginx started no new workers within 5 s of the reload; its error log says why'
    fi
    sleep 0.05
done
trap - HUP INT TERM
echo "$before"
