#!/bin/sh
# What is checked inside the machine that cgroup2.sh boots: pods on cgroup v2 alone, through the commands that a user types.
# Prints what it sees, one line a check, and ends with status 1 if any of them was not so.
set -u
cd "$(dirname "$0")/../.." || exit 1
export KUBECONFIG=/root/.kube/config
manifest=test/vm/pods.yaml
failures=0 checks=0

say() { echo "[$(cut -d' ' -f1 /proc/uptime)] $*"; }

check() {
  what=$1; shift
  checks=$((checks + 1))
  if "$@"; then say "ok: $what"; else say "NOT OK: $what"; failures=$((failures + 1)); fi
}

# Waits until a command holds, for as many seconds as are given.
eventually() {
  limit=$(($(date +%s) + $1)); shift
  until "$@" >/dev/null 2>&1; do [ "$(date +%s)" -lt "$limit" ] || return 1; sleep 0.5; done
}

equals() { [ "$1" = "$2" ] || { say "  expected '$2', saw '$1'"; false; }; }
field() { kubectl get "$1" "$2" -o jsonpath="$3"; }
is() { equals "$(field "$1" "$2" "$3")" "$4"; }
timed() { began=$(cut -d' ' -f1 /proc/uptime); "$@"; status=$?; say "  took $(echo "$(cut -d' ' -f1 /proc/uptime) $began" | awk '{ printf "%.1f", $1 - $2 }') s: $*"; return $status; }

# The directory of a container's control group, or of its pod's.
container_group() { find /sys/fs/cgroup/proa -type d -path "*pod$(field pod "$1" '{.metadata.uid}')/$(field pod "$1" '{.status.containerStatuses[0].containerID}' | sed 's,.*//,,')"; }
pod_group() { dirname "$(container_group "$1")"; }
process_of() { head -n 1 "$(container_group "$1")/cgroup.procs"; }
status_pid() { ./proa status -o json | tr -d '\n ' | grep -o "\"component\":\"$1\",\"pid\":[0-9]*" | grep -o '[0-9]*$'; }

# What the kubelet's own server says of a pod's containers, asked with the administrator's certificate.
summary_of() {
  kubectl config view --raw -o jsonpath='{.users[0].user.client-certificate-data} {.users[0].user.client-key-data}' >/tmp/administrator
  node -e '
    const [cert, key] = require("fs").readFileSync("/tmp/administrator", "utf8").split(" ").map(text => Buffer.from(text, "base64"))
    require("https").get({ host: "127.0.0.1", port: 10250, path: "/stats/summary", cert, key, rejectUnauthorized: false }, async answer => {
      const pods = JSON.parse((await answer.toArray()).join("")).pods
      const [container] = pods.find(pod => pod.podRef.name === process.argv[1]).containers
      console.log(`CPU ${container.cpu.usageCoreNanoSeconds} ns, working set ${container.memory.workingSetBytes} bytes`)
    })' "$1"
}
counts_memory() { summary_of limited | grep -q 'CPU [1-9][0-9]* ns, working set [1-9]'; }

