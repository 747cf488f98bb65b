# Tries a candidate at its own place in the whole configuration, so that an invalid file is never live. To be put
# between root.sh and install.sh, whose `site`, `work`, `service` and `over` it uses.

# `$work/tree` stands for `/`: it has links to what is there, and folders and files of its own where NGINX has to read
# something else. This makes a folder such a one; nothing is ever written through a link.
own_folder() {
    if [ -d "$tree$1" ] && [ ! -L "$tree$1" ]; then return; fi
    [ "$1" = / ] || own_folder "$(dirname "$1")"
    rm -f "$tree$1"
    mkdir -p "$tree$1"
    for each in "${1%/}"/* "${1%/}"/.[!.]*; do
        if there "$each"; then ln -s "$each" "$tree$each"; fi
    done
}

included_by='(^|[;{}[:space:]])include[[:space:]]+'
patterns_of() {
    grep -oE "$included_by[^;]+;" "$1" | sed -E "s/^.*include[[:space:]]+//; s/[[:space:]]*;\$//; s/[\"']//g"
}
# A relative name leads into the tree by itself, because the file that is tried lies there.
into_tree() { sed -E "s,($included_by[\"']?)/,\1$tree/,g" "$1"; }

# All files that NGINX reads, with what they include by absolute names led into the tree.
make_tree() {
    own_folder /etc/nginx
    echo /etc/nginx/nginx.conf >"$work/files"
    number=1
    while file=$(sed -n "${number}p" "$work/files") && [ -n "$file" ]; do
        number=$((number + 1))
        patterns_of "$file" | while read -r pattern; do
            case $pattern in /*) ;; *) pattern=/etc/nginx/$pattern ;; esac
            IFS=''
            for each in $pattern; do
                if [ -f "$each" ] && ! grep -qxF "$each" "$work/files"; then echo "$each" >>"$work/files"; fi
            done
        done
        if grep -qE "$included_by[\"']?/" "$file"; then
            own_folder "$(dirname "$file")"
            rm -f "$tree$file"
            into_tree "$file" >"$tree$file"
        fi
    done
    own_folder "$(dirname "$site")"
    rm -f "$tree$site"
    into_tree "$work/new" >"$tree$site"
}

# Prints `FILE:LINE` of each directive of a kind that has this word, but for those of the candidate.
stands_in() {
    awk -v kind="(^|[ \t;{])$1[ \t]" -v name="$2" -v own="$tree$site" -v tree="$tree" '
        /^# configuration file / { file = substr($0, 22, length($0) - 22); line = 0; next }
        { line++ }
        file != own && $0 ~ kind {
            gsub(/[;{}]/, " ")
            for (at = 1; at <= NF; at++) if ($at == name) { sub("^" tree, "", file); print file ":" line; next }
        }' "$work/dump" | sort -u
}

# NGINX only warns when two servers have one name on one port, and drops one of them: that would take the name away from
# the other site. Conflicts that the old file had already are not reported.
check_names() {
    sed -n 's/^.*conflicting server name "\(.*\)" on \(.*\), ignored.*$/\1 \2/p' "$work/log" | sort -u >"$work/conflicts"
    while read -r name port; do
        grep -wqF -- "$name" "$work/new" || continue
        if there "$site" && grep -wqF -- "$name" "$site"; then continue; fi
        refuse "another file has the server_name $name on $port already, and NGINX would drop one of the two: $(stands_in server_name "$name" | tr '\n' ' ')"
    done <"$work/conflicts"
}

# A request goes to those that listen on its very address, where there are any, whatever its name. sshd says which one
# of this host's was asked; behind sudo it does not, and who uses that has looked before.
check_address() {
    port=$(sed -n 's/^ *listen \([0-9][0-9]*\).*$/\1/p' "$work/new" | head -n 1)
    set -- ${SSH_CONNECTION:-}
    [ -n "${3:-}" ] && [ -n "$port" ] || return 0
    others=$(stands_in listen "$3:$port" | tr '\n' ' ')
    [ -z "$others" ] || refuse "others listen on $3:$port, this host's own address, and would get all its requests; let them listen on $port of all addresses: $others"
}

try_candidate() {
    tree=$work/tree
    make_tree
    if ! run_nginx -T -c "$tree/etc/nginx/nginx.conf" >"$work/dump" 2>"$work/log"; then
        grep -v ' syntax is ok$\| test failed$' "$work/log" | sed "s,$tree/,/,g"
        exit 3
    fi
    grep -qxF "# configuration file $tree$site:" "$work/dump" ||
        refuse 'no include of nginx.conf leads to it, so NGINX would never read it'
    [ "$over" = yes ] || check_names
    if [ -n "$service" ] && ! there "$site"; then check_address; fi
}
