# As root: make the text on standard input the site file, and make NGINX serve it; or change nothing.
# Behind container.sh. Arguments: the site file, the folder of the flag (or ""), its owner, NGINX's container (or "").
# Ends with 0 and the ids of the old workers, which still answer what they had begun; with 3 when the candidate is not
# valid, with 4 when NGINX does not take it, with 5 when NGINX does not run, with 6 when its container does not see this
# host's files, with 7 when others than root may write where the candidate is tried for it.
set -eu
site=$1 flags=$2 owner=$3 container=$4
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
    # Whoever may rename in it could put a link in place of what root is about to write.
    [ -n "$(find -H "$shared" -maxdepth 0 -user 0 ! -perm -020 ! -perm -002)" ] || {
        echo "$shared has to be root's alone to write, for root tries the candidate in it; as root: chown root $shared && chmod 755 $shared"
        exit 7
    }
    # Nothing else sweeps this folder when a script was killed.
    find "$shared" -maxdepth 1 -name '.try.*' -mmin +60 -exec rm -rf {} +
    work=$(mktemp -d "$shared/.try.XXXXXX")
else
    for file in /run/nginx.pid /var/run/nginx.pid; do
        if [ -s "$file" ] && kill -0 "$(cat "$file")" 2>/dev/null; then master=$(cat "$file"); break; fi
    done
    [ -n "$master" ] || { echo 'nginx does not run (no /run/nginx.pid of a live process)'; exit 5; }
    work=$(mktemp -d)
fi
# With a dot, so that `include sites-enabled/*` does not see it, whatever ends this script.
draft=$(dirname "$site")/.$(basename "$site").jenkinsgen
trap 'rm -rf "$work" "$draft"' EXIT
cat >"$work/new"

workers() { cat "/proc/$master/task/$master/children"; }

# The whole configuration with the candidate in it is tried in a copy, so that an invalid file is never live.
cp -a /etc/nginx "$work/tree"
case $site in /etc/nginx/*) place=$work/tree/${site#/etc/nginx/} ;; *) place=$work/tree/conf.d/candidate.conf ;; esac
mkdir -p "$(dirname "$place")"
rm -f "$place"
cp "$work/new" "$place"
find "$work/tree" -type f -exec sed -i "s,/etc/nginx/,$work/tree/,g" {} +
if ! run_nginx -t -q -c "$work/tree/nginx.conf" >"$work/log" 2>&1; then
    sed "s,$work/tree/,/etc/nginx/,g" "$work/log"
    exit 3
fi

if [ -n "$flags" ]; then install -d -o "$owner" "$flags"; fi
# A link is kept as a link; the copy of a relative one leads nowhere, which -e would take for "not there".
there() { [ -e "$1" ] || [ -L "$1" ]; }
if there "$site"; then cp -a "$site" "$work/old"; fi
before=$(workers)

# Silent until all is done: who listens may be gone, and a write would end the script half-way.
put_back() {
    if there "$work/old"; then cp -a "$work/old" "$draft" && mv -T "$draft" "$site"; else rm -f "$site"; fi
    run_nginx -s reload >/dev/null 2>&1 || true
    echo "$1"
    exit 4
}
trap 'put_back interrupted' HUP INT TERM
cp "$work/new" "$draft"
chmod 644 "$draft"
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
