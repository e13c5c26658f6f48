import { StatusError } from '../../../apimachinery/api-errors.ts'
import type { AdmissionRequest } from '../../types.ts'
import { whenAnswered } from '../expressions/ask-authorizer.ts'
import { moreBindings } from '../expressions/bindings.ts'
import { refuse } from '../refuse.ts'
import type { CompiledValidatingPolicy } from './compile.ts'
import { type Judgement, judge } from './judge.ts'
import { ConfigurationProblem, collectParams } from './params.ts'
import { type ActiveBinding, type ActivePolicy, bindingMatches, type Candidate } from './policy-table.ts'
import type { PolicyRoom } from './room.ts'
import { bindingsFor } from './subject.ts'

export const validatingPolicyStepName = 'ValidatingAdmissionPolicy'

type Policy = ActivePolicy<CompiledValidatingPolicy>

interface Denial {
  readonly policy: string
  readonly binding: string | undefined
  readonly message: string
  readonly reason: string | undefined
}

/** Carries out every policy that is about the request, with each of its bindings; the first denial is the answer. */
export async function validateByPolicies(room: PolicyRoom<CompiledValidatingPolicy>, request: AdmissionRequest): Promise<void> {
  const denials: Denial[] = []
  for (const candidate of room.table.candidates(request)) {
    if (candidate.policy.matcher.matches(request)) denials.push(...(await carryOut(room, request, candidate)))
  }
  const [first] = denials
  if (first) throw denied(request, first)
}

async function carryOut(
  room: PolicyRoom<CompiledValidatingPolicy>,
  request: AdmissionRequest,
  { policy, served }: Candidate<CompiledValidatingPolicy>,
): Promise<readonly Denial[]> {
  const denials: Denial[] = []
  const notes = new Map<string, Set<string>>()
  for (const binding of policy.bindings) {
    if (!bindingMatches(binding, request)) continue
    try {
      for (const params of await collectParams(request, policy.paramKind, binding.paramRef)) {
        const bindings = moreBindings(await bindingsFor(room, request, served), { params: params ?? null })
        const decided = room.metrics.start(policy.name, binding.name)
        const judgement = await whenAnswered(() => judge(policy.compiled(), bindings, policy.ignoresFailure))
        denials.push(...act(request, policy, binding, judgement, decided))
        for (const { key, value } of judgement.annotations) notes.set(key, (notes.get(key) ?? new Set()).add(value))
      }
    } catch (error) {
      if (!(error instanceof ConfigurationProblem)) throw error
      if (policy.ignoresFailure) continue
      denials.push({ policy: policy.name, binding: error.ofPolicy ? undefined : binding.name, message: error.message, reason: undefined })
    }
  }
  for (const [key, values] of notes) request.context.annotate(`${policy.name}/${key}`, clipped([...values].join(', ')))
  return denials
}

const longestNote = 10 * 1024
const clipped = (text: string): string => (text.length > longestNote ? text.slice(0, longestNote) : text)

/** What the binding wants to follow from violations; what is to be denied comes back. */
function act(
  { context }: AdmissionRequest,
  policy: Policy,
  binding: ActiveBinding,
  { violations }: Judgement,
  decided: (action: string) => void,
): readonly Denial[] {
  const denials: Denial[] = []
  if (violations.length === 0) decided('allow')
  for (const { index, message, reason, isOfAnnotation } of violations) {
    for (const action of isOfAnnotation ? ['Deny'] : binding.actions) {
      decided(action.toLowerCase())
      if (action === 'Deny') denials.push({ policy: policy.name, binding: binding.name, message, reason })
      else if (action === 'Warn') {
        context.warn(`Validation failed for ValidatingAdmissionPolicy '${policy.name}' with binding '${binding.name}': ${message}`)
      } else if (action === 'Audit') {
        const failure = { message, policy: policy.name, binding: binding.name, expressionIndex: index, validationActions: binding.actions }
        context.annotate('validation.policy.admission.k8s.io/validation_failure', JSON.stringify([failure]))
      }
    }
  }
  return denials
}

const codes: Readonly<Record<string, number>> = { Unauthorized: 401, Forbidden: 403, RequestEntityTooLarge: 413 }
const codeOfInvalid = 422

function denied(request: AdmissionRequest, { policy, binding, message, reason = 'Invalid' }: Denial): StatusError {
  const by = binding === undefined ? `'${policy}'` : `'${policy}' with binding '${binding}'`
  const text = `ValidatingAdmissionPolicy ${by} denied request: ${message}`
  const { status } = refuse(request, text)
  const causes = [...(status.details?.causes ?? []), { message: text }]
  return new StatusError({ ...status, reason, code: codes[reason] ?? codeOfInvalid, details: { ...status.details, causes } })
}
