/** The first process of an engine, as a script. */
import { DELVE_ENDED } from "./delve.ts";

/**
 * First process of the engine's pid and mount namespace: sets the scene, starts registry, network and daemon, and
 * takes everything with it when it ends. POSIX sh; needs mount, unshare and readlink, as util-linux and coreutils have them.
 *
 * Reads from the environment: BKTUI_SOCKETS and BKTUI_STASH (directories), BKTUI_JOIN (cgroup.procs files),
 * BKTUI_NETWORK (isolated, nat, host), BKTUI_REGISTRY (configuration file or empty), BKTUI_DELVE (dlv or empty) and
 * BKTUI_DELVE_LISTEN. Arguments: the daemon.
 * Reads from its standard input: "noted", once the record of the engine is written; "ready", when dlv may attach.
 */
export const INIT_SCRIPT = `
set -eu
# Whoever starts it has noted which process this is, or has died: then nobody would ever end it.
read -r noted && [ "$noted" = noted ] || exit 1
exec 3<&0 </dev/null
for procs in $BKTUI_JOIN; do echo 0 >"$procs"; done

# An own /run: no other engine's sockets, no systemd, and nothing left on disk. Only our socket directory stays visible.
mount --bind "$BKTUI_SOCKETS" "$BKTUI_STASH"
resolv=$(cat /etc/resolv.conf 2>/dev/null || true)
hosts=$(cat /etc/hosts 2>/dev/null || true)
mount -t tmpfs -o mode=755 bktui /run
mkdir -p /run/bktui "$BKTUI_SOCKETS"
mount --bind "$BKTUI_STASH" "$BKTUI_SOCKETS"

# What daemons create in fixed places (/etc/docker/key.json, /opt/containerd) goes into memory.
private() {
  mkdir -p "/run/bktui/layer$1/up" "/run/bktui/layer$1/work"
  mount -t overlay -o "lowerdir=$1,upperdir=/run/bktui/layer$1/up,workdir=/run/bktui/layer$1/work" bktui "$1"
}
for directory in /etc /opt; do
  [ ! -d $directory ] || private $directory || echo "bktui: no private $directory" >&2
done
[ "$BKTUI_NETWORK" != nat ] || resolv="nameserver 10.0.2.3"
rm -f /etc/resolv.conf /etc/hosts && printf '%s\\n' "$resolv" >/etc/resolv.conf && printf '%s\\n' "$hosts" >/etc/hosts

network=$BKTUI_NETWORK registry=$BKTUI_REGISTRY delve=$BKTUI_DELVE listen=$BKTUI_DELVE_LISTEN
unset BKTUI_SOCKETS BKTUI_STASH BKTUI_JOIN BKTUI_NETWORK BKTUI_REGISTRY BKTUI_DELVE BKTUI_DELVE_LISTEN
if [ "$network" = host ]; then
  "$@" 3<&- &
else
  unshare --net -- sh -c '
    network=$1 registry=$2; shift 2
    ip link set lo up 2>/dev/null || busybox ip link set lo up 2>/dev/null || ifconfig lo up 2>/dev/null ||
      perl -e "\\$r = pack(q(a16sx22), q(lo), 73); socket(S, 2, 2, 0) && ioctl(S, 0x8914, \\$r) || die" ||
      echo "bktui: no loopback interface" >&2
    if [ "$network" = nat ]; then until grep -q tap0: /proc/net/dev; do sleep 0.02; done; fi
    if [ -n "$registry" ]; then docker-registry serve "$registry" & fi
    exec "$@"' engine "$network" "$registry" "$@" 3<&- &
fi
daemon=$!
if [ "$network" = nat ]; then
  own=$(readlink /proc/self/ns/net)
  while [ "$(readlink /proc/$daemon/ns/net)" = "$own" ]; do sleep 0.02; done
  # The steps of a build cannot reach services on this machine's loopback.
  slirp4netns --configure --mtu=65520 --disable-host-loopback $daemon tap0 >/dev/null 3<&- &
fi
if [ -n "$delve" ]; then
  # Attached from here and not started with it: so it listens where its user is, not in the engine's own network, and the
  # daemon outlives it. It ends with its last client that asks for it, and is there again for the next one.
  (
    read -r ready <&3 && [ "$ready" = ready ] || exit 0
    exec 3<&-
    # The libraries are the daemon's; dlv writes a configuration, which nobody misses.
    unset LD_LIBRARY_PATH
    export XDG_CONFIG_HOME=/run/bktui
    while kill -0 $daemon 2>/dev/null; do
      status=0
      "$delve" attach $daemon --headless --continue --accept-multiclient --api-version=2 --listen="$listen" || status=$?
      [ $status = 0 ] || { echo "${DELVE_ENDED} $status"; exit; }
    done
  ) &
fi
exec 3<&-
trap 'kill -TERM $daemon' TERM INT
status=0
while kill -0 $daemon 2>/dev/null; do status=0; wait $daemon || status=$?; done
exit $status
`;
