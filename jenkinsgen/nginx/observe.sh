# What is there? Arguments: the folder of the flag, the site file, the prepared files of green and blue (or ""),
# and the container of NGINX (or ""). Prints `key value` lines; the text of the site file follows the line `site`.
flags=$1 site=$2 green=$3 blue=$4 container=$5

if [ -w "$flags" ]; then echo 'flags writable'; elif [ -d "$flags" ]; then echo 'flags readonly'; else echo 'flags absent'; fi
if [ -e "$flags/blue" ]; then echo 'flag blue'; else echo 'flag green'; fi
if [ "$(id -u)" = 0 ]; then echo 'root yes'; elif sudo -n true 2>/dev/null; then echo 'root sudo'; else echo 'root no'; fi
echo "user $(id -un)"
# sshd's own words: who asks, from which port, and which address of this host was asked.
set -- ${SSH_CONNECTION:-}
echo "address ${3:-}"
command -v nginx >/dev/null || PATH=$PATH:/usr/sbin:/usr/local/sbin
# A container's is told by observe_container.sh: no stage needs it, and each would wait for a `docker exec`.
if [ -n "$container" ]; then echo 'version '; else
    echo "version $(nginx -v 2>&1 | sed -n 's,.*nginx/\([0-9.]*\).*,\1,p')"
fi
for colour in green blue; do
    eval "prepared=\$$colour"
    if [ -n "$prepared" ] && [ ! -e "$prepared" ]; then echo "missing $prepared"; fi
    if [ -n "$prepared" ] && cmp -s "$prepared" "$site"; then echo "prepared $colour"; fi
done
if [ -e "$site" ]; then echo site; cat "$site"; fi
