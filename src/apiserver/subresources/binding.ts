import { badRequest, conflict, invalid, type Status } from '../../apimachinery/api-errors.ts'
import { type FieldError, requiredField, unsupportedField } from '../../apimachinery/field-error.ts'
import type { KubernetesObject, ObjectMeta } from '../../apimachinery/meta.ts'
import type { Binding } from '../../apis/core/binding.ts'
import type { Pod } from '../../apis/core/pod.ts'
import { type Clock, formatTime } from '../../base/clock.ts'
import type { SubresourceHandler } from '../types.ts'
import { withCondition } from './pod-condition.ts'

/** Gives a pod its node, once: what the scheduler does in the end. */
export const bindingHandler = (clock: Clock): SubresourceHandler => ({
  async handle(request) {
    const binding = request.body as Binding | undefined
    if (!binding) throw badRequest('bind a pod: the request has no Binding')
    const errors = validateBinding(binding)
    if (errors.length > 0) throw invalid('', 'Binding', binding.metadata.name ?? '', errors)
    if (binding.metadata.name && binding.metadata.name !== request.name)
      throw badRequest('name in URL does not match name in Binding object')
    await request.objects.change({
      ...request,
      change: pod => bind(pod as Pod, binding, formatTime(clock.now())),
    })
    return { object: success as unknown as KubernetesObject, code: 201 }
  },
})

const success: Status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 }

function validateBinding({ target }: Binding): FieldError[] {
  const errors: FieldError[] = []
  if (target?.kind && target.kind !== 'Node') errors.push(unsupportedField('target.kind', target.kind, ['Node', '<empty>']))
  if (!target?.name) errors.push(requiredField('target.name'))
  return errors
}

function bind(pod: Pod, { metadata, target }: Binding, now: string): KubernetesObject {
  const { name = '' } = pod.metadata
  const refuse = (reason: string) => conflict({ group: '', resource: 'pods/binding' }, name, reason)
  if (metadata.uid && metadata.uid !== pod.metadata.uid) {
    throw refuse(`Precondition failed: UID in precondition: ${metadata.uid}, UID in object meta: ${pod.metadata.uid}`)
  }
  if (pod.metadata.deletionTimestamp) throw refuse(`pod ${name} is being deleted, cannot be assigned to a host`)
  if (pod.spec?.nodeName) throw refuse(`pod ${name} is already assigned to node ${JSON.stringify(pod.spec.nodeName)}`)
  if (pod.spec?.schedulingGates?.length) throw refuse(`pod ${name} has non-empty .spec.schedulingGates`)
  const conditions = withCondition(pod.status?.conditions, { type: 'PodScheduled', status: 'True' }, now)
  const { nominatedNodeName: _kept, ...status } = pod.status ?? {}
  return {
    ...pod,
    metadata: { ...pod.metadata, ...merged('annotations', pod, metadata), ...merged('labels', pod, metadata) },
    spec: { ...pod.spec, nodeName: target.name },
    status: { ...status, conditions },
  } as KubernetesObject
}

/** The binding may bring annotations and labels; they count more than those that the pod has. */
const merged = (name: 'annotations' | 'labels', pod: Pod, brought: ObjectMeta): Pick<ObjectMeta, typeof name> =>
  brought[name] ? { [name]: { ...pod.metadata[name], ...brought[name] } } : {}
