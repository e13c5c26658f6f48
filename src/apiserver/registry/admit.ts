import type { KubernetesObject } from '../../apimachinery/meta.ts'
import type { AdmissionRequest } from '../types.ts'
import type { Registry, WriteRequest } from './registry.ts'

type Operation = AdmissionRequest['operation']

/** Every step that changes objects, in the order of the list; once more if one of them asks for it. */
export async function mutate(
  registry: Registry,
  request: WriteRequest,
  operation: Operation,
  object: KubernetesObject | undefined,
  old: KubernetesObject | undefined,
): Promise<KubernetesObject | undefined> {
  const asked = admissionRequest(registry, request, operation, object, old)
  const changed = await mutateOnce(registry, asked)
  const { again, memory } = asked.rounds
  return again ? mutateOnce(registry, { ...asked, object: changed, rounds: { round: 1, again: false, memory } }) : changed
}

async function mutateOnce(registry: Registry, request: AdmissionRequest): Promise<KubernetesObject | undefined> {
  let asked = request
  for (const step of registry.admission) {
    if (!step.mutate || !step.handles(asked)) continue
    const changed = await step.mutate(asked)
    if (changed !== asked.object) asked = { ...asked, object: changed }
  }
  return asked.object
}

/** Every step that only refuses, after all that change and after the kind's own validation. */
export async function validate(
  registry: Registry,
  request: WriteRequest,
  operation: Operation,
  object: KubernetesObject | undefined,
  old: KubernetesObject | undefined,
): Promise<void> {
  const asked = admissionRequest(registry, request, operation, object, old)
  for (const step of registry.admission) if (step.validate && step.handles(asked)) await step.validate(asked)
}

export const admissionRequest = (
  { objects }: Registry,
  { context, resource, subresource, namespace, name, options }: WriteRequest,
  operation: Operation,
  object: KubernetesObject | undefined,
  old: KubernetesObject | undefined,
): AdmissionRequest => ({
  context,
  kind: resource.kind,
  served: resource.served,
  resource: resource.groupResource,
  operation,
  subresource,
  namespace,
  name,
  object,
  old,
  options,
  objects,
  rounds: { round: 0, again: false },
})
