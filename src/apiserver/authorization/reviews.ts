import { isDeepStrictEqual } from 'node:util'
import type { KubernetesObject } from '../../apimachinery/meta.ts'
import type { RequestAttributes, UserInfo } from '../../apimachinery/request.ts'
import type { SelfSubjectRulesReview } from '../../apis/authorization/self-subject-rules-review.ts'
import type {
  NonResourceAttributes,
  ResourceAttributes,
  SubjectAccessReview,
  SubjectAccessReviewSpec,
} from '../../apis/authorization/subject-access-review.ts'
import type { PolicyRule } from '../../apis/rbac/role.ts'
import type { Authorizer, ReviewHandler } from '../types.ts'
import type { RbacAuthorizer } from './rbac.ts'
import { fieldSelectorText, labelSelectorText } from './selector-attributes.ts'

/** "May I?", "may they?" and "what may I?": asked of the same authorizer that decides requests. */
export function accessReviews(authorizer: Authorizer, rbac: RbacAuthorizer): Readonly<Record<string, ReviewHandler>> {
  const decide = async (review: KubernetesObject, user: UserInfo): Promise<KubernetesObject> => {
    const { spec } = review as SubjectAccessReview
    const { attributes, problems } = attributesOf(spec)
    const { allowed, denied, reason, error } = await authorizer.authorize(user, attributes)
    const evaluationError = [...problems, ...(error === undefined ? [] : [error])].join(', ')
    const status = { allowed, ...(denied && { denied }), ...(reason && { reason }), ...(evaluationError && { evaluationError }) }
    return { ...review, status } as KubernetesObject
  }
  const forSubject: ReviewHandler = ({ body }) => decide(body, subjectOf((body as SubjectAccessReview).spec))
  return {
    SubjectAccessReview: forSubject,
    LocalSubjectAccessReview: forSubject,
    SelfSubjectAccessReview: ({ body, context }) => decide(body, context.user),
    SelfSubjectRulesReview: async ({ body, context }) => {
      const { spec } = body as SelfSubjectRulesReview
      return {
        ...body,
        status: rulesStatus(allRulesOf(context.user, rbac.rulesOf(context.user, spec?.namespace ?? ''))),
      } as KubernetesObject
    },
  }
}

const everything: readonly PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
]

/** What is allowed before anybody is asked, and what bindings add: their own word for everything is not told again. */
function allRulesOf(user: UserInfo, bound: readonly PolicyRule[]): readonly PolicyRule[] {
  if (!user.groups.includes('system:masters')) return bound
  return [...everything, ...bound.filter(rule => !everything.some(known => isDeepStrictEqual(known, rule)))]
}

const subjectOf = (spec: SubjectAccessReviewSpec): UserInfo => ({
  name: spec.user ?? '',
  groups: spec.groups ?? [],
  ...(spec.uid && { uid: spec.uid }),
  ...(spec.extra && { extra: spec.extra }),
})

function attributesOf(spec: { readonly resourceAttributes?: ResourceAttributes; readonly nonResourceAttributes?: NonResourceAttributes }): {
  readonly attributes: RequestAttributes
  readonly problems: readonly string[]
} {
  const asked = spec.resourceAttributes
  if (asked) {
    const fields = fieldSelectorText(asked.fieldSelector)
    const labels = labelSelectorText(asked.labelSelector)
    const attributes = {
      isResourceRequest: true,
      path: '',
      verb: asked.verb ?? '',
      group: asked.group ?? '',
      version: asked.version ?? '',
      resource: asked.resource ?? '',
      subresource: asked.subresource ?? '',
      namespace: asked.namespace ?? '',
      name: asked.name ?? '',
      ...(fields.text && { fieldSelector: fields.text }),
      ...(labels.text && { labelSelector: labels.text }),
    }
    return { attributes, problems: [...fields.problems, ...labels.problems] }
  }
  const { path = '', verb = '' } = spec.nonResourceAttributes ?? {}
  const none = { group: '', version: '', resource: '', subresource: '', namespace: '', name: '' }
  return { attributes: { isResourceRequest: false, path, verb, ...none }, problems: [] }
}

function rulesStatus(rules: readonly PolicyRule[]) {
  return {
    resourceRules: rules
      .filter(rule => rule.resources?.length)
      .map(({ verbs = [], apiGroups, resources, resourceNames }) => ({
        verbs,
        apiGroups,
        resources,
        ...(resourceNames?.length && { resourceNames }),
      })),
    nonResourceRules: rules
      .filter(rule => rule.nonResourceURLs?.length)
      .map(({ verbs = [], nonResourceURLs }) => ({ verbs, nonResourceURLs })),
    incomplete: false,
  }
}
