import { parseJson } from '../../../apimachinery/codec/index.ts'
import type { KubernetesObject } from '../../../apimachinery/meta.ts'
import { reviewVersions } from '../../../apis/admissionregistration/webhook.ts'
import type { Random } from '../../../base/random.ts'
import { type Outgoing, statusText } from '../../outgoing/index.ts'
import { type AdmissionRequest } from '../../types.ts'
import type { GroupVersionKind } from './form.ts'
import type { Candidate } from './hook-table.ts'
import { dryRunUnsupported, rejectedBy, WebhookFailure } from './rejection.ts'
import { makeReview, readVerdict, type Verdict } from './review.ts'

export interface HookCaller {
  readonly outgoing: Outgoing
  readonly random: Random
}

export interface HookQuestion {
  readonly candidate: Candidate
  readonly request: AdmissionRequest
  readonly kind: GroupVersionKind
  readonly object: KubernetesObject | undefined
  readonly old: KubernetesObject | undefined
  readonly mutating: boolean
}

/** Asks one webhook. Throws its refusal, or a `WebhookFailure` if it gave no answer that counts. */
export async function callHook(caller: HookCaller, question: HookQuestion): Promise<Verdict> {
  const { candidate, request, mutating } = question
  const { hook } = candidate
  const { name, webhook } = hook
  if (request.context.dryRun && webhook.sideEffects !== 'None' && webhook.sideEffects !== 'NoneOnDryRun') throw dryRunUnsupported(name)
  const version = webhook.admissionReviewVersions.find(one => reviewVersions.includes(one))
  if (version === undefined)
    throw new WebhookFailure(
      name,
      'could not create admission objects: webhook does not accept known AdmissionReview versions (v1, v1beta1)',
    )
  const uid = caller.random.uuid()
  const answer = await send(caller, question, JSON.stringify(makeReview(version, subjectOf(question, uid))))
  let verdict: Verdict
  try {
    verdict = readVerdict(answer, version, uid, mutating)
  } catch (error) {
    throw new WebhookFailure(name, `received invalid webhook response: ${(error as Error).message}`)
  }
  for (const [key, value] of Object.entries(verdict.auditAnnotations)) request.context.annotate(`${name}/${key}`, value)
  for (const warning of verdict.warnings) request.context.warn(warning)
  if (!verdict.allowed) throw rejectedBy(name, verdict.status)
  return verdict
}

const subjectOf = ({ candidate: { served }, request, kind, object, old }: HookQuestion, uid: string) => ({
  uid,
  request,
  kind,
  resource: { group: served.group, version: served.version, resource: request.kind.resource },
  object,
  old,
})

const defaultTimeout_s = 10

async function send({ outgoing }: HookCaller, { candidate: { hook }, request }: HookQuestion, body: string): Promise<unknown> {
  const { name, webhook, destination } = hook
  const fail = (reason: string, cause?: unknown) => new WebhookFailure(name, `failed to call webhook: ${reason}`, { cause })
  if (!destination) throw fail('its clientConfig has neither a URL nor a service')
  const seconds = webhook.timeoutSeconds ?? defaultTimeout_s
  const answer = await outgoing
    .call(destination, {
      method: 'POST',
      path: `?timeout=${seconds}s`,
      headers: { 'content-type': 'application/json', accept: 'application/json', 'user-agent': 'kube-apiserver-admission' },
      body,
      timeout_ms: seconds * 1000,
      signal: request.context.signal,
    })
    .catch(error => {
      throw fail((error as Error).message, error)
    })
  const text = answer.body.toString('utf8')
  if (answer.status < 200 || answer.status > 299) throw fail(statusText(answer.status, text))
  try {
    return parseJson(answer.body)
  } catch (error) {
    throw fail(`couldn't get version/kind; json parse error: ${(error as Error).message}`, error)
  }
}
