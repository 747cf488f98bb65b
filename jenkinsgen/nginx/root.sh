# What root has to look at before it changes anything on the NGINX host. To be put before scripts that run as root.
LC_ALL=C
export LC_ALL
umask 022

there() { [ -e "$1" ] || [ -L "$1" ]; }
refuse() { echo "$1"; exit 8; }

# Only root may put anything into this folder.
roots_alone() { [ -n "$(find -H "$1" -maxdepth 0 -user 0 ! -perm -020 ! -perm -002)" ]; }
check_roots_alone() {
    roots_alone "$1" && return
    echo "$1 has to be root's alone to write, for root writes in it; as root: chown root $1 && chmod 755 $1"
    exit 7
}

# Makes a folder for the user that deploys. Where others than root may write beside it, or above, they could put a link
# in its place, and root would give away what that leads to.
give_folder() {
    [ -z "$(find "$1" -maxdepth 0 -type d -user "$2" 2>/dev/null)" ] || return 0
    mkdir -p "$(dirname "$1")"
    above=$(cd -P "$(dirname "$1")" && pwd)
    check_roots_alone "$above"
    while [ "$above" != / ]; do
        above=$(dirname "$above")
        # In a sticky folder, like /tmp, no other user may take away what root has made.
        [ -n "$(find "$above" -maxdepth 0 -user 0 -perm -1000)" ] || check_roots_alone "$above"
    done
    [ ! -L "$1" ] || refuse "$1 is a link, and has to be a folder; as root: rm $1"
    install -d -o "$2" "$1"
}

# NGINX opens its logs as root, too, through whatever link lies there.
check_log_folders() {
    sed -n 's,^ *access_log \(/[^ ;]*\)/[^/ ;]* .*,\1,p' "$1" | sort -u | while read -r folder; do
        [ -z "$(find -H "$folder" -maxdepth 0 \( -user "$2" ! -user 0 -o -perm -002 \) 2>/dev/null)" ] ||
            refuse "$folder may be written by $2, and NGINX writes logs in it as root; as root: chown root $folder && chmod o-w $folder"
    done
}

# Is this site file the one of this service, with our mark; and is it as it was written? Its digest is that of its text
# with zeros in the place of the digest itself.
carries_mark() { grep -q "^# Made by jenkinsgen for the service $2\. " "$1"; }
as_written() {
    digest=$(sed -n "s/^ *return 200 \"$2 \\\$[a-z0-9_]* \([0-9a-f]\{16\}\)\\\\n\";\$/\1/p" "$1" | head -n 1)
    [ -n "$digest" ] || return 1
    [ "$(sed "s/$digest/0000000000000000/g" "$1" | sha256sum | cut -c 1-16)" = "$digest" ]
}
check_mark() {
    there "$1" || return 0
    carries_mark "$1" "$2" || refuse "it is there, and is not the site file of the service $2 that jenkinsgen writes; it stays as it is"
}
