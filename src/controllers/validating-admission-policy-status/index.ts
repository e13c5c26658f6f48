import { isConflict, isNotFound } from '../../apimachinery/api-errors.ts'
import { validatingAdmissionPolicyKind } from '../../apis/index.ts'
import { runController, watchOf } from '../../client/index.ts'
import { type Controller, ownKey } from '../controller.ts'
import { checkTypes } from './check-types.ts'

/** Says in the status of each policy what its expressions look like to somebody who knows the types they are about. */
export const validatingAdmissionPolicyStatusController: Controller = {
  name: 'validatingadmissionpolicy-status-controller',
  start(context) {
    const { client, kinds } = context
    const policies = client.informer(validatingAdmissionPolicyKind)
    return runController({
      ...context,
      watches: [watchOf(policies, ownKey)],
      async reconcile(name) {
        const policy = policies.get(undefined, name)
        const { generation = 0 } = policy?.metadata ?? {}
        if (!policy || (policy.status?.observedGeneration ?? 0) >= generation) return
        const expressionWarnings = checkTypes(policy, kinds())
        const typeChecking = expressionWarnings.length === 0 ? {} : { expressionWarnings }
        try {
          await client.updateStatus(validatingAdmissionPolicyKind, {
            ...policy,
            status: { ...policy.status, observedGeneration: generation, typeChecking },
          })
        } catch (error) {
          if (!isConflict(error) && !isNotFound(error)) throw error
        }
      },
    })
  },
}