traces() {
  find /sys/fs/cgroup -type d -path '*proa*' ! -path '*proa-vm*'
  cut -d' ' -f2 /proc/mounts | grep -E 'proa/|netns|kubelet' | grep -v '^/proa$'
  ls /sys/class/net | sed 's/^/interface /'
  nft list tables 2>/dev/null
  lsns -t net -n -o NS | sort -u
  ls -d /run/proa /var/lib/proa /run/netns/* 2>/dev/null
  ps -eo args | grep -E 'containerd-shim|supervisor.sh|dist/(server|agent)' | grep -v grep
}

say "kernel $(uname -r), $(cat /etc/debian_version), first process $(cat /proc/1/comm), commit $(cat .cache/commit)"
say "$(containerd --version), $(crun --version | head -n 1), $(nft --version)"
say "control groups: $(grep cgroup /proc/mounts | tr '\n' ';') controllers $(cat /sys/fs/cgroup/cgroup.controllers)"
check 'there is cgroup v2 and nothing else' equals "$(grep -c ' cgroup2 ' /proc/mounts) $(grep -c ' cgroup ' /proc/mounts)" '1 0'
traces >/tmp/traces-before

say '--- up'
timed ./proa version
check 'proa up' timed ./proa up --yes
kubectl get nodes -o wide
for archive in .cache/test-images/*.tar; do
  case $archive in *busybox*) check "load $archive" ./proa image load "$archive" ;; esac
done

say '--- pods with limits'
check 'apply pods' kubectl apply -f $manifest
check 'pods are ready' timed kubectl wait --for=condition=Ready --timeout=180s pod/limited pod/busy pod/client pod/web
kubectl get pods -o wide
check 'memory limit of the container' equals "$(cat "$(container_group limited)/memory.max")" 67108864
check 'memory limit of the pod' equals "$(cat "$(pod_group limited)/memory.max")" 67108864
check 'no swap for the pod' equals "$(cat "$(pod_group limited)/memory.swap.max")" 0
check 'the container dies as one' equals "$(cat "$(container_group limited)/memory.oom.group")" 1
check 'CPU quota of the container' equals "$(cat "$(container_group limited)/cpu.max")" '20000 100000'
check 'CPU quota of the pod' equals "$(cat "$(pod_group limited)/cpu.max")" '20000 100000'
say "  cpu.weight: container $(cat "$(container_group limited)/cpu.weight"), pod $(cat "$(pod_group limited)/cpu.weight"); group $(container_group limited)"
check 'the container is confined by AppArmor' equals "$(cat "/proc/$(process_of limited)/attr/current")" 'cri-containerd.apparmor.d (enforce)'
group=$(container_group busy)
used() { sed -n 's/^usage_usec //p' "$group/cpu.stat"; }
before=$(used) from=$(cut -d' ' -f1 /proc/uptime)
sleep 10
share=$(echo "$(used) $before $(cut -d' ' -f1 /proc/uptime) $from" | awk '{ printf "%.2f", ($1 - $2) / 1000000 / ($3 - $4) }')
say "  a busy loop with a limit of 200m used $share cores"
check 'CPU quota holds' awk "BEGIN { exit !($share > 0.15 && $share < 0.23) }"
for pod in greedy greedy-child; do
  check "$pod is OOMKilled" eventually 90 is pod $pod '{.status.containerStatuses[0].state.terminated.reason}' OOMKilled
  say "  $pod: $(field pod $pod '{.status.containerStatuses[0].state.terminated.reason} {.status.containerStatuses[0].state.terminated.exitCode}'), phase $(field pod $pod '{.status.phase}')"
done
check 'exec' equals "$(kubectl exec limited -- cat /proc/self/cgroup)" '0::/'
check 'exec into the busy pod, which stays within its quota' equals "$(kubectl exec busy -- sh -c 'echo $((6 * 7))')" 42
check 'logs' equals "$(kubectl logs limited)" 'hello from limited'
check 'a container sees its own limit' equals "$(kubectl exec limited -- cat /sys/fs/cgroup/memory.max)" 67108864
check 'the kubelet counts what the container uses' eventually 60 counts_memory
say "  /stats/summary: $(summary_of limited)"

say '--- service and DNS'
check 'a service by name' eventually 30 sh -c "kubectl exec client -- wget -qO- http://web | grep -q 'hello from web'"
check 'a service by full name' sh -c "kubectl exec client -- wget -qO- http://web.default.svc.cluster.local | grep -q 'hello from web'"
check 'a service by address, from the machine' sh -c "kubectl get service web -o jsonpath='{.spec.clusterIP}' | xargs -I{} busybox wget -qO- http://{} | grep -q 'hello from web'"
kubectl exec client -- nslookup web.default.svc.cluster.local

traces >/tmp/traces-running
say "  $(diff /tmp/traces-before /tmp/traces-running | grep -c '^>') control groups, mounts, interfaces, tables, namespaces, directories and processes of Proa's now"
check 'what is looked for at the end is there now' awk "BEGIN { exit !($(diff /tmp/traces-before /tmp/traces-running | grep -c '^>') > 20) }"

say '--- kill -9'
for component in containerd agent server; do
  old=$(status_pid $component) main=$(process_of limited)
  kill -9 "$old"
  back() { new=$(status_pid $component); [ -n "$new" ] && [ "$new" != "$old" ]; }
  check "$component is back" timed eventually 60 back
  check "exec works after $component was killed" timed eventually 60 kubectl exec limited -- true
  check 'the pod was not touched' equals "$(process_of limited) $(field pod limited '{.status.containerStatuses[0].restartCount}')" "$main 0"
done
check 'the node is Ready' timed kubectl wait --for=condition=Ready --timeout=90s node --all

say '--- down and up'
uid=$(field pod limited '{.metadata.uid}')
check 'proa down' timed ./proa down
check 'no control group is left' equals "$(find /sys/fs/cgroup -type d -path '*/proa/*')" ''
check 'no shim is left' equals "$(pgrep -f containerd-shim)" ''
check 'proa up' timed ./proa up --yes
check 'the pods are ready again' timed eventually 120 sh -c "kubectl wait --for=condition=Ready --timeout=1s pod/limited pod/web pod/client && [ \"\$(kubectl get pod limited -o jsonpath='{.status.containerStatuses[0].restartCount}')\" = 1 ]"
check 'it is the same pod, restarted once' equals "$(field pod limited '{.metadata.uid} {.status.containerStatuses[0].restartCount}')" "$uid 1"
check 'the service answers again' eventually 60 sh -c "kubectl exec client -- wget -qO- http://web | grep -q 'hello from web'"
kubectl get pods -o wide

say '--- down --purge'
check 'proa down --purge' timed ./proa down --purge
traces >/tmp/traces-after
check 'nothing is left: control groups, mounts, interfaces, tables, namespaces, directories, processes' diff /tmp/traces-before /tmp/traces-after

say "$checks checks, $failures not as they should be"
[ "$failures" -eq 0 ]
