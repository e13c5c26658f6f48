import type { CustomResourceDefinition } from './custom-resource-definition-types.ts'

/** Groups that belong to Kubernetes itself need somebody's approval. */
export const isProtectedGroup = (group: string): boolean => /(^|\.)(k8s|kubernetes)\.io$/.test(group)

export const approvalAnnotation = 'api-approved.kubernetes.io'

/** What the annotation of a definition says: where it was approved, or that it was not. */
export type Approval = { readonly state: 'approved' | 'unapproved' | 'invalid'; readonly text: string } | { readonly state: 'missing' }

export function approvalStateOf({ metadata }: CustomResourceDefinition): Approval {
  const text = metadata.annotations?.[approvalAnnotation]
  if (!text) return { state: 'missing' }
  if (text.startsWith('unapproved')) return { state: 'unapproved', text }
  return { state: URL.canParse(text) && new URL(text).host !== '' ? 'approved' : 'invalid', text }
}

const reference = 'see https://github.com/kubernetes/enhancements/pull/1111'
export const approvalMissing = `protected groups must have approval annotation "${approvalAnnotation}", ${reference}`
export const approvalInvalid = `protected groups must have approval annotation "${approvalAnnotation}" with either a URL or a reason starting with "unapproved", ${reference}`
