# As root: print the whole configuration as NGINX reads it, behind container.sh. Argument: NGINX's container (or "").
# Not where NGINX does not run: there it would make an empty pid file.
container=$1
PATH=$PATH:/usr/sbin:/usr/local/sbin
[ -n "$container" ] || [ -n "$(host_master)" ] || { echo 'nginx does not run (no /run/nginx.pid of a live process)' >&2; exit 1; }
run_nginx -T
