/**
 * May this user do this? RBAC over the committed roles and bindings, the rules of nodes, and the reviews that ask the
 * same question through the API. Answers come from memory, at once. Beside the decisions stand the policy that every
 * cluster starts with and the roles that are gathered from others; both are written through a connection like anyone's.
 */
export { followAggregation } from './aggregation.ts'
export { reconcileBootstrapPolicy } from './bootstrap-policy.ts'
export { createNodeAuthorizer, type NodeAuthorizer, nodeNameOf } from './node.ts'
export { createRbacAuthorizer, type RbacAuthorizer, type RbacViews } from './rbac.ts'
export { accessReviews } from './reviews.ts'
export { unionAuthorizer } from './union.ts'
export { type AuthorizationWebhookOptions, webhookAuthorizer } from './webhook.ts'
