#!/bin/sh
# Keeps one component of a cluster running: starts it, waits for its end, starts it again with back-off.
# It is a shell, not a Node process, so that it costs next to nothing and survives what kills Node.
#
#   supervisor.sh RUN COMPONENT
#
# RUN/COMPONENT.command  the shell script that becomes the component by `exec`
# RUN/COMPONENT.pid      its process id and start time, so that a new supervisor adopts what still runs
# RUN/COMPONENT.alive    a FIFO that this process alone holds open: the server reads it and sees the end of file
#                        as soon as this process is gone, without polling
# RUN/stopping           exists while the cluster is being stopped: nothing is started any more
run=$1 component=$2
pid_file=$run/$component.pid
set -u
cd / || exit 1

# Start time in clock ticks since boot: tells a process from a later one with the same id.
start_time() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20; }

running() {
  [ -n "${1:-}" ] && [ -n "${2:-}" ] && [ "$(start_time "$1")" = "$2" ] && case $(sed 's/.*) //' "/proc/$1/stat" 2>/dev/null) in Z*) false ;; *) true ;; esac
}

# One supervisor for a component is enough: whoever comes second leaves.
if read -r pid started 2>/dev/null <"$run/$component.supervisor.pid" && running "${pid:-}" "${started:-}"; then exit 0; fi

[ -p "$run/$component.alive" ] || mkfifo -m 600 "$run/$component.alive"
exec 9<>"$run/$component.alive"
echo "$$ $(start_time $$)" >"$run/$component.supervisor.pid"

# A component that a killed supervisor left behind is nobody's child here, so its end can only be asked for.
read -r pid started 2>/dev/null <"$pid_file"
while running "${pid:-}" "${started:-}"; do sleep 0.5; done

# The component notes itself first and looks then whether the cluster is being stopped; who stops it does both the other way
# round. So nobody is started whom the other does not find. Only `mv` costs a process here.
become='
  read -r stat <"/proc/$$/stat"
  run=$1 component=$2
  set -- ${stat##*) }
  echo "$$ ${20}" >"$run/$component.pid.new" && mv "$run/$component.pid.new" "$run/$component.pid"
  [ -e "$run/stopping" ] || . "$run/$component.command"
'

delay=0
while [ ! -e "$run/stopping" ]; do
  began=$(date +%s)
  sh -c "$become" sh "$run" "$component" 9>&- </dev/null >>"$run/$component.log" 2>&1 &
  pid=$!
  wait "$pid"
  status=$?
  [ -e "$run/stopping" ] && break
  # Whoever ran for a while starts again at once; whoever dies early waits longer each time, up to 10 s.
  if [ $(($(date +%s) - began)) -ge 10 ]; then delay=0; fi
  echo "{\"level\":\"warn\",\"message\":\"$component (process $pid) ended with status $status; starting it again in $delay s\"}" >>"$run/$component.log"
  sleep "$delay"
  case $delay in 0) delay=0.2 ;; 0.2) delay=1 ;; 1) delay=3 ;; *) delay=10 ;; esac
done
rm -f "$pid_file" "$run/$component.supervisor.pid"
