import type {
  Container,
  ContainerPort,
  EnvVar,
  EphemeralContainer,
  HTTPGetAction,
  LifecycleHandler,
  Probe,
  ResourceRequirements,
} from '../container.ts'
import { mapShared, withDefault, withField } from '../sharing.ts'
import { defaultPullPolicy } from './pull-policy.ts'
import { roundResources } from './resource-defaults.ts'
import { applyFieldReferenceDefaults, applyResourceReferenceDefaults } from './volume-defaults.ts'

const noResources: ResourceRequirements = {}

/** The defaults of a container, be it an ordinary, an init or an ephemeral one. */
export function applyContainerDefaults<T extends Container | EphemeralContainer>(given: T): T {
  let container: Container | EphemeralContainer = withDefault(given, 'terminationMessagePath', '/dev/termination-log')
  container = withDefault(container, 'terminationMessagePolicy', 'File')
  if (!container.imagePullPolicy) container = withField(container, 'imagePullPolicy', defaultPullPolicy(container.image))
  // Upstream's resources are no pointer, so an empty object is written.
  container = withField(container, 'resources', roundResources(container.resources ?? noResources))
  if (container.ports) container = withField(container, 'ports', mapShared(container.ports, applyPortDefaults))
  if (container.env) container = withField(container, 'env', mapShared(container.env, applyEnvDefaults))
  if (container.livenessProbe) container = withField(container, 'livenessProbe', applyProbeDefaults(container.livenessProbe))
  if (container.readinessProbe) container = withField(container, 'readinessProbe', applyProbeDefaults(container.readinessProbe))
  if (container.startupProbe) container = withField(container, 'startupProbe', applyProbeDefaults(container.startupProbe))
  if (container.lifecycle) {
    let lifecycle = container.lifecycle
    if (lifecycle.postStart) lifecycle = withField(lifecycle, 'postStart', applyHandlerDefaults(lifecycle.postStart))
    if (lifecycle.preStop) lifecycle = withField(lifecycle, 'preStop', applyHandlerDefaults(lifecycle.preStop))
    container = withField(container, 'lifecycle', lifecycle)
  }
  return container as T
}

const applyPortDefaults = (port: ContainerPort): ContainerPort => withDefault(port, 'protocol', 'TCP')

function applyEnvDefaults(variable: EnvVar): EnvVar {
  let source = variable.valueFrom
  if (source === undefined) return variable
  if (source.fieldRef) source = withField(source, 'fieldRef', applyFieldReferenceDefaults(source.fieldRef))
  if (source.resourceFieldRef) source = withField(source, 'resourceFieldRef', applyResourceReferenceDefaults(source.resourceFieldRef))
  return withField(variable, 'valueFrom', source)
}

function applyProbeDefaults(given: Probe): Probe {
  let probe = withDefault(given, 'timeoutSeconds', 1)
  probe = withDefault(probe, 'periodSeconds', 10)
  probe = withDefault(probe, 'successThreshold', 1)
  probe = withDefault(probe, 'failureThreshold', 3)
  if (probe.httpGet) probe = withField(probe, 'httpGet', applyHttpGetDefaults(probe.httpGet))
  if (probe.grpc) probe = withField(probe, 'grpc', withField(probe.grpc, 'service', probe.grpc.service ?? ''))
  return probe
}

const applyHandlerDefaults = (handler: LifecycleHandler): LifecycleHandler =>
  handler.httpGet ? withField(handler, 'httpGet', applyHttpGetDefaults(handler.httpGet)) : handler

const applyHttpGetDefaults = (action: HTTPGetAction): HTTPGetAction => withDefault(withDefault(action, 'path', '/'), 'scheme', 'HTTP')
