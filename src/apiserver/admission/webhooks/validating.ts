import { internalError, timeout } from '../../../apimachinery/api-errors.ts'
import type { KubernetesObject } from '../../../apimachinery/meta.ts'
import type { AdmissionRequest } from '../../types.ts'
import { matchesNamespace, matchesObject } from '../selector-match.ts'
import { callHook } from './call-hook.ts'
import { matchesConditions } from './conditions.ts'
import { formOf } from './form.ts'
import type { Candidate } from './hook-table.ts'
import { WebhookFailure } from './rejection.ts'
import type { WebhookRoom } from './room.ts'

export const validatingStepName = 'ValidatingAdmissionWebhook'

/** Asks all hooks at once, waits for every one, and refuses with what the first one in their order says. */
export async function validateByWebhooks(room: WebhookRoom, request: AdmissionRequest): Promise<void> {
  const asked: Candidate[] = []
  for (const candidate of room.table.candidates(request)) {
    const { namespaces, objects } = candidate.hook
    if (!matchesNamespace(namespaces, request) || !matchesObject(objects, request)) continue
    if (await matchesConditions(room, request, candidate)) asked.push(candidate)
  }
  if (asked.length === 0) return
  const outcomes = await Promise.allSettled(asked.map((candidate, index) => askOne(room, request, candidate, index)))
  const refused = outcomes.find(outcome => outcome.status === 'rejected')
  if (refused) throw refused.reason
}

async function askOne(room: WebhookRoom, request: AdmissionRequest, candidate: Candidate, index: number): Promise<void> {
  const { hook, served } = candidate
  const form = formOf(request, served)
  const show = async (object: KubernetesObject | undefined) => object && (await form.show(object))
  try {
    const [object, old] = [await show(request.object), await show(request.old)]
    const question = { candidate, request, kind: form.kind, object, old, mutating: false }
    await room.metrics.observe(hook.name, request.operation, () => callHook(room, question))
  } catch (error) {
    if (!(error instanceof WebhookFailure)) throw error
    if (!hook.ignoresFailure) throw internalError(error)
    // Whoever goes away while a webhook is asked must not get past it by that.
    if (request.context.signal.aborted) throw timeout('request did not complete within requested timeout')
    room.logger.warn(`ask webhook ${hook.name} of ${hook.configuration}: ${error.message}; its failure is ignored`)
    room.metrics.failedOpen(hook.name)
    request.context.annotate(`failed-open.validating.webhook.admission.k8s.io/round_0_index_${index}`, hook.name)
  }
}
