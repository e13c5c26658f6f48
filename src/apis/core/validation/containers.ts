import {
  duplicateField,
  type FieldError,
  forbiddenField,
  invalidField,
  notFoundField,
  requiredField,
  tooManyField,
  unsupportedField,
} from '../../../apimachinery/field-error.ts'
import { validateDnsLabel } from '../../../apimachinery/names.ts'
import type { Container, ContainerRestartRule, EphemeralContainer } from '../container.ts'
import { isSidecar } from '../pod/status-text.ts'
import type { PodSpec } from '../pod-spec.ts'
import { validateEnv, validateEnvFrom } from './env.ts'
import { type VolumesByName, validateMounts } from './mounts.ts'
import { validateContainerPorts, validateHostPortConflicts } from './ports.ts'
import { type HookContext, validateProbesAndHooks } from './probes.ts'
import { validateContainerResources, validateResizePolicy } from './resources.ts'
import { each, forbidFields, oneOf, requiredName } from './rules.ts'
import { validateSecurityContext } from './security-context.ts'

/** What the rules of a container depend on in its pod. */
export interface PodContext {
  readonly spec: PodSpec
  readonly volumes: VolumesByName
  readonly claimNames: ReadonlySet<string>
  /** True for pods, false for templates, which are held to less. */
  readonly isPod: boolean
}

export function validateAllContainers(context: PodContext, path: string): FieldError[] {
  return [
    ...validateContainers(context, `${path}.containers`),
    ...validateInitContainers(context, `${path}.initContainers`),
    ...validateEphemeralContainers(context, `${path}.ephemeralContainers`),
  ]
}

function validateContainers(context: PodContext, path: string): FieldError[] {
  const containers = context.spec.containers ?? []
  if (containers.length === 0) return [requiredField(path)]
  const names = new Set<string>()
  const errors = each(containers, path, (container, at) => {
    const found = [...validateContainer(container, at, context), ...validateProbesAndHooks(container, at, hookContext(context))]
    if (names.has(container.name)) found.push(duplicateField(`${at}.name`, container.name))
    names.add(container.name)
    return [...found, ...validateRestartPolicy(container, at)]
  })
  return [...errors, ...validateHostPortConflicts(containers, path)]
}

function validateInitContainers(context: PodContext, path: string): FieldError[] {
  const names = new Set((context.spec.containers ?? []).map(container => container.name))
  return each(context.spec.initContainers, path, (container, at) => {
    const errors = [...validateContainer(container, at, context), ...validateRestartPolicy(container, at)]
    if (names.has(container.name)) errors.push(duplicateField(`${at}.name`, container.name))
    if (container.name) names.add(container.name)
    // Init containers run one after another, so each has the host's ports for itself.
    errors.push(...validateHostPortConflicts([container], path))
    if (isSidecar(container)) return [...errors, ...validateProbesAndHooks(container, at, hookContext(context))]
    const ofSidecars = ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const
    return [...errors, ...forbidFields(container, at, ofSidecars, 'may not be set for init containers without restartPolicy=Always')]
  })
}

const forbiddenForEphemeral = [
  'ports',
  'livenessProbe',
  'readinessProbe',
  'startupProbe',
  'lifecycle',
  'resizePolicy',
  'restartPolicy',
  'restartPolicyRules',
] as const

/** Ephemeral containers are for looking into a pod: what a service depends on is not for them. */
function validateEphemeralContainers(context: PodContext, path: string): FieldError[] {
  const { containers = [], initContainers = [] } = context.spec
  const targets = new Set([...containers, ...initContainers].map(container => container.name))
  const names = new Set(targets)
  const why = 'cannot be set for an Ephemeral Container'
  return each(context.spec.ephemeralContainers, path, (container: EphemeralContainer, at) => {
    const errors = validateContainer(container, at, { ...context, isPod: true })
    if (names.has(container.name)) errors.push(duplicateField(`${at}.name`, container.name))
    names.add(container.name)
    if (container.targetContainerName && !targets.has(container.targetContainerName)) {
      errors.push(notFoundField(`${at}.targetContainerName`, container.targetContainerName))
    }
    errors.push(...forbidFields(container, at, forbiddenForEphemeral, why))
    if (container.resources && Object.keys(container.resources).length > 0) errors.push(forbiddenField(`${at}.resources`, why))
    const mounts = each(container.volumeMounts, `${at}.volumeMounts`, (mount, mountAt) =>
      forbidFields(mount, mountAt, ['subPath', 'subPathExpr'], why),
    )
    return [...errors, ...mounts]
  })
}

