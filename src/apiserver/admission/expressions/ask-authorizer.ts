import type { AskAuthorizer, AuthorizationQuestion } from '../../../apimachinery/cel/index.ts'
import type { UserInfo } from '../../../apimachinery/request.ts'
import type { Authorization, Authorizer } from '../../types.ts'

/** Thrown out of an evaluation that asked what can't be answered at once. */
class Unanswered {
  readonly answer: Promise<unknown>
  constructor(answer: Promise<unknown>) {
    this.answer = answer
  }
}

/**
 * What an expression asks, asked of the authorizer of the API server: as the user of the request, or a service account.
 * Each question is asked once for a request. Where the answer takes time, the evaluation ends, to be done again by
 * `whenAnswered`.
 */
export function askAs(authorizer: Authorizer, user: UserInfo): AskAuthorizer {
  const answers = new Map<string, Authorization>()
  return question => {
    const key = JSON.stringify(question)
    const known = answers.get(key)
    if (known) return known
    const answer = ask(authorizer, user, question)
    if (!(answer instanceof Promise)) {
      answers.set(key, answer)
      return answer
    }
    throw new Unanswered(answer.then(given => answers.set(key, given)))
  }
}

/** Evaluates again until every question has its answer. */
export async function whenAnswered<T>(evaluate: () => T): Promise<T> {
  for (;;) {
    try {
      return evaluate()
    } catch (error) {
      if (!(error instanceof Unanswered)) throw error
      await error.answer
    }
  }
}

function ask(
  authorizer: Authorizer,
  user: UserInfo,
  { serviceAccount, verb, path, group = '', resource = '', subresource = '', namespace = '', name = '' }: AuthorizationQuestion,
): Authorization | Promise<Authorization> {
  const asked = serviceAccount ? accountUser(serviceAccount.namespace, serviceAccount.name) : user
  const isResourceRequest = path === undefined
  const version = isResourceRequest ? '*' : ''
  return authorizer.authorize(asked, { verb, path: path ?? '', isResourceRequest, group, version, resource, subresource, namespace, name })
}

const accountUser = (namespace: string, name: string): UserInfo => ({
  name: `system:serviceaccount:${namespace}:${name}`,
  groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
})
