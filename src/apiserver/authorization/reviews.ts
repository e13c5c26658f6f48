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

/** "May I?", "may they?" and "what may I?": asked of the same authorizer that decides requests. */
export function accessReviews(authorizer: Authorizer, rbac: RbacAuthorizer): Readonly<Record<string, ReviewHandler>> {
  const decide = async (review: KubernetesObject, user: UserInfo): Promise<KubernetesObject> => {
    const { spec } = review as SubjectAccessReview
    const { allowed, reason } = authorizer.authorize(user, attributesOf(spec))
    return { ...review, status: { allowed, ...(reason && { reason }) } } as KubernetesObject
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
        status: rulesStatus(
          context.user.groups.includes('system:masters') ? everything : rbac.rulesOf(context.user, spec?.namespace ?? ''),
        ),
      } as KubernetesObject
    },
  }
}

const everything: readonly PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
]

const subjectOf = (spec: SubjectAccessReviewSpec): UserInfo => ({
  name: spec.user ?? '',
  groups: spec.groups ?? [],
  ...(spec.uid && { uid: spec.uid }),
  ...(spec.extra && { extra: spec.extra }),
})

function attributesOf(spec: {
  readonly resourceAttributes?: ResourceAttributes
  readonly nonResourceAttributes?: NonResourceAttributes
}): RequestAttributes {
  const asked = spec.resourceAttributes
  if (asked)
    return {
      isResourceRequest: true,
      path: '',
      verb: asked.verb ?? '',
      group: asked.group ?? '',
      version: asked.version ?? '',
      resource: asked.resource ?? '',
      subresource: asked.subresource ?? '',
      namespace: asked.namespace ?? '',
      name: asked.name ?? '',
    }
  const { path = '', verb = '' } = spec.nonResourceAttributes ?? {}
  return { isResourceRequest: false, path, verb, group: '', version: '', resource: '', subresource: '', namespace: '', name: '' }
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
