# What is there for a deployment on an app server? Arguments: the port of green, the port of blue.
# Prints `key value` lines and changes nothing.
green=$1 blue=$2

echo "memory $(awk '/^MemAvailable:/ { print $2 }' /proc/meminfo)"

# The kernel's table names the owner of a socket, and not its process; that takes root.
for port in "$green" "$blue"; do
    end=$(printf ':%04X' "$port")
    for user in $(cat /proc/net/tcp /proc/net/tcp6 2>/dev/null |
        awk -v end="$end" '$4 == "0A" && substr($2, length($2) - 4) == end { print $8 }' | sort -u); do
        echo "listens $port $(id -nu "$user" 2>/dev/null || echo "user $user")"
    done
done
# From these the kernel takes the port of a connection that goes out, but for those that are reserved.
set -- $(cat /proc/sys/net/ipv4/ip_local_port_range 2>/dev/null)
echo "outgoing ${1:-} ${2:-}"
echo "reserved $(cat /proc/sys/net/ipv4/ip_local_reserved_ports 2>/dev/null)"

folder=$(timeout 10 docker info --format '{{.DockerRootDir}}' 2>/dev/null) || folder=''
folder=${folder:-/var/lib/docker}
while [ ! -d "$folder" ]; do folder=$(dirname "$folder"); done
echo "disk $(df -Pk "$folder" | awk 'END { print $4 }') $folder"
echo "inodes $(df -Pi "$folder" | awk 'END { print $4, $2 }') $folder"
