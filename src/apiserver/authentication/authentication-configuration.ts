import {
  type CelProgram,
  type CelType,
  celTypes,
  compileCel,
  formatIssues,
  listOf,
  mapOf,
  objectOf,
  toJson,
} from '../../apimachinery/cel/index.ts'
import type { UserInfo } from '../../apimachinery/request.ts'
import { boolean, type Infer, list, object, optional, text } from '../../apimachinery/schema.ts'
import { readConfigurationFile } from '../configuration-file.ts'
import type { AnonymousRule } from '../types.ts'
import type { Claims, JwtIssuer } from './oidc.ts'

const prefix = 'io.k8s.apiserver.config.v1'
const Issuer = object(`${prefix}.Issuer`, 'Who signs the tokens.', {
  url: optional(1, text, 'The iss claim; https.'),
  discoveryURL: optional(2, text, 'Where the discovery document is, if not below the URL.'),
  certificateAuthority: optional(3, text, 'PEM of who signed the certificate of the issuer.'),
  audiences: optional(4, list(text), 'For whom tokens must be.'),
  audienceMatchPolicy: optional(5, text, 'MatchAny, where there are several audiences.'),
})
const Rule = object(`${prefix}.ClaimValidationRule`, 'What a token must say.', {
  claim: optional(1, text, 'A claim that must have a value.'),
  requiredValue: optional(2, text, 'That value.'),
  expression: optional(3, text, 'CEL over claims that must be true.'),
  message: optional(4, text, 'What is said when it is not.'),
})
const Mapping = object(`${prefix}.PrefixedClaimOrExpression`, 'Where a value comes from.', {
  claim: optional(1, text, 'From a claim, behind the prefix.'),
  prefix: optional(2, text, 'What stands before the value; required with a claim, and may be empty.'),
  expression: optional(3, text, 'From CEL over claims.'),
})
const ExtraMapping = object(`${prefix}.ExtraMapping`, 'Further data about the user.', {
  key: optional(1, text, 'Its name, with a domain, in lower case.'),
  valueExpression: optional(2, text, 'CEL over claims that gives a text or a list of texts.'),
})
const Mappings = object(`${prefix}.ClaimMappings`, 'What of a token is what of the user.', {
  username: optional(1, Mapping, 'The name.'),
  groups: optional(2, Mapping, 'The groups.'),
  uid: optional(3, Mapping, 'The UID.'),
  extra: optional(4, list(ExtraMapping), 'Further data.'),
})
const UserRule = object(`${prefix}.UserValidationRule`, 'What must hold of the user.', {
  expression: optional(1, text, 'CEL over user that must be true.'),
  message: optional(2, text, 'What is said when it is not.'),
})
const Jwt = object(`${prefix}.JWTAuthenticator`, 'Tokens of one issuer.', {
  issuer: optional(1, Issuer, 'Who signs them.'),
  claimValidationRules: optional(2, list(Rule), 'What they must say.'),
  claimMappings: optional(3, Mappings, 'What of them is what of the user.'),
  userValidationRules: optional(4, list(UserRule), 'What must hold of the user.'),
})
interface Jwt extends Infer<typeof Jwt> {}
const Anonymous = object(`${prefix}.AnonymousAuthConfig`, 'Requests without credentials.', {
  enabled: optional(1, boolean, 'Whether there are any.'),
  conditions: optional(
    2,
    list(object(`${prefix}.AnonymousAuthCondition`, 'Where they may go.', { path: optional(1, text, 'A path, exactly.') })),
    'Where they may go; everywhere if left out.',
  ),
})
const AuthenticationConfiguration = object(`${prefix}.AuthenticationConfiguration`, 'Whose tokens count.', {
  apiVersion: optional(0, text, 'apiserver.config.k8s.io/v1'),
  kind: optional(0, text, 'AuthenticationConfiguration'),
  jwt: optional(1, list(Jwt), 'Issuers of tokens.'),
  anonymous: optional(2, Anonymous, 'Requests without credentials.'),
})

export interface StructuredAuthentication {
  readonly issuers: readonly JwtIssuer[]
  readonly anonymous?: AnonymousRule
}

/** As upstream's file allows. */
const algorithms = ['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512', 'PS256', 'PS384', 'PS512']

