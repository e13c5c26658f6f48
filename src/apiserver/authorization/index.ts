/**
 * May this user do this? RBAC over the committed roles and bindings, the rules of nodes, and the reviews that ask the
 * same question through the API. Answers come from memory, at once; nothing here writes.
 */
export { createNodeAuthorizer, type NodeAuthorizer, nodeNameOf } from './node.ts'
export { createRbacAuthorizer, type RbacAuthorizer, type RbacViews, unionAuthorizer } from './rbac.ts'
export { accessReviews } from './reviews.ts'
