import { type FieldError, forbiddenField, invalidField, requiredField, unsupportedField } from '../../apimachinery/field-error.ts'
import { cidrContains, parseCidrLeniently } from '../../apimachinery/ip.ts'
import { ageColumn, defineKind, type Kind, nameColumn, topLevel } from '../../apimachinery/kind.ts'
import { LabelSelector } from '../../apimachinery/meta.ts'
import { validatePortName, validatePortNumber } from '../../apimachinery/names.ts'
import { validateLabelSelector } from '../../apimachinery/object-meta-validation.ts'
import { atomicList, type Infer, int32, intOrString, object, optional, required, text } from '../../apimachinery/schema.ts'
import { formatLabelSelector } from '../../apimachinery/selectors.ts'
import { validateCidrField } from '../address-rules.ts'
import { cidrWarnings } from '../address-warnings.ts'
import { mapShared, withDefault, withField } from '../core/sharing.ts'
import { each, invalid, optionalOneOf } from '../core/validation/rules.ts'
import { countGeneration, withGeneration } from '../strategy.ts'

export const IPBlock = object('io.k8s.api.networking.v1.IPBlock', 'Addresses of a range, without some.', {
  cidr: required(1, text, 'The range.'),
  except: optional(2, atomicList(text), 'Ranges within it that are not meant.'),
})
export interface IPBlock extends Infer<typeof IPBlock> {}

export const NetworkPolicyPeer = object(
  'io.k8s.api.networking.v1.NetworkPolicyPeer',
  'Who may be spoken with: pods by labels, or addresses.',
  {
    podSelector: optional(1, LabelSelector, "Labels of pods, in those namespaces or in the policy's own."),
    namespaceSelector: optional(2, LabelSelector, 'Labels of namespaces whose pods are meant.'),
    ipBlock: optional(3, IPBlock, 'A range of addresses; nothing else may be set beside it.'),
  },
)
export interface NetworkPolicyPeer extends Infer<typeof NetworkPolicyPeer> {}

export const NetworkPolicyPort = object('io.k8s.api.networking.v1.NetworkPolicyPort', 'Ports that may be spoken with.', {
  protocol: optional(1, text, 'TCP (the default), UDP or SCTP.', { enum: ['SCTP', 'TCP', 'UDP'] }),
  port: optional(2, intOrString, 'The port, by number or by its name in the pod; every port by default.'),
  endPort: optional(3, int32, 'Last port of a range that begins at port.'),
})
export interface NetworkPolicyPort extends Infer<typeof NetworkPolicyPort> {}

export const NetworkPolicyIngressRule = object(
  'io.k8s.api.networking.v1.NetworkPolicyIngressRule',
  'Traffic that may come in: from these peers to these ports.',
  {
    ports: optional(1, atomicList(NetworkPolicyPort), 'Ports it may come to; all if there is none.'),
    from: optional(2, atomicList(NetworkPolicyPeer), 'Who it may come from; everyone if there is none.'),
  },
)
export interface NetworkPolicyIngressRule extends Infer<typeof NetworkPolicyIngressRule> {}

export const NetworkPolicyEgressRule = object(
  'io.k8s.api.networking.v1.NetworkPolicyEgressRule',
  'Traffic that may go out: to these peers and ports.',
  {
    ports: optional(1, atomicList(NetworkPolicyPort), 'Ports it may go to; all if there is none.'),
    to: optional(2, atomicList(NetworkPolicyPeer), 'Who it may go to; everyone if there is none.'),
  },
)
export interface NetworkPolicyEgressRule extends Infer<typeof NetworkPolicyEgressRule> {}

