import { notFound } from '../../apimachinery/api-errors.ts'
import type { KubernetesObject } from '../../apimachinery/meta.ts'
import type { LabelMatcher } from '../../apimachinery/selectors.ts'
import type { AdmissionRequest } from '../types.ts'
import { isAbout, kindOf } from './requests.ts'

/** How webhooks and policies select requests by labels. */

/** Objects of the cluster are in no namespace and pass every selector, but for namespaces, which are asked for their own labels. */
export function matchesNamespace(selector: LabelMatcher, request: AdmissionRequest): boolean {
  if (selector.matchesEverything) return true
  const { kind, operation, object, old, namespace } = request
  const isNamespace = kind.group === '' && kind.resource === 'namespaces'
  if (!isNamespace) return namespace === '' || selector.matches(namespaceOf(request, namespace).metadata.labels)
  const isWritten = isAbout(request, '', 'namespaces') && (operation === 'CREATE' || operation === 'UPDATE')
  return selector.matches((isWritten ? object : old)?.metadata.labels)
}

function namespaceOf({ objects }: AdmissionRequest, name: string): KubernetesObject {
  const namespace = objects.get(kindOf(objects, '', 'namespaces'), '', name)
  if (!namespace) throw notFound({ group: '', resource: 'namespaces' }, name)
  return namespace
}

/** An object counts as it is wanted and as it was, so that taking a label away is not a way around. */
export const matchesObject = (selector: LabelMatcher, { object, old }: AdmissionRequest): boolean =>
  selector.matchesEverything ||
  (object !== undefined && selector.matches(object.metadata?.labels)) ||
  (old !== undefined && selector.matches(old.metadata?.labels))
