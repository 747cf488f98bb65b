# As root: print the whole configuration as NGINX reads it, behind container.sh. Argument: NGINX's container (or "").
container=$1
PATH=$PATH:/usr/sbin:/usr/local/sbin
run_nginx -T
