import type { KubernetesObject } from '../../../apimachinery/meta.ts'
import type { LimitRange } from '../../../apis/core/limit-range.ts'
import type { Pod } from '../../../apis/core/pod.ts'
import type { AdmissionRequest, AdmissionStep } from '../../types.ts'
import { refuse } from '../refuse.ts'
import { isAbout, kindOf } from '../requests.ts'
import { type Claim, claimViolations, podViolations } from './constraints.ts'
import { withContainerDefaults } from './defaults.ts'

/** Fills in what containers leave out, and refuses pods and claims that ask for more or less than their namespace allows. */
export const limitRanger: AdmissionStep = {
  name: 'LimitRanger',
  handles: request => createsPod(request) || resizesPod(request) || writesClaim(request),
  mutate(request) {
    if (!createsPod(request)) return request.object
    return limitRanges(request).reduce(withContainerDefaults, request.object as Pod)
  },
  validate(request) {
    if (request.operation === 'UPDATE' && request.object?.metadata.deletionTimestamp !== undefined) return
    for (const limitRange of limitRanges(request)) {
      const violations = violationsOf(limitRange, request)
      // One violation stands alone, several as a list.
      if (violations.length > 0) throw refuse(request, violations.length === 1 ? (violations[0] as string) : `[${violations.join(', ')}]`)
    }
  },
}

const createsPod = (request: AdmissionRequest): boolean => request.operation === 'CREATE' && isAbout(request, '', 'pods')

/** Apart from this, what a pod asks for never changes. */
const resizesPod = ({ kind, operation, subresource }: AdmissionRequest): boolean =>
  operation === 'UPDATE' && subresource === 'resize' && kind.resource === 'pods' && kind.group === ''

const writesClaim = (request: AdmissionRequest): boolean =>
  (request.operation === 'CREATE' || request.operation === 'UPDATE') && isAbout(request, '', 'persistentvolumeclaims')

const limitRanges = ({ objects, namespace }: AdmissionRequest): readonly LimitRange[] =>
  objects.list(kindOf(objects, '', 'limitranges'), namespace) as readonly KubernetesObject[] as readonly LimitRange[]

const violationsOf = (limitRange: LimitRange, request: AdmissionRequest): readonly string[] => {
  const limits = limitRange.spec?.limits ?? []
  return request.kind.resource === 'pods' ? podViolations(limits, request.object as Pod) : claimViolations(limits, request.object as Claim)
}
