# What is there for a deployment on the NGINX host, besides what observe.sh says?
# Arguments: the folder of the flag, the site file, the certificate and its key (or ""), the container of NGINX (or ""),
# then for each port that NGINX connects to its address and its number. Prints `key value` lines and changes nothing.
flags=$1 site=$2 certificate=$3 key=$4 container=$5
shift 5
LC_ALL=C
export LC_ALL
PATH=$PATH:/usr/sbin:/usr/local/sbin

if [ "$(id -u)" = 0 ]; then root=yes; elif timeout 10 sudo -n sh -c : 2>/dev/null; then root=sudo; else root=no; fi
as_root() { if [ "$root" = yes ]; then "$@"; else timeout 10 sudo -n "$@"; fi; }
if [ "$root" != yes ]; then
    if [ "$root" = sudo ]; then echo 'sudo yes sh'; else echo 'sudo no sh'; fi
    # By this one the stages see whether they may use sudo at all.
    if timeout 10 sudo -n true 2>/dev/null; then echo 'sudo yes true'; else echo 'sudo no true'; fi
fi

look_at_program() {
    if command -v nginx >/dev/null; then echo 'installed yes'; else echo 'installed no'; fi
    master=''
    for file in /run/nginx.pid /var/run/nginx.pid; do
        # One that was killed leaves its file, and the number may be another process's by now.
        process=$(cat "$file" 2>/dev/null) || continue
        case $(tr '\0' ' ' 2>/dev/null <"/proc/${process:-none}/cmdline") in
        'nginx: master process'*) master=$process; break ;;
        esac
    done
    echo "master $master"
    # `nginx -t` makes an empty pid file where there was none.
    try='had=; [ -e /run/nginx.pid ] && had=yes
        nginx -t -q 2>&1; code=$?
        if [ -z "$had" ] && [ ! -s /run/nginx.pid ]; then rm -f /run/nginx.pid; fi
        exit $code'
    if [ "$root" != no ] && command -v nginx >/dev/null; then
        if said=$(as_root sh -c "$try"); then echo 'valid yes'; else echo 'valid no'; fi
        if [ -n "$said" ]; then echo "$said" | sed 's/^/said /'; fi
    fi
}
# In a container observe_container.sh looks.
[ -n "$container" ] || look_at_program
if [ -r /etc/nginx/nginx.conf ]; then
    echo 'configuration readable'
    sed -n 's/^[[:space:]]*include[[:space:]][[:space:]]*/include /p' /etc/nginx/nginx.conf
fi
for file in "$certificate" "$key"; do
    if [ -n "$file" ] && [ "$root" != no ] && ! as_root test -e "$file"; then echo "absent $file"; fi
done

for folder in "$flags" "$(dirname "$site")"; do
    while [ ! -d "$folder" ]; do folder=$(dirname "$folder"); done
    echo "disk $(df -Pk "$folder" | awk 'END { print $4 }') $folder"
    echo "inodes $(df -Pi "$folder" | awk 'END { print $4, $2 }') $folder"
done

command -v bash >/dev/null || { echo 'knocks no'; exit 0; }
echo 'knocks yes'
knock() {
    said=$(timeout 4 bash -c 'exec 3<>"/dev/tcp/$1/$2"' bash "$1" "$2" 2>&1)
    case $? in
    0) echo "reach $1 $2 answers" ;;
    124) echo "reach $1 $2 silent" ;;
    *) echo "reach $1 $2 $(echo "$said" | sed -n '1s/^bash: //p')" ;;
    esac
}
while [ $# -gt 1 ]; do
    knock "$1" "$2" &
    shift 2
done
wait