export const NetworkPolicySpec = object(
  'io.k8s.api.networking.v1.NetworkPolicySpec',
  'Which pods a policy is about, and what traffic it lets through.',
  {
    podSelector: optional(1, LabelSelector, 'Labels of the pods; an empty selector means all of the namespace.'),
    ingress: optional(
      2,
      atomicList(NetworkPolicyIngressRule),
      'Traffic that may come in; none where the policy is about it and this is empty.',
    ),
    egress: optional(
      3,
      atomicList(NetworkPolicyEgressRule),
      'Traffic that may go out; none where the policy is about it and this is empty.',
    ),
    policyTypes: optional(4, atomicList(text), 'Which traffic it is about: Ingress, Egress.', { enum: ['Egress', 'Ingress'] }),
  },
)
export interface NetworkPolicySpec extends Infer<typeof NetworkPolicySpec> {}

export const NetworkPolicy = topLevel('io.k8s.api.networking.v1.NetworkPolicy', 'Which traffic pods may have.', {
  spec: optional(2, NetworkPolicySpec, 'The pods, and what traffic they may have.'),
})
export interface NetworkPolicy extends Infer<typeof NetworkPolicy> {}

export const networkPolicyKind: Kind<NetworkPolicy> = defineKind({
  kind: 'NetworkPolicy',
  resource: 'networkpolicies',
  group: 'networking.k8s.io',
  version: 'v1',
  schema: NetworkPolicy,
  scope: 'Namespaced',
  shortNames: ['netpol'],
  columns: [
    nameColumn,
    {
      name: 'Pod-Selector',
      type: 'string',
      description: 'Labels of the pods that it is about.',
      priority: 0,
      cell: ({ spec }: NetworkPolicy) => formatLabelSelector(spec?.podSelector),
    },
    ageColumn,
  ],
  strategy: {
    applyDefaults: policy => withField(policy, 'spec', withSpecDefaults(policy.spec ?? {})),
    prepareForCreate: policy => withGeneration(policy, 1),
    prepareForUpdate: (policy, old) => countGeneration(policy, old),
    validate: ({ spec }) => validatePolicySpec(spec ?? {}, 'spec', []),
    validateUpdate: ({ spec }, old) => validatePolicySpec(spec ?? {}, 'spec', rangesOf(old.spec ?? {})),
    ratchets: true,
    warnings: ({ spec }) => rangeWarnings(spec ?? {}, 'spec'),
    allowUnconditionalUpdate: true,
  },
})

function withSpecDefaults(given: NetworkPolicySpec): NetworkPolicySpec {
  let spec = given
  if (spec.ingress) spec = withField(spec, 'ingress', mapShared(spec.ingress, withProtocols))
  if (spec.egress) spec = withField(spec, 'egress', mapShared(spec.egress, withProtocols))
  if (spec.policyTypes?.length) return spec
  return { ...spec, policyTypes: spec.egress?.length ? ['Ingress', 'Egress'] : ['Ingress'] }
}

type WithPorts = { readonly ports?: readonly NetworkPolicyPort[] }

const withProtocols = <T extends WithPorts>(rule: T): T =>
  rule.ports ? withField(rule, 'ports', mapShared(rule.ports, port => withDefault(port, 'protocol', 'TCP')) as T['ports']) : rule

const policyTypes = ['Egress', 'Ingress']

/** Ranges that were there `before` may stay as they are written. */
function validatePolicySpec(spec: NetworkPolicySpec, path: string, before: readonly string[]): FieldError[] {
  const checkPeer = (peer: NetworkPolicyPeer, at: string) => validatePeer(peer, at, before)
  const types = spec.policyTypes ?? []
  return [
    ...validateLabelSelector(spec.podSelector, `${path}.podSelector`),
    ...each(spec.ingress, `${path}.ingress`, (rule, at) => [
      ...each(rule.ports, `${at}.ports`, validatePort),
      ...each(rule.from, `${at}.from`, checkPeer),
    ]),
    ...each(spec.egress, `${path}.egress`, (rule, at) => [
      ...each(rule.ports, `${at}.ports`, validatePort),
      ...each(rule.to, `${at}.to`, checkPeer),
    ]),
    ...(types.length > policyTypes.length
      ? [invalidField(`${path}.policyTypes`, types, 'may not specify more than two policyTypes')]
      : each(types, `${path}.policyTypes`, (type, at) => (policyTypes.includes(type) ? [] : [unsupportedField(at, type, policyTypes)]))),
  ]
}

