# What sshd lets in. Prints `sshd KEY VALUE` lines, or `sshd hidden`; what sshd says of itself takes root.
PATH=$PATH:/usr/sbin:/sbin
wanted='maxstartups|maxsessions'
if [ "$(id -u)" = 0 ]; then
    sshd -T 2>/dev/null | grep -Ei "^($wanted) " | sed 's/^/sshd /'
elif [ -r /etc/ssh/sshd_config ]; then
    echo 'sshd from files'
    for file in /etc/ssh/sshd_config.d/*.conf /etc/ssh/sshd_config; do
        [ ! -r "$file" ] || awk -v wanted="^($wanted)$" '
            tolower($1) == "match" { exit }
            tolower($1) ~ wanted { print "sshd", tolower($1), $2 }' "$file"
    done
else
    echo 'sshd hidden'
fi
