import { internalError, invalid } from '../../apimachinery/api-errors.ts'
import { requiredField } from '../../apimachinery/field-error.ts'
import type { Clock } from '../../base/clock.ts'
import type { ReviewHandler } from '../types.ts'
import { bindingHandler } from './binding.ts'

/** The form of older schedulers: a Binding is created in the namespace, and its own name says which pod is meant. */
export const oldBinding = (clock: Clock): ReviewHandler => {
  const { handle } = bindingHandler(clock)
  return async ({ context, namespace, body, objects }) => {
    const { name } = body.metadata
    if (!name) throw invalid('', 'Binding', '', [requiredField('metadata.name')])
    const kind = objects.kind('', 'pods')
    const [served] = kind?.served ?? []
    if (!kind || !served) throw internalError('bind a pod: pods are not served')
    const place = { kind, served, subresource: 'binding', verb: 'create', namespace, name }
    const answer = await handle({
      ...place,
      context,
      body,
      objects,
      query: new URLSearchParams(),
      rest: '',
      fieldManager: '',
      http: undefined,
    })
    if (!('object' in answer)) throw internalError(`bind pod ${namespace}/${name}: the answer is no object`)
    return answer.object
  }
}