function validatePort({ protocol, port, endPort }: NetworkPolicyPort, path: string): FieldError[] {
  const errors = optionalOneOf(protocol, `${path}.protocol`, ['SCTP', 'TCP', 'UDP'])
  const last = `${path}.endPort`
  if (typeof port === 'number') {
    errors.push(...invalid(`${path}.port`, port, validatePortNumber(port)))
    if (endPort === undefined) return errors
    if (endPort < port) errors.push(invalidField(last, endPort, 'must be greater than or equal to `port`'))
    return [...errors, ...invalid(last, endPort, validatePortNumber(endPort))]
  }
  if (endPort !== undefined) {
    errors.push(
      invalidField(last, endPort, `may not be specified when \`port\` is ${port === undefined ? 'not specified' : 'non-numeric'}`),
    )
  }
  return port === undefined ? errors : [...errors, ...invalid(`${path}.port`, port, validatePortName(port))]
}

function validatePeer(
  { podSelector, namespaceSelector, ipBlock }: NetworkPolicyPeer,
  path: string,
  before: readonly string[],
): FieldError[] {
  const errors = [
    ...validateLabelSelector(podSelector, `${path}.podSelector`),
    ...validateLabelSelector(namespaceSelector, `${path}.namespaceSelector`),
    ...(ipBlock ? validateBlock(ipBlock, `${path}.ipBlock`, before) : []),
  ]
  if (ipBlock && (podSelector || namespaceSelector)) {
    return [...errors, forbiddenField(path, 'may not specify both ipBlock and another peer')]
  }
  return ipBlock || podSelector || namespaceSelector ? errors : [...errors, requiredField(path, 'must specify a peer')]
}

function validateBlock({ cidr, except }: IPBlock, path: string, before: readonly string[]): FieldError[] {
  if (!cidr) return [requiredField(`${path}.cidr`)]
  const errors = validateCidrField(cidr, `${path}.cidr`, before)
  const whole = parseCidrLeniently(cidr)
  if (!whole) return errors
  const outside = each(except, `${path}.except`, (one, at) => {
    const range = parseCidrLeniently(one)
    const isWithin = range !== undefined && cidrContains(whole, range.address) && whole.prefixLength < range.prefixLength
    return [
      ...validateCidrField(one, at, before),
      ...(range && !isWithin ? [invalidField(at, one, 'must be a strict subset of `cidr`')] : []),
    ]
  })
  return [...errors, ...outside]
}

const rangeWarnings = (spec: NetworkPolicySpec, path: string): string[] =>
  blocksOf(spec, path).flatMap(([{ cidr, except }, at]) => [
    ...cidrWarnings(cidr, `${at}.cidr`),
    ...withPaths(except, `${at}.except`).flatMap(([range, rangeAt]) => cidrWarnings(range, rangeAt)),
  ])

const rangesOf = (spec: NetworkPolicySpec): readonly string[] => blocksOf(spec, '').flatMap(([{ cidr, except = [] }]) => [cidr, ...except])

function blocksOf({ ingress, egress }: NetworkPolicySpec, path: string): (readonly [IPBlock, string])[] {
  const peers = [
    ...(ingress ?? []).flatMap(({ from }, index) => withPaths(from, `${path}.ingress[${index}].from`)),
    ...(egress ?? []).flatMap(({ to }, index) => withPaths(to, `${path}.egress[${index}].to`)),
  ]
  return peers.flatMap(([{ ipBlock }, at]) => (ipBlock ? [[ipBlock, `${at}.ipBlock`] as const] : []))
}

const withPaths = <T>(items: readonly T[] | undefined, path: string): (readonly [T, string])[] =>
  (items ?? []).map((item, index) => [item, `${path}[${index}]`])