export function parseAuthenticationConfiguration(content: string, source: string): StructuredAuthentication {
  const versions = ['v1', 'v1beta1'].map(version => `apiserver.config.k8s.io/${version}`)
  const { jwt = [], anonymous } = readConfigurationFile(content, {
    source,
    schema: AuthenticationConfiguration,
    apiVersions: versions,
    kind: 'AuthenticationConfiguration',
  })
  const fail = (problem: string): never => {
    throw new Error(`read AuthenticationConfiguration ${source}: ${problem}`)
  }
  const issuers = jwt.map((entry, index) => readIssuer(entry, `jwt[${index}]`, fail))
  const urls = issuers.map(({ url }) => url)
  for (const [index, url] of urls.entries())
    if (urls.indexOf(url) < index) fail(`jwt[${index}].issuer.url: Duplicate value: ${JSON.stringify(url)}`)
  const { enabled = false, conditions } = anonymous ?? {}
  if (!anonymous) return { issuers }
  if (!enabled && conditions?.length) fail('anonymous.conditions: Invalid value: enabled should be set to true when conditions are defined')
  return { issuers, anonymous: { enabled, ...(conditions?.length && { paths: conditions.map(({ path = '' }) => path) }) } }
}

type Fail = (problem: string) => never

function readIssuer(jwt: Jwt, path: string, fail: Fail): JwtIssuer {
  const { url = '', discoveryURL, certificateAuthority, audiences = [], audienceMatchPolicy } = jwt.issuer ?? {}
  for (const [field, value] of [
    ['url', url],
    ['discoveryURL', discoveryURL ?? url],
  ] as const) {
    if (value === '') fail(`${path}.issuer.${field}: Required value: URL is required`)
    if (!URL.canParse(value) || new URL(value).protocol !== 'https:')
      fail(`${path}.issuer.${field}: Invalid value: ${JSON.stringify(value)}: URL scheme must be https`)
  }
  if (audiences.length === 0) fail(`${path}.issuer.audiences: Required value: at least one issuer.audiences is required`)
  if (audiences.length > 1 && audienceMatchPolicy !== 'MatchAny')
    fail(
      `${path}.issuer.audienceMatchPolicy: Invalid value: ${JSON.stringify(audienceMatchPolicy ?? '')}: audienceMatchPolicy must be MatchAny for multiple audiences`,
    )
  return { url, discoveryUrl: discoveryURL, certificateAuthority, audiences, algorithms, userOf: readMappings(jwt, path, fail) }
}

const claimsType = mapOf(celTypes.string, celTypes.dyn)
const userType = objectOf('kubernetes.UserInfo', {
  username: celTypes.string,
  uid: celTypes.string,
  groups: listOf(celTypes.string),
  extra: mapOf(celTypes.string, listOf(celTypes.string)),
})

function compile(expression: string, variables: Readonly<Record<string, CelType>>, path: string, fail: Fail): CelProgram {
  const { program, issues, source } = { source: expression, ...compileCel(expression, { variables }) }
  return program ?? fail(`${path}: Invalid value: ${JSON.stringify(expression)}: compilation failed: ${formatIssues(source, issues ?? [])}`)
}

function run(program: CelProgram, bindings: Readonly<Record<string, unknown>>): unknown {
  const { value, error } = program.evaluate(bindings, { costLimit: 10_000_000 })
  if (error !== undefined) throw new Error(`evaluate ${JSON.stringify(program.source)}: ${error.message}`)
  return toJson(value as never)
}

