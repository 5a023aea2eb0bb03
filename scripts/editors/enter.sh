#!/bin/sh
# Runs a command in the root directory of another suite: enter.sh ROOT FROM[:TO]... -- COMMAND...
# unshare(1) starts it with mounts and process ids of its own: whatever happens, they go with its first process.
set -eu
root=$1
shift
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
while [ "$1" != -- ]; do
  from=${1%%:*}
  to=$root${1#*:}
  if [ -d "$from" ]; then mkdir -p "$to"; else mkdir -p "${to%/*}" && touch "$to"; fi
  mount --bind "$from" "$to"
  shift
done
shift
exec chroot "$root" "$@"
