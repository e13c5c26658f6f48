import { internalError, timeout } from '../../../apimachinery/api-errors.ts'
import type { KubernetesObject } from '../../../apimachinery/meta.ts'
import { applyJsonPatch } from '../../../apimachinery/patch/index.ts'
import { semanticEqual } from '../../../apis/core/sharing.ts'
import { limits } from '../../limits.ts'
import type { AdmissionRequest } from '../../types.ts'
import { matchesNamespace, matchesObject } from '../selector-match.ts'
import { callHook } from './call-hook.ts'
import { matchesConditions } from './conditions.ts'
import { formOf } from './form.ts'
import type { Candidate } from './hook-table.ts'
import { cannotModify, WebhookFailure } from './rejection.ts'
import type { WebhookRoom } from './room.ts'

export const mutatingStepName = 'MutatingAdmissionWebhook'

/** What is kept from the first round: hooks that may be asked again, and what the object was like after the last one. */
interface Memory {
  readonly mayAskAgain: Set<string>
  readonly askAgain: Set<string>
  output: KubernetesObject | undefined
}

/** Asks one hook after the other; each sees what those before it made of the object. */
export async function mutateByWebhooks(room: WebhookRoom, request: AdmissionRequest): Promise<KubernetesObject | undefined> {
  const memory = memoryOf(request)
  // Other steps ran again, since a hook had changed something; what they changed concerns the hooks in turn.
  if (request.rounds.round > 0 && !semanticEqual(memory.output, request.object)) askPreviousAgain(memory)
  let current = request
  for (const [index, candidate] of room.table.candidates(request).entries()) {
    const { hook } = candidate
    const key = `${hook.configuration}/${hook.name}`
    if (!matchesNamespace(hook.namespaces, current) || !matchesObject(hook.objects, current)) continue
    // Whoever was not asked in the first round is not asked in the second.
    if (current.rounds.round > 0 && !memory.askAgain.has(key)) continue
    if (!(await matchesConditions(room, current, candidate))) continue
    const object = await askOne(room, current, candidate, index)
    if (object !== current.object) {
      current = { ...current, object }
      askPreviousAgain(memory)
      current.rounds.again = true
    }
    if (hook.isReinvoked) memory.mayAskAgain.add(key)
  }
  memory.output = current.object
  return current.object
}

function memoryOf({ rounds }: AdmissionRequest): Memory {
  rounds.memory ??= new Map()
  let memory = rounds.memory.get(mutatingStepName) as Memory | undefined
  if (!memory) {
    memory = { mayAskAgain: new Set(), askAgain: new Set(), output: undefined }
    rounds.memory.set(mutatingStepName, memory)
  }
  return memory
}

function askPreviousAgain({ mayAskAgain, askAgain }: Memory): void {
  for (const key of mayAskAgain) askAgain.add(key)
  mayAskAgain.clear()
}

async function askOne(room: WebhookRoom, request: AdmissionRequest, candidate: Candidate, index: number) {
  const { hook } = candidate
  const { context, operation } = request
  const place = `round_${request.rounds.round}_index_${index}`
  let changed = false
  try {
    const object = await room.metrics.observe(hook.name, operation, () => changeByHook(room, request, candidate))
    changed = object !== request.object
    return object
  } catch (error) {
    if (!(error instanceof WebhookFailure)) throw error
    if (!hook.ignoresFailure) throw internalError(error)
    room.logger.warn(`ask webhook ${hook.name} of ${hook.configuration}: ${error.message}; its failure is ignored`)
    room.metrics.failedOpen(hook.name)
    context.annotate(`failed-open.mutation.webhook.admission.k8s.io/${place}`, hook.name)
    if (context.signal.aborted) throw timeout('request did not complete within requested timeout')
    return request.object
  } finally {
    const note = { configuration: hook.configuration, webhook: hook.name, mutated: changed }
    context.annotate(`mutation.webhook.admission.k8s.io/${place}`, JSON.stringify(note))
  }
}

/** The object as the hook wants it: the very same one where it wants no change. */
async function changeByHook(room: WebhookRoom, request: AdmissionRequest, candidate: Candidate): Promise<KubernetesObject | undefined> {
  const { name } = candidate.hook
  const form = formOf(request, candidate.served)
  const shown = request.object && (await form.show(request.object))
  const old = request.old && (await form.show(request.old))
  const { patch } = await callHook(room, { candidate, request, kind: form.kind, object: shown, old, mutating: true })
  if (patch === undefined) return request.object
  const operations = decodePatch(patch)
  if (Array.isArray(operations) && operations.length === 0) return request.object
  if (!request.object || !shown) throw cannotModify(name)
  try {
    const bounds = { maximumOperations: limits.patchOperations, maximumCopiedBytes: limits.bodyBytes }
    const patched = applyJsonPatch(shown, operations, bounds)
    if (semanticEqual(patched, shown)) return request.object
    return await form.accept(patched, request.object)
  } catch (error) {
    throw internalError(error)
  }
}

function decodePatch(patch: string): unknown {
  try {
    return JSON.parse(Buffer.from(patch, 'base64').toString('utf8'))
  } catch (error) {
    throw internalError(error)
  }
}
