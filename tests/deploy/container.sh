# The container recipe, followed without a container engine: the RUN of each stage in a system as debootstrap makes it, then
# the entry point as the image's user in namespaces of its own. To be sourced by tests/deploy/run.

container_pid=''

end_container() {
  [[ -z $container_pid ]] || kill -KILL "$container_pid" 2>/dev/null || true
  container_pid=''
}

follow_containerfile() {
  local steps=$folder/image.steps root=$folder/image user status tries mia ben start
  local entry health environment
  rm -rf "$steps"
  node tests/deploy/image.mjs "$steps"
  # The first stage is what tests/deploy/build has done.
  [[ $(cat "$steps/build") == script/package ]]
  mapfile -t entry <"$steps/entrypoint"
  mapfile -t health <"$steps/health"
  mapfile -t environment <"$steps/environment"
  user=$(cat "$steps/user")

  unlayer image
  rm -rf "$folder/image.changes" "$folder/image.work"
  layer image
  cp "$folder/new.deb" "$root/tmp/klatch_new.deb"
  within "$root" sh -c "$(cat "$steps/install")" >"$folder/image.log" 2>&1
  [[ ! -e $root/etc/klatch/keys/site.token && ! -e $root/tmp/klatch_new.deb && ! -e $root/usr/lib/systemd/systemd ]]

  say "a container without a key does not start"
  status=0
  start=(unshare --net --pid --fork --kill-child chroot "--userspec=$user:$user" "$root" env -i PATH=/usr/bin:/bin "${environment[@]}" "${entry[@]}")
  timeout 30 "${start[@]}" >"$folder/container.log" 2>&1 || status=$?
  ((status == 2))
  grep -q 'has no key of tokens' "$folder/container.log"

  within "$root" klatch key new token site --keys /etc/klatch/keys --project shop >/dev/null
  within "$root" chgrp "$user" /etc/klatch/keys/site.token
  "${start[@]}" >"$folder/container.log" 2>&1 &
  container_pid=$!
  for ((tries = 0; tries < 100; ++tries)); do
    sleep 0.1
    ! grep -q 'klatch is ready' "$folder/container.log" || break
  done
  grep -q 'klatch is ready' "$folder/container.log"
  nsenter -t "$container_pid" -n ip link set lo up
  nsenter -t "$container_pid" -n chroot "--userspec=$user:$user" "$root" "${health[@]}"
  mia=$(within "$root" klatch token --keys /etc/klatch/keys --sub 7 --name Mia)
  ben=$(within "$root" klatch token --keys /etc/klatch/keys --sub 5 --name Ben)
  nsenter -t "$container_pid" -n chroot "$folder/site" python3 /root/test/clients.py talk ws://127.0.0.1:9001/chat "$mia" "$ben"
  within "$root" test -e /var/lib/klatch/klatch.db
  kill "$(pgrep -P "$container_pid")"
  status=0
  wait "$container_pid" || status=$?
  container_pid=''
  ((status == 0))
  unlayer image
}
