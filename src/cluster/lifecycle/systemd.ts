import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ClusterPaths } from '../configuration.ts'
import { quote } from './containerd.ts'
import { type Component, components } from './processes.ts'

/**
 * Where systemd is the first process, it does what supervisors do elsewhere: a unit for each component starts it again
 * when it dies, and starts the cluster with the machine. Units exist exactly while a cluster is up: `down` takes them away.
 */
export const systemdRuns = (): boolean => existsSync('/run/systemd/system') && process.getuid?.() === 0

const unitDirectory = '/etc/systemd/system'

export const unitName = (cluster: string, component: Component): string => `proa-${cluster}-${component}.service`

const unitPath = (cluster: string, component: Component): string => join(unitDirectory, unitName(cluster, component))

/** Whether units see to this cluster's components; then nobody else may. */
export const hasUnits = (cluster: string): boolean => components.some(component => existsSync(unitPath(cluster, component)))

/** Writes the units, enables and starts them; what runs already goes on. `commandOf` gives the shell script that becomes a component. */
export function startUnits(
  cluster: string,
  paths: ClusterPaths,
  wanted: readonly Component[],
  commandOf: (component: Component) => string,
): void {
  const services = join(paths.data, 'services')
  mkdirSync(services, { recursive: true, mode: 0o700 })
  for (const component of wanted) {
    const script = join(services, `${component}.sh`)
    writeFileSync(script, serviceScript(component, paths, commandOf(component)))
    chmodSync(script, 0o700)
    const log = join(paths.logs, `${component}.log`)
    writeFileSync(unitPath(cluster, component), unitText({ cluster, component, script, log }))
  }
  const units = wanted.map(component => unitName(cluster, component))
  systemctl('daemon-reload')
  systemctl('enable', '--quiet', ...units)
  systemctl('start', '--no-block', ...units)
}

/** Called once the components have ended. */
export function removeUnits(cluster: string): void {
  const present = components.filter(component => existsSync(unitPath(cluster, component)))
  if (present.length === 0) return
  const units = present.map(component => unitName(cluster, component))
  systemctl('disable', '--quiet', ...units)
  systemctl('stop', ...units)
  for (const component of present) rmSync(unitPath(cluster, component), { force: true })
  systemctl('daemon-reload')
}

function systemctl(...words: string[]): void {
  try {
    execFileSync('systemctl', words, { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' })
  } catch (error) {
    const said = String((error as { stderr?: unknown }).stderr ?? '').trim()
    throw new Error(`systemctl ${words.join(' ')}: ${said || (error as Error).message}`)
  }
}

interface UnitFacts {
  readonly cluster: string
  readonly component: Component
  readonly script: string
  readonly log: string
}

/** The exit status of a script that finds the cluster being stopped; systemd then leaves it at that. */
const stoppingStatus = 75

/**
 * Containers and their shims live below containerd and outlive it, so only the process itself is ever killed; they and
 * pods have control groups of the cluster's own, for which the unit's is delegated.
 */
export function unitText({ cluster, component, script, log }: UnitFacts): string {
  return `# Written by \`proa up\`; \`proa down\` takes it away.
[Unit]
Description=Proa cluster ${cluster}: ${component}
After=network.target local-fs.target
StartLimitIntervalSec=0

[Service]
Type=exec
ExecStart=/bin/sh ${escapeUnitWord(script)}
WorkingDirectory=/
Restart=always
RestartSec=200ms
RestartPreventExitStatus=${stoppingStatus}
SuccessExitStatus=${stoppingStatus}
KillMode=process
Delegate=yes
TasksMax=infinity
LimitNOFILE=1048576
LimitNPROC=infinity
LimitCORE=infinity
StandardInput=null
StandardOutput=append:${log.replaceAll('%', '%%')}
StandardError=inherit

[Install]
WantedBy=multi-user.target
`
}

/** One word of a unit's command line: quotes for spaces, doubled signs where systemd would put something in. */
function escapeUnitWord(word: string): string {
  const escaped = word.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('%', '%%').replaceAll('$', '$$$$')
  return `"${escaped}"`
}

/**
 * What a unit runs. After the machine's start the run directory, on tmpfs, is empty. The process notes itself first and
 * looks then whether the cluster is being stopped; who stops it does both the other way round.
 */
export function serviceScript(component: Component, paths: ClusterPaths, command: string): string {
  return `#!/bin/sh
run=${quote(paths.run)} component=${component}
mkdir -p "$run"
[ -e "$run/data-directory" ] || echo ${quote(paths.data)} >"$run/data-directory"
read -r stat <"/proc/$$/stat"
set -- \${stat##*) }
echo "$$ \${20}" >"$run/$component.pid.new" && mv "$run/$component.pid.new" "$run/$component.pid"
[ -e "$run/stopping" ] && exit ${stoppingStatus}
${command}`
}
