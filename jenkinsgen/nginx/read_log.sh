# What came to a log since the last look? Arguments: the log, the inode of the file that was read last (or 0), the
# offset to go on from (or -1: the end less the limit), the most bytes to print.
# Prints `time current inode start`, then bytes of that file. `current` is the inode that the log has now (0: it
# has none this moment). A file that was moved away is found by its inode, beside the log.
# Ends with 13 when the file may not be read, with 14 when there is no such log.
log=$1 inode=$2 offset=$3 limit=$4
export LC_ALL=C

current=$(stat -L -c %i "$log" 2>/dev/null) || current=0
file=$log
if [ "$inode" != 0 ] && [ "$inode" != "$current" ]; then
    file=$(find "$(dirname "$log")" -maxdepth 1 -type f -inum "$inode" 2>/dev/null | head -n 1)
    # Compressed or removed meanwhile: what is new since then is in the log as it is now.
    if [ -z "$file" ]; then file=$log inode=0 offset=0; fi
fi
[ "$file" != "$log" ] || inode=$current
[ -e "$file" ] || exit 14
[ -r "$file" ] || exit 13

size=$(stat -L -c %s "$file")
if [ "$offset" -gt "$size" ]; then offset=0; fi
if [ "$offset" -lt 0 ] || [ $((size - offset)) -gt "$limit" ]; then offset=$((size - limit)); fi
if [ "$offset" -lt 0 ]; then offset=0; fi
echo "$(date +%s.%N) $current $inode $offset"
# Bytes are counted, so each must become one character, whatever a client sent.
tail -c "+$((offset + 1))" "$file" | head -c "$((size - offset))" | tr '\200-\377' '?'
