# As root: take a site file away that was installed a moment ago. Behind container.sh and root.sh. Arguments: the site
# file, NGINX's container (or ""), the service whose mark it has to carry, the SHA-256 that it has to have.
# Ends with 8 when it is not that file.
set -eu
site=$1 container=$2 service=$3 seen=$4
PATH=$PATH:/usr/sbin:/usr/local/sbin
there "$site" || exit 0
if [ -n "$service" ]; then check_mark "$site" "$service"; fi
[ "$(sha256sum <"$site" | cut -d ' ' -f 1)" = "$seen" ] ||
    refuse 'it was changed by somebody since it was installed, so it stays'
rm -f "$site"
run_nginx -s reload
