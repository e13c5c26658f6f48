import type { RequestAttributes, UserInfo } from '../../apimachinery/request.ts'
import type { Authorization, Authorizer } from '../types.ts'

/** Members of system:masters may do everything. Others are allowed or denied by the first that has an opinion; without one they are refused. */
export function unionAuthorizer(authorizers: readonly Authorizer[]): Authorizer {
  return {
    authorize(user, attributes) {
      if (user.groups.includes('system:masters')) return { allowed: true, reason: '' }
      return askFrom(0, authorizers, user, attributes, '', undefined)
    },
  }
}

function askFrom(
  start: number,
  authorizers: readonly Authorizer[],
  user: UserInfo,
  attributes: RequestAttributes,
  earlierReasons: string,
  earlierError: string | undefined,
): Authorization | Promise<Authorization> {
  let reasons = earlierReasons
  let error = earlierError
  for (let index = start; index < authorizers.length; index++) {
    const decision = authorizers[index]?.authorize(user, attributes) as Authorization | Promise<Authorization>
    if (decision instanceof Promise)
      return decision.then(settled =>
        isOpinion(settled)
          ? settled
          : askFrom(index + 1, authorizers, user, attributes, joined(reasons, settled.reason), settled.error ?? error),
      )
    if (isOpinion(decision)) return decision
    reasons = joined(reasons, decision.reason)
    error = decision.error ?? error
  }
  return { allowed: false, reason: reasons, ...(error !== undefined && { error }) }
}

const isOpinion = ({ allowed, denied }: Authorization): boolean => allowed || denied === true

const joined = (earlier: string, reason: string): string => (earlier && reason ? `${earlier}\n${reason}` : earlier || reason)
