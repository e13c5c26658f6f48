import type { KubernetesObject } from '../../apimachinery/meta.ts'
import type { AdmissionRequest, AdmissionStep } from '../types.ts'
import type { Registry, WriteRequest } from './registry.ts'

type Operation = AdmissionRequest['operation']

/** Every step that changes objects, in the order of the list. */
export async function mutate(
  registry: Registry,
  request: WriteRequest,
  operation: Operation,
  object: KubernetesObject | undefined,
  old: KubernetesObject | undefined,
): Promise<KubernetesObject | undefined> {
  let current = object
  for (const step of registry.admission) {
    if (!step.mutate) continue
    const asked = admissionRequest(request, operation, current, old)
    if (step.handles(asked)) current = await step.mutate(asked)
  }
  return current
}

/** Every step that only refuses, after all that change and after the kind's own validation. */
export async function validate(
  registry: Registry,
  request: WriteRequest,
  operation: Operation,
  object: KubernetesObject | undefined,
  old: KubernetesObject | undefined,
): Promise<void> {
  const validating: AdmissionStep[] = registry.admission.filter(step => step.validate !== undefined)
  if (validating.length === 0) return
  const asked = admissionRequest(request, operation, object, old)
  for (const step of validating) if (step.handles(asked)) await step.validate?.(asked)
}

const admissionRequest = (
  { context, resource, options }: WriteRequest,
  operation: Operation,
  object: KubernetesObject | undefined,
  old: KubernetesObject | undefined,
): AdmissionRequest => ({
  context,
  kind: resource.kind,
  served: resource.served,
  resource: resource.groupResource,
  operation,
  object,
  old,
  options,
})
