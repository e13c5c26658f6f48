import type { Container } from '../../apis/core/container.ts'
import type { Pod } from '../../apis/core/pod.ts'
import { containerResources } from '../resources/control-group-values.ts'
import { annotations, type ContainerConfig, type ContainerStatus, labels, type Mount, type RuntimeImage } from '../runtime/types.ts'
import { containerHash } from './container-hash.ts'
import { podKey } from './containers.ts'
import { expand } from './expansion.ts'
import { backOffAnnotations } from './restart-back-off.ts'
import { containerSecurity } from './security.ts'

export interface ContainerInputs {
  readonly restartCount: number
  readonly image: RuntimeImage
  readonly environment: readonly { readonly name: string; readonly value: string }[]
  readonly mounts: readonly Mount[]
  /** The run before this one, in the same sandbox. */
  readonly previous: ContainerStatus | undefined
  readonly nodeMemory_bytes: number
  readonly seccompDirectory: string
  /** Of an ephemeral container: whose processes it sees. */
  readonly targetId: string | undefined
}

export function containerConfig(pod: Pod, container: Container, inputs: ContainerInputs): ContainerConfig {
  const { uid, name, namespace } = podKey(pod)
  const { restartCount, environment } = inputs
  const values = new Map(environment.map(variable => [variable.name, variable.value]))
  const expanded = (texts: readonly string[] = []) => texts.map(text => expand(text, variable => values.get(variable)))
  return {
    name: container.name,
    attempt: restartCount,
    image: inputs.image.id,
    userImage: container.image ?? '',
    command: expanded(container.command),
    args: expanded(container.args),
    workingDirectory: container.workingDir ?? '',
    environment,
    mounts: inputs.mounts,
    devices: [],
    labels: {
      [labels.podName]: name,
      [labels.podNamespace]: namespace,
      [labels.podUid]: uid,
      [labels.containerName]: container.name,
    },
    annotations: {
      [annotations.containerHash]: containerHash(container),
      [annotations.restartCount]: String(restartCount),
      [annotations.terminationMessagePath]: container.terminationMessagePath ?? '/dev/termination-log',
      [annotations.terminationMessagePolicy]: container.terminationMessagePolicy ?? 'File',
      [annotations.gracePeriod]: String(pod.spec?.terminationGracePeriodSeconds ?? 30),
      ...backOffAnnotations(inputs.previous),
    },
    logPath: `${container.name}/${restartCount}.log`,
    stdin: container.stdin ?? false,
    stdinOnce: container.stdinOnce ?? false,
    tty: container.tty ?? false,
    resources: containerResources(pod, container, inputs.nodeMemory_bytes),
    security: containerSecurity(pod, container, inputs.image, inputs.seccompDirectory, inputs.targetId),
    isWaitedFor: isWaitedFor(pod, container),
  }
}

const isWaitedFor = ({ spec }: Pod, { name }: Container): boolean =>
  spec?.initContainers?.some(one => one.name === name && one.restartPolicy !== 'Always') ?? false
