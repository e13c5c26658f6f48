/**
 * Admission policies: expressions that change requests and that judge them, in the server itself. In go requests and the
 * stored policies and bindings, which act from the moment they are stored; out come changed objects, warnings, notes for
 * the audit log, or refusals. A request that no rule is about costs one look into a table.
 */
import type { ResourceView } from '../../../apimachinery/connection.ts'
import type { MutatingAdmissionPolicy } from '../../../apis/admissionregistration/mutating-admission-policy.ts'
import type { ValidatingAdmissionPolicy } from '../../../apis/admissionregistration/validating-admission-policy.ts'
import type { Clock } from '../../../base/clock.ts'
import type { MetricsRegistry } from '../../../base/metrics.ts'
import type { AdmissionStep, Authorizer } from '../../types.ts'
import { type FollowedTable, followedTable } from '../followed-table.ts'
import { compileMutatingPolicy, compileValidatingPolicy } from './compile.ts'
import { createPolicyMetrics } from './metrics.ts'
import { mutateByPolicies, mutatingPolicyStepName } from './mutating.ts'
import { activePolicies, type BindingObject, createPolicyTable, type PolicyObject, type PolicyTable } from './policy-table.ts'
import type { PolicyRoom } from './room.ts'
import { validateByPolicies, validatingPolicyStepName } from './validating.ts'

export interface PolicyOptions {
  readonly authorizer: Authorizer
  readonly clock: Clock
  readonly metrics: MetricsRegistry
}

export interface PolicyViews {
  readonly validatingPolicies: ResourceView
  readonly validatingBindings: ResourceView
  readonly mutatingPolicies: ResourceView
  readonly mutatingBindings: ResourceView
}

export interface PolicyAdmission {
  readonly mutating: AdmissionStep
  readonly validating: AdmissionStep
  /** Follows the stored policies and bindings from now on; before that, there are none. */
  attach(views: PolicyViews): void
  close(): void
}

export function createPolicyAdmission({ authorizer, clock, metrics }: PolicyOptions): PolicyAdmission {
  const validating = followPolicies((policy: ValidatingAdmissionPolicy) => compileValidatingPolicy(policy))
  const mutating = followPolicies((policy: MutatingAdmissionPolicy) => compileMutatingPolicy(policy))
  const roomOf = <Compiled>({ table }: FollowedTable<PolicyTable<Compiled>>, type: 'validating' | 'mutating'): PolicyRoom<Compiled> => ({
    authorizer,
    metrics: createPolicyMetrics(metrics, clock, type),
    get table() {
      return table()
    },
  })
  const validatingRoom = roomOf(validating, 'validating')
  const mutatingRoom = roomOf(mutating, 'mutating')
  return {
    mutating: {
      name: mutatingPolicyStepName,
      handles: request => mutatingRoom.table.candidates(request).length > 0,
      mutate: request => mutateByPolicies(mutatingRoom, request),
    },
    validating: {
      name: validatingPolicyStepName,
      handles: request => validatingRoom.table.candidates(request).length > 0,
      validate: request => validateByPolicies(validatingRoom, request),
    },
    attach(views) {
      validating.attach(views.validatingPolicies, views.validatingBindings)
      mutating.attach(views.mutatingPolicies, views.mutatingBindings)
    },
    close() {
      validating.close()
      mutating.close()
    },
  }
}

/** Policies that stayed the same stay compiled. */
function followPolicies<Policy extends PolicyObject, Compiled>(
  compile: (policy: Policy) => Compiled,
): FollowedTable<PolicyTable<Compiled>> {
  const compiled = new WeakMap<Policy, Compiled>()
  const compileOnce = (policy: Policy): Compiled => {
    let known = compiled.get(policy)
    if (known === undefined) {
      known = compile(policy)
      compiled.set(policy, known)
    }
    return known
  }
  return followedTable((policies = [], bindings = []) =>
    createPolicyTable(activePolicies(policies as readonly Policy[], bindings as readonly BindingObject[], compileOnce)),
  )
}
