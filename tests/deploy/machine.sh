# Machines of the deploy test: Debian systems in folders, kept between runs where that saves time. To be sourced; takes
# `suite` (bookworm, trixie) and `folder` (where the suite's systems are).
#
#   base      as debootstrap makes it; never changed afterwards
#   builder   builds the packages, keeps the compiler's cache
#   kit       what a site's machine has besides Klatch, over the base; kept
#   site      a site's machine, over the kit: new for each run, and booted

machine_pid=''

say() { printf 'deploy %s: %s\n' "$suite" "$*"; }

# Variables that programs find a proxy and certificates by, so that apt works where this machine's does.
passed_on() { env | grep -iE '^(https?_proxy|no_proxy)=' || true; }

# Runs a command in the folder of a system that is not booted.
within() {
  local root=$1
  shift
  # shellcheck disable=SC2046
  chroot "$root" env -i HOME=/root LANG=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    DEBIAN_FRONTEND=noninteractive $(passed_on) "$@"
}

make_base() {
  local base=$folder/base
  [[ ! -e $base/.complete ]] || return 0
  say "making a system with debootstrap"
  rm -rf "$base"
  mkdir -p "$folder"
  debootstrap --variant=minbase "$suite" "$base" >"$folder/debootstrap.log" 2>&1 || {
    tail -n 5 "$folder/debootstrap.log"
    return 1
  }
  cp /etc/resolv.conf /etc/hosts "$base/etc/"
  touch "$base/.complete"
}

# layer NAME [BELOW…]: a system over the base, or over the changes of the layers BELOW, the uppermost first, mounted at
# $folder/NAME.
layer() {
  local name=$1 lower
  shift
  lower=$(printf "$folder/%s.changes:" "$@")
  (($#)) || lower=
  lower+=$folder/base
  mkdir -p "$folder/$name" "$folder/$name.changes" "$folder/$name.work"
  mount -t overlay overlay -o "lowerdir=$lower,upperdir=$folder/$name.changes,workdir=$folder/$name.work" "$folder/$name"
  mount -t proc proc "$folder/$name/proc"
  mount --bind /dev "$folder/$name/dev"
  cp /etc/resolv.conf "$folder/$name/etc/"
}

unlayer() {
  local name=$1
  ! mountpoint -q "$folder/$name" || umount -R "$folder/$name"
}

# What the first process of a booted machine does: file systems of its own, no network but lo, then systemd.
become_machine() {
  local root=$1 device
  mount --make-rprivate /
  umount "$root/dev" "$root/proc"
  mount -t proc proc "$root/proc"
  mount -t sysfs sysfs "$root/sys"
  mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
  mount -t tmpfs -o mode=755 tmpfs "$root/run"
  mount -t tmpfs -o mode=755 tmpfs "$root/dev"
  mkdir "$root/dev/pts" "$root/dev/shm"
  mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts "$root/dev/pts"
  mount -t tmpfs tmpfs "$root/dev/shm"
  for device in null zero full random urandom tty; do
    touch "$root/dev/$device"
    mount --bind "/dev/$device" "$root/dev/$device"
  done
  ln -s pts/ptmx "$root/dev/ptmx"
  ln -s /proc/self/fd "$root/dev/fd"
  ip link set lo up
  # An address that is not loopback, for names of the test.
  ip address add 192.0.2.1/32 dev lo
  cd "$root"
  # In a chroot the kernel lets nobody have user namespaces, which PrivateUsers= needs.
  pivot_root . mnt
  cd /
  umount -l /mnt
  # As systemd does where it is not in a container: it mounts credentials from elsewhere.
  mount --make-rshared /
  exec env -i container=klatch PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --log-target=console --show-status=0
}

# Makes a layer anew: new_layer NAME [BELOW…].
new_layer() {
  unlayer "$1"
  rm -rf "$folder/$1.changes" "$folder/$1.work"
  layer "$@"
}

# Boots the layer NAME; `inside` runs commands in it from then on.
boot() {
  local name=$1 parent tries state
  export -f become_machine
  setsid unshare --pid --mount --uts --ipc --cgroup --net --fork \
    bash -c 'set -e; become_machine "$0"' "$folder/$name" >"$folder/boot.log" 2>&1 </dev/null &
  parent=$!
  for ((tries = 0; tries < 100; ++tries)); do
    sleep 0.2
    machine_pid=$(pgrep -P "$parent" || true)
    [[ -n $machine_pid ]] || continue
    # degraded: a unit of the system has failed, such as one that loads modules of the kernel.
    state=$(inside systemctl is-system-running 2>/dev/null) || true
    [[ $state != running && $state != degraded ]] || return 0
  done
  cat "$folder/boot.log"
  return 1
}

inside() {
  # shellcheck disable=SC2046
  timeout --foreground "${inside_limit:-120}" nsenter -t "$machine_pid" -a -r -w env -i HOME=/root LANG=C.UTF-8 \
    DEBIAN_FRONTEND=noninteractive PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
}

power_off() {
  [[ -z $machine_pid ]] || kill -KILL "$machine_pid" 2>/dev/null || true
  machine_pid=''
}