/** What holds for every container. */
function validateContainer(container: Container, path: string, context: PodContext): FieldError[] {
  const { spec, isPod } = context
  const errors = requiredName(container.name, `${path}.name`, validateDnsLabel)
  if (!container.image) errors.push(requiredField(`${path}.image`))
  else if (isPod && container.image.trim() !== container.image) {
    errors.push(invalidField(`${path}.image`, container.image, 'must not have leading or trailing whitespace'))
  }
  return [
    ...errors,
    ...oneOf(container.terminationMessagePolicy, `${path}.terminationMessagePolicy`, ['File', 'FallbackToLogsOnError']),
    ...validateContainerPorts(container.ports, `${path}.ports`),
    ...validateEnv(container.env, `${path}.env`),
    ...validateEnvFrom(container.envFrom, `${path}.envFrom`),
    ...validateMounts(container, context.volumes, path),
    ...oneOf(container.imagePullPolicy, `${path}.imagePullPolicy`, ['Always', 'IfNotPresent', 'Never']),
    ...validateContainerResources(container.resources ?? {}, context.claimNames, `${path}.resources`),
    ...validateResizePolicy(container.resizePolicy, spec.restartPolicy, `${path}.resizePolicy`),
    ...(container.securityContext
      ? validateSecurityContext(container.securityContext, spec.hostUsers !== false, `${path}.securityContext`)
      : []),
  ]
}

const mostRestartRules = 20
const mostExitCodes = 255

function validateRestartPolicy(container: Container, path: string): FieldError[] {
  const { restartPolicy, restartPolicyRules = [] } = container
  const errors: FieldError[] = []
  if (restartPolicy !== undefined && !['Always', 'Never', 'OnFailure'].includes(restartPolicy)) {
    errors.push(unsupportedField(`${path}.restartPolicy`, restartPolicy, ['Always', 'Never', 'OnFailure']))
  }
  if (restartPolicyRules.length === 0) return errors
  if (restartPolicy === undefined) {
    errors.push(requiredField(`${path}.restartPolicy`, 'must specify restartPolicy when restart rules are used'))
  }
  if (restartPolicyRules.length > mostRestartRules) {
    errors.push(tooManyField(`${path}.restartPolicyRules`, restartPolicyRules.length, mostRestartRules))
  }
  return [...errors, ...each(restartPolicyRules, `${path}.restartPolicyRules`, validateRestartRule)]
}

function validateRestartRule({ action, exitCodes }: ContainerRestartRule, path: string): FieldError[] {
  const errors = oneOf(action, `${path}.action`, ['Restart'])
  if (exitCodes === undefined) return [...errors, requiredField(`${path}.exitCodes`, 'must be specified')]
  errors.push(...oneOf(exitCodes.operator, `${path}.exitCodes.operator`, ['In', 'NotIn']))
  const { values = [] } = exitCodes
  if (values.length === 0) errors.push(requiredField(`${path}.exitCodes.values`, 'must specify at least one value'))
  if (values.length > mostExitCodes) errors.push(tooManyField(`${path}.exitCodes.values`, values.length, mostExitCodes))
  return errors
}

const hookContext = ({ spec }: PodContext): HookContext => ({
  terminationGracePeriodSeconds: spec.terminationGracePeriodSeconds,
  operatingSystem: spec.os?.name,
})
