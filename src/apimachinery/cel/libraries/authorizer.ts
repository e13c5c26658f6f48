import { fixedCost, selectorParsing } from '../function-cost.ts'
import { type CelFunction, defineFunction } from '../functions.ts'
import { type CelType, opaque } from '../types.ts'
import { type CelValue, OpaqueValue } from '../values.ts'

/** Whom and what an expression asks about. */
export interface AuthorizationQuestion {
  /** Absent: the user of the request. */
  readonly serviceAccount?: { readonly namespace: string; readonly name: string }
  readonly verb: string
  /** Of a path that is no resource; then nothing else counts. */
  readonly path?: string
  readonly group?: string
  readonly resource?: string
  readonly subresource?: string
  readonly namespace?: string
  readonly name?: string
  readonly fieldSelector?: string
  readonly labelSelector?: string
}

export interface AuthorizationAnswer {
  readonly allowed: boolean
  readonly reason: string
  /** Why it could not be found out. */
  readonly error?: string
}

/** Given by whoever evaluates: answers from memory. */
export type AskAuthorizer = (question: AuthorizationQuestion) => AuthorizationAnswer

const prefix = 'kubernetes.authorization'
export const authorizerType: CelType = opaque(`${prefix}.Authorizer`)
export const resourceCheckType: CelType = opaque(`${prefix}.ResourceCheck`)

type Check = Omit<AuthorizationQuestion, 'verb'>

/** A question under construction: authorizer, path check, group check or resource check. */
class Question extends OpaqueValue {
  override readonly typeName: string
  readonly ask: AskAuthorizer
  readonly check: Check
  constructor(type: string, ask: AskAuthorizer, check: Check) {
    super()
    this.typeName = `${prefix}.${type}`
    this.ask = ask
    this.check = check
  }

  with(type: string, more: Check): Question {
    return new Question(type, this.ask, { ...this.check, ...more })
  }
}

class Decision extends OpaqueValue {
  override readonly typeName = `${prefix}.Decision`
  readonly answer: AuthorizationAnswer
  constructor(answer: AuthorizationAnswer) {
    super()
    this.answer = answer
  }
}

/** The value of the variable `authorizer`. */
export const authorizerValue = (ask: AskAuthorizer): CelValue => new Question('Authorizer', ask, {})
/** The value of `authorizer.requestResource`. */
export const resourceCheckValue = (ask: AskAuthorizer, check: Check): CelValue => new Question('ResourceCheck', ask, check)

const one = { cost: fixedCost(1) }
const question = (value: CelValue | undefined): Question => value as Question
const answer = (value: CelValue | undefined): AuthorizationAnswer => (value as Decision).answer

const narrowing = (name: string, from: string, to: string, narrow: (text: string) => Check): CelFunction =>
  defineFunction(
    name,
    [`${prefix}.${from}.(string) -> ${prefix}.${to}`],
    ([check, text]) => question(check).with(to, narrow(text as string)),
    one,
  )

export const authorizerLibrary = [
  defineFunction(
    'serviceAccount',
    [`${prefix}.Authorizer.(string, string) -> ${prefix}.Authorizer`],
    ([check, namespace, name]) =>
      question(check).with('Authorizer', { serviceAccount: { namespace: namespace as string, name: name as string } }),
    one,
  ),
  narrowing('path', 'Authorizer', 'PathCheck', path => ({ path })),
  narrowing('group', 'Authorizer', 'GroupCheck', group => ({ group })),
  narrowing('resource', 'GroupCheck', 'ResourceCheck', resource => ({ resource })),
  narrowing('subresource', 'ResourceCheck', 'ResourceCheck', subresource => ({ subresource })),
  narrowing('namespace', 'ResourceCheck', 'ResourceCheck', namespace => ({ namespace })),
  narrowing('name', 'ResourceCheck', 'ResourceCheck', name => ({ name })),
  { ...narrowing('fieldSelector', 'ResourceCheck', 'ResourceCheck', fieldSelector => ({ fieldSelector })), cost: selectorParsing },
  { ...narrowing('labelSelector', 'ResourceCheck', 'ResourceCheck', labelSelector => ({ labelSelector })), cost: selectorParsing },
  defineFunction(
    'check',
    [`${prefix}.PathCheck.(string) -> ${prefix}.Decision`, `${prefix}.ResourceCheck.(string) -> ${prefix}.Decision`],
    ([check, verb]) => {
      const { ask, check: asked } = question(check)
      return new Decision(ask({ ...asked, verb: verb as string }))
    },
    { cost: fixedCost(350_000) },
  ),
  defineFunction('allowed', [`${prefix}.Decision.() -> bool`], ([decision]) => answer(decision).allowed, one),
  defineFunction('reason', [`${prefix}.Decision.() -> string`], ([decision]) => answer(decision).reason, one),
  defineFunction('errored', [`${prefix}.Decision.() -> bool`], ([decision]) => answer(decision).error !== undefined, one),
  defineFunction('error', [`${prefix}.Decision.() -> string`], ([decision]) => answer(decision).error ?? '', one),
]