function readMappings(jwt: Jwt, path: string, fail: Fail): JwtIssuer['userOf'] {
  const at = `${path}.claimMappings`
  const { username, groups, uid, extra = [] } = jwt.claimMappings ?? {}
  const nameOf =
    readMapping(username, `${at}.username`, true, fail) ?? fail(`${at}.username: Required value: claim or expression is required`)
  const groupsOf = readMapping(groups, `${at}.groups`, true, fail)
  const uidOf = readMapping(uid, `${at}.uid`, false, fail)
  const extras = extra.map(({ key = '', valueExpression = '' }, index) => {
    if (!/^[a-z0-9.-]+\/[a-z0-9._/-]+$/.test(key))
      fail(`${at}.extra[${index}].key: Invalid value: ${JSON.stringify(key)}: must be a domain-prefixed path in lower case`)
    return { key, program: compile(valueExpression, { claims: claimsType }, `${at}.extra[${index}].valueExpression`, fail) }
  })
  const rules = (jwt.claimValidationRules ?? []).map((rule, index) => readRule(rule, `${path}.claimValidationRules[${index}]`, fail))
  const userRules = (jwt.userValidationRules ?? []).map(({ expression = '', message }, index) => ({
    program: compile(expression, { user: userType }, `${path}.userValidationRules[${index}].expression`, fail),
    message,
  }))
  const needsVerifiedEmail = username?.claim === 'email'
  return claims => {
    for (const rule of rules) rule(claims)
    if (needsVerifiedEmail && claims.email_verified !== undefined && claims.email_verified !== true)
      throw new Error('the email is not verified')
    const name = textOf(nameOf(claims), 'username')
    if (name === '') throw new Error('the username is empty')
    const uidText = uidOf ? textOf(uidOf(claims), 'uid') : ''
    const further = Object.fromEntries(
      extras.map(({ key, program }) => [key, textsOf(run(program, { claims }), key)] as const).filter(([, values]) => values.length > 0),
    )
    const user: UserInfo = {
      name,
      groups: groupsOf ? textsOf(groupsOf(claims), 'groups') : [],
      ...(uidText && { uid: uidText }),
      ...(Object.keys(further).length > 0 && { extra: further }),
    }
    const shown = { username: user.name, uid: uidText, groups: user.groups, extra: further }
    for (const { program, message } of userRules)
      if (run(program, { user: shown }) !== true)
        throw new Error(message || `validation expression ${JSON.stringify(program.source)} failed`)
    return user
  }
}

type ReadClaims = (claims: Claims) => unknown

function readMapping(
  mapping: NonNullable<NonNullable<Jwt['claimMappings']>['username']> | undefined,
  path: string,
  needsPrefix: boolean,
  fail: Fail,
): ReadClaims | undefined {
  const { claim, prefix: before, expression } = mapping ?? {}
  if (claim && expression) fail(`${path}: Invalid value: "": claim and expression can't both be set`)
  if (expression) {
    if (before !== undefined) fail(`${path}.prefix: Invalid value: ${JSON.stringify(before)}: prefix can't be set when expression is set`)
    const program = compile(expression, { claims: claimsType }, `${path}.expression`, fail)
    return claims => run(program, { claims })
  }
  if (!claim) return undefined
  if (needsPrefix && before === undefined)
    fail(`${path}.prefix: Required value: prefix is required when claim is set. It can be set to an empty string to disable prefixing`)
  return claims => withPrefix(Object.hasOwn(claims, claim) ? claims[claim] : undefined, before ?? '')
}

/** One text or a list of them, each behind the prefix. */
export function withPrefix(value: unknown, before: string): unknown {
  if (typeof value === 'string') return before + value
  return Array.isArray(value) ? value.map(one => (typeof one === 'string' ? before + one : one)) : value
}

function readRule(rule: NonNullable<Jwt['claimValidationRules']>[number], path: string, fail: Fail): (claims: Claims) => void {
  const { claim, requiredValue = '', expression, message } = rule
  if (claim && expression) fail(`${path}: Invalid value: "": claim and expression can't both be set`)
  if (claim) {
    return claims => {
      if (claims[claim] !== requiredValue) throw new Error(`claim ${JSON.stringify(claim)} does not have its required value`)
    }
  }
  if (!expression) return fail(`${path}: Required value: claim or expression is required`)
  const program = compile(expression, { claims: claimsType }, `${path}.expression`, fail)
  return claims => {
    if (run(program, { claims }) !== true) throw new Error(message || `validation expression ${JSON.stringify(expression)} failed`)
  }
}

export function textOf(value: unknown, what: string): string {
  if (typeof value === 'string') return value
  throw new Error(`the ${what} of the token is no text`)
}

export function textsOf(value: unknown, what: string): readonly string[] {
  if (value === undefined || value === null || value === '') return []
  const values: readonly unknown[] = Array.isArray(value) ? value : [value]
  return values.map(one => textOf(one, what)).filter(one => one !== '')
}
