import { StatusError } from '../../../apimachinery/api-errors.ts'
import { type CelValue, celLimits, toJson } from '../../../apimachinery/cel/index.ts'
import type { ServedVersion } from '../../../apimachinery/kind.ts'
import type { KubernetesObject } from '../../../apimachinery/meta.ts'
import { applyJsonPatch } from '../../../apimachinery/patch/index.ts'
import { semanticEqual } from '../../../apis/core/sharing.ts'
import { limits } from '../../limits.ts'
import type { AdmissionRequest } from '../../types.ts'
import { whenAnswered } from '../expressions/ask-authorizer.ts'
import { type Bindings, moreBindings } from '../expressions/bindings.ts'
import { CostBudget } from '../expressions/budget.ts'
import { refuse } from '../refuse.ts'
import { type Form, formOf } from '../webhooks/form.ts'
import { checkTypeNames, layOver } from './apply-configuration.ts'
import { type CompiledMutatingPolicy, type CompiledMutation, evaluateExpression } from './compile.ts'
import { ConfigurationProblem, collectParams } from './params.ts'
import { type ActiveBinding, type ActivePolicy, bindingMatches } from './policy-table.ts'
import type { PolicyRoom } from './room.ts'
import { bindingsFor } from './subject.ts'
import { withVariables } from './variables.ts'

export const mutatingPolicyStepName = 'MutatingAdmissionPolicy'

type Policy = ActivePolicy<CompiledMutatingPolicy>
type Room = PolicyRoom<CompiledMutatingPolicy>

/** A policy with one of its bindings and one object of parameters, found to be about the request. */
interface Invocation {
  readonly policy: Policy
  readonly binding: ActiveBinding
  readonly served: ServedVersion
  readonly params: KubernetesObject | undefined
}

interface Problem {
  readonly policy: Policy
  readonly binding: ActiveBinding | undefined
  readonly message: string
  readonly reason: 'Forbidden' | 'Invalid'
}

/** What is kept from the first round: who may be carried out again, and what the object was like after the last one. */
interface Memory {
  readonly mayRunAgain: Set<string>
  readonly runAgain: Set<string>
  output: KubernetesObject | undefined
}

/** Carries out one policy after the other; each sees what those before it made of the object. */
export async function mutateByPolicies(room: Room, request: AdmissionRequest): Promise<KubernetesObject | undefined> {
  const { invocations, problems } = await collectInvocations(room, request)
  const memory = memoryOf(request)
  if (request.rounds.round > 0 && !semanticEqual(memory.output, request.object)) runPreviousAgain(memory)
  let current = request
  for (const invocation of invocations) {
    const outcome = await invoke(room, current, invocation, memory)
    problems.push(...outcome.problems)
    if (outcome.object !== current.object) {
      current = { ...current, object: outcome.object }
      runPreviousAgain(memory)
      current.rounds.again = true
    }
    if (outcome.wasCarriedOut && invocation.policy.compiled().isReinvoked) memory.mayRunAgain.add(keyOf(invocation))
  }
  memory.output = current.object
  const counted = problems.filter(({ policy }) => !policy.ignoresFailure)
  if (counted.length > 0) throw denied(request, counted)
  return current.object
}

async function collectInvocations(room: Room, request: AdmissionRequest) {
  const invocations: Invocation[] = []
  const problems: Problem[] = []
  for (const { policy, served } of room.table.candidates(request)) {
    if (!policy.matcher.matches(request)) continue
    for (const binding of policy.bindings) {
      if (!bindingMatches(binding, request)) continue
      try {
        const params = await collectParams(request, policy.paramKind, binding.paramRef)
        invocations.push(...params.map(one => ({ policy, binding, served, params: one })))
      } catch (error) {
        if (!(error instanceof ConfigurationProblem)) throw error
        problems.push({ policy, binding: error.ofPolicy ? undefined : binding, message: error.message, reason: 'Forbidden' })
      }
    }
  }
  return { invocations, problems }
}

const keyOf = ({ policy, binding, params }: Invocation): string =>
  [policy.name, binding.name, params?.metadata.namespace ?? '', params?.metadata.name ?? ''].join('/')

