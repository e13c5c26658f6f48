import { authorizerValue, resourceCheckValue } from '../../../apimachinery/cel/index.ts'
import type { KubernetesObject } from '../../../apimachinery/meta.ts'
import type { AdmissionRequest, Authorizer } from '../../types.ts'
import { isAbout, kindOf } from '../requests.ts'
import { describeRequest, placeOf, type ReviewSubject } from '../webhooks/review.ts'
import { askAs } from './ask-authorizer.ts'

/** A request as expressions see it, in the version that they are about. */
export type ExpressionSubject = Omit<ReviewSubject, 'uid'>

export type Bindings = Readonly<Record<string, unknown>>

/** What is only sometimes asked for is made only then. */
export function admissionBindings(subject: ExpressionSubject, authorizer: Authorizer): Bindings {
  const { request, object, old } = subject
  const ask = askAs(authorizer, request.context.user)
  return {
    object: object ?? null,
    oldObject: old ?? null,
    get request() {
      return describeRequest(subject)
    },
    get namespaceObject() {
      return namespaceObjectOf(request) ?? null
    },
    get authorizer() {
      return authorizerValue(ask)
    },
    get 'authorizer.requestResource'() {
      const { group, resource } = subject.resource
      const check = { group, resource, subresource: request.subresource, ...placeOf(request) }
      return resourceCheckValue(ask, check)
    },
  }
}

/** The same, with more names. */
export const moreBindings = (bindings: Bindings, more: Bindings): Bindings => Object.assign(Object.create(bindings), more)

/** Objects of the cluster, namespaces included, lie in none. */
function namespaceObjectOf(request: AdmissionRequest): KubernetesObject | undefined {
  const { namespace, objects } = request
  if (namespace === '' || isAbout(request, '', 'namespaces')) return undefined
  return objects.get(kindOf(objects, '', 'namespaces'), '', namespace)
}
