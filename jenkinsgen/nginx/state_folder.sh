# The state folder of a service on the NGINX host: who deploys, what was done, and the flag.
# Arguments: the folder, the action, and what the action needs. Every change is made under one lock; a file is
# replaced as a whole, so that no reader ever sees half of one and a full disk leaves the old one.
# Ends with 5 when there is no flock, 6 when the folder is not there, 7 when it cannot be written, 8 when the lock stays
# taken, 9 when the lease has another token than the caller's, 10 when this user may not look whether it is there.
folder=$1 action=$2
# What others may have written is read up to a bound, and only where it is a file: a pipe would be waited for.
lease_bytes=65536 journal_bytes=4194304 history_bytes=16777216
cd "$folder" 2>/dev/null || {
    parent=${folder%/*}
    if [ -e "$folder" ] || [ -L "$folder" ] || { [ -e "$parent" ] && [ ! -x "$parent" ]; }; then exit 10; fi
    exit 6
}

if [ "$action" = read ]; then
    # Without the lock: a user who may only look need not be able to write.
    now=$(date +%s)
    echo "now $now"
    if [ -f lease.json ]; then echo "lease.json $(head -c $lease_bytes lease.json | base64 -w0)"; fi
    if [ -f journal.json ]; then echo "journal.json $(head -c $journal_bytes journal.json | base64 -w0)"; fi
    for file in out-*; do if [ -e "$file" ]; then echo "out ${file#out-}"; fi; done
    if [ -L canary ]; then echo "canary $(readlink canary)"; fi
    # The age is read after the text: if another process takes the lease in between, its own age counts, not the old one.
    if [ -f lease.json ]; then echo "age $((now - $(stat -c %Y lease.json)))"; fi
    exit 0
fi
if [ "$action" = history ]; then
    # Years of it; a file that only grows is not read as a whole.
    if [ -f history.jsonl ]; then tail -n 10000 history.jsonl | tail -c $history_bytes; fi
    exit 0
fi

command -v flock >/dev/null || exit 5
# In a subshell first: a shell ends at once, with a code of its own, when its `exec` cannot open a file.
(: >>.lock) 2>/dev/null || exit 7
exec 9>.lock
flock -w 10 9 || exit 8
holds() { grep -qF "\"token\": \"$1\"" lease.json 2>/dev/null || exit 9; }
replace() {
    # The draft has one name and the lock one holder: what a killed writer left is overwritten by the next.
    if ! { cat >".draft" && sync .draft && mv -T .draft "$1"; } 2>/dev/null; then rm -f .draft; exit 7; fi
}

case $action in
# Put a lease in place of the one that the caller has seen: its checksum, or "-" for none.
claim)
    seen=-
    if [ -f lease.json ]; then seen=$(head -c $lease_bytes lease.json | sha256sum | cut -d' ' -f1); fi
    [ "$seen" = "$3" ] || exit 9
    replace lease.json
    ;;
# As the holder: the lease is mine, and from now on for its whole time again.
renew)
    holds "$3"
    touch lease.json || exit 7
    ;;
# As the holder: replace the lease itself, or the journal.
write)
    holds "$3"
    replace "$4"
    ;;
# As the holder: move the flag; prints the nanoseconds before and after, where `date` knows them (BusyBox does not).
# A canary ends with it: one that was left for the colour that becomes live would come to life.
flag)
    holds "$3"
    case $(readlink canary) in */"$4"-*) rm -f canary || exit 7 ;; esac
    begun=$(date +%s%N)
    # Not `:`, a special builtin: a shell ends at once, with a code of its own, when that cannot open a file.
    if [ "$4" = blue ]; then { true >blue; } 2>/dev/null || exit 7; else rm -f blue || exit 7; fi
    ended=$(date +%s%N)
    rm -f canary || exit 7
    echo "$begun $ended"
    ;;
# As the holder: so many percent of the live colour's clients get the other one; prints the nanoseconds before and
# after the rename, which is the moment. The folders of earlier percents stay until the next canary: a request may be
# on its way into one.
canary)
    holds "$3"
    live=$4 percent=$5 group=canaries/$4-$5
    umask 022
    [ -L canary ] || rm -rf canaries
    { mkdir -p "$group" && (
        cd "$group" && { : >"$live-always"; } && echo "$percent" >"$live" &&
            if [ "$percent" -gt 0 ]; then seq 1 "$percent" | sed "s/^/$live-/" | xargs touch; fi
    ) && ln -sfn "$group" .canary; } 2>/dev/null || exit 7
    begun=$(date +%s%N)
    mv -T .canary canary 2>/dev/null || exit 7
    echo "$begun $(date +%s%N)"
    ;;
# As the holder: no client gets the other colour any more.
no-canary)
    holds "$3"
    rm -f canary || exit 7
    ;;
# As the holder: the traffic goes past a batch of servers; with 0, to all of them again.
out)
    holds "$3"
    if [ "$4" != 0 ]; then { true >"out-$4"; } 2>/dev/null || exit 7; fi
    for file in out-*; do
        if [ "$file" != "out-$4" ]; then rm -f "$file" || exit 7; fi
    done
    ;;
# One line more for the history.
append)
    # A disk that was full, or a writer that was killed, may have left half a line; only that one is lost.
    if [ -n "$(tail -c 1 history.jsonl 2>/dev/null)" ]; then echo >>history.jsonl || exit 7; fi
    cat >>history.jsonl || exit 7
    ;;
esac