function memoryOf({ rounds }: AdmissionRequest): Memory {
  rounds.memory ??= new Map()
  let memory = rounds.memory.get(mutatingPolicyStepName) as Memory | undefined
  if (!memory) {
    memory = { mayRunAgain: new Set(), runAgain: new Set(), output: undefined }
    rounds.memory.set(mutatingPolicyStepName, memory)
  }
  return memory
}

function runPreviousAgain({ mayRunAgain, runAgain }: Memory): void {
  for (const key of mayRunAgain) runAgain.add(key)
  mayRunAgain.clear()
}

interface InvocationOutcome {
  readonly object: KubernetesObject | undefined
  readonly problems: readonly Problem[]
  readonly wasCarriedOut: boolean
}

async function invoke(room: Room, request: AdmissionRequest, invocation: Invocation, memory: Memory): Promise<InvocationOutcome> {
  const { policy, binding, served, params } = invocation
  const unchanged = { object: request.object, problems: [], wasCarriedOut: false }
  const { conditions, mutations, variables } = policy.compiled()
  const form = formOf(request, served)
  const bindingsOf = async (object: KubernetesObject | undefined): Promise<Bindings> =>
    moreBindings(await bindingsFor(room, { ...request, object }, served, form), { params: params ?? null })
  const problem = (message: string): Problem => ({ policy, binding, message, reason: 'Invalid' })
  if (conditions) {
    const bindings = await bindingsOf(request.object)
    const { matches, error } = await whenAnswered(() => conditions.evaluate(bindings))
    if (error !== undefined) return { ...unchanged, problems: [problem(error)] }
    if (!matches) return unchanged
  }
  if (request.rounds.round > 0 && !memory.runAgain.has(keyOf(invocation))) return unchanged
  const decided = room.metrics.start(policy.name, binding.name)
  let { object } = request
  const problems: Problem[] = []
  for (const mutation of mutations) {
    if (!object) break
    try {
      const bindings = await bindingsOf(object)
      const value = await whenAnswered(() => evaluatePatch(mutation, bindings, variables))
      object = await change(form, served, mutation, object, value)
    } catch (error) {
      if (error instanceof StatusError) throw error
      problems.push(problem((error as Error).message))
    }
  }
  decided(problems.length > 0 ? 'deny' : 'allow')
  return { object, problems, wasCarriedOut: true }
}

function evaluatePatch({ patch }: CompiledMutation, bindings: Bindings, variables: CompiledMutatingPolicy['variables']): CelValue {
  const budget = new CostBudget(celLimits.costOfObject)
  const { value, error } = evaluateExpression(patch, withVariables(bindings, variables, budget), budget)
  if (error !== undefined) throw new Error(error)
  return value
}

/** The object as the mutation wants it: the very same one where nothing changes. */
async function change(form: Form, served: ServedVersion, { type }: CompiledMutation, object: KubernetesObject, value: CelValue) {
  const document = await form.show(object)
  const changed = type === 'JSONPatch' ? patched(document, value) : laidOver(served, document, value)
  return semanticEqual(changed, document) ? object : await form.accept(changed, object)
}

function laidOver({ schema }: ServedVersion, document: KubernetesObject, value: CelValue): unknown {
  checkTypeNames(value, 'Object')
  return layOver(schema, document, toJson(value) as Readonly<Record<string, unknown>>)
}

function patched(document: KubernetesObject, value: CelValue): unknown {
  const bounds = { maximumOperations: limits.patchOperations, maximumCopiedBytes: limits.bodyBytes }
  try {
    return applyJsonPatch(document, toJson(value), bounds)
  } catch (error) {
    const causes = error instanceof StatusError ? (error.status.details?.causes ?? []) : []
    const problem = causes[0]?.message ?? (error as Error).message
    // A test that fails means that there is nothing to do.
    if (problem.endsWith('test failed')) return document
    throw new Error(`JSON Patch: ${problem}`)
  }
}

/** All problems are told of, the first one in the message. */
function denied(request: AdmissionRequest, problems: readonly Problem[]): StatusError {
  const { status } = refuse(request, '')
  const messages = problems.map(({ policy, binding, message }) =>
    binding
      ? `policy '${policy.name}' with binding '${binding.name}' denied request: ${message}`
      : `policy ${JSON.stringify(policy.name)} denied request: ${message}`,
  )
  const causes = messages.map(message => ({ message }))
  return new StatusError({ ...status, message: messages[0], reason: problems[0]?.reason, details: { ...status.details, causes } })
}
