/**
 * What an administrator may say about the API server, under upstream's names: as flags of `proa up` and `proa server`,
 * kept in the cluster's configuration, or as options of the library. Files are named by absolute paths.
 */
export interface ApiServerSettings {
  /** Together with the next one, how many requests may be at work at a time. */
  readonly maxRequestsInflight?: number
  readonly maxMutatingRequestsInflight?: number
  /** Names with commas between them; beside those that are on by default. */
  readonly enableAdmissionPlugins?: string
  readonly disableAdmissionPlugins?: string
  readonly authorizationConfig?: string
  /** Node,RBAC by default. */
  readonly authorizationMode?: string
  readonly tokenAuthFile?: string
  /** On unless it is false. */
  readonly enableBootstrapTokenAuth?: boolean
  readonly anonymousAuth?: boolean
  readonly authenticationConfig?: string
  readonly authenticationTokenWebhookConfigFile?: string
  readonly authenticationTokenWebhookVersion?: string
  /** Seconds. */
  readonly authenticationTokenWebhookCacheTtl?: number
  readonly oidcIssuerUrl?: string
  readonly oidcClientId?: string
  readonly oidcCaFile?: string
  readonly oidcUsernameClaim?: string
  readonly oidcUsernamePrefix?: string
  readonly oidcGroupsClaim?: string
  readonly oidcGroupsPrefix?: string
  readonly oidcRequiredClaim?: string
  readonly oidcSigningAlgs?: string
  readonly encryptionProviderConfig?: string
  readonly encryptionProviderConfigAutomaticReload?: boolean
  readonly auditPolicyFile?: string
  /** `-` is the standard output. */
  readonly auditLogPath?: string
  readonly auditLogMode?: string
  readonly auditLogMaxsize?: number
  readonly auditLogMaxbackup?: number
  readonly auditLogMaxage?: number
  readonly auditLogCompress?: boolean
  readonly auditWebhookConfigFile?: string
  readonly auditWebhookBatchMaxSize?: number
  readonly auditWebhookBatchBufferSize?: number
  /** Seconds. */
  readonly auditWebhookBatchMaxWait?: number
}

export interface SettingFlag {
  readonly name: string
  readonly key: keyof ApiServerSettings
  readonly type: 'string' | 'number' | 'boolean'
  /** `FILE` makes paths absolute. */
  readonly value?: string
  readonly choices?: readonly string[]
  readonly description: string
}

export const apiServerFlags: readonly SettingFlag[] = [
  {
    name: 'max-requests-inflight',
    key: 'maxRequestsInflight',
    type: 'number',
    value: 'N',
    description: 'Requests at work at a time (default 400); those that write come on top.',
  },
  {
    name: 'max-mutating-requests-inflight',
    key: 'maxMutatingRequestsInflight',
    type: 'number',
    value: 'N',
    description: 'What comes on top (default 200); priority levels share the sum.',
  },
  {
    name: 'enable-admission-plugins',
    key: 'enableAdmissionPlugins',
    type: 'string',
    value: 'NAMES',
    description: 'Admission plugins to use beside the default ones, with commas between them.',
  },
  {
    name: 'disable-admission-plugins',
    key: 'disableAdmissionPlugins',
    type: 'string',
    value: 'NAMES',
    description: 'Default admission plugins not to use, with commas between them.',
  },
  {
    name: 'authorization-config',
    key: 'authorizationConfig',
    type: 'string',
    value: 'FILE',
    description: 'Who decides what may be done, webhooks too: an AuthorizationConfiguration.',
  },
  {
    name: 'authorization-mode',
    key: 'authorizationMode',
    type: 'string',
    value: 'MODES',
    description: 'Who decides, with commas between them (default Node,RBAC).',
  },
  {
    name: 'token-auth-file',
    key: 'tokenAuthFile',
    type: 'string',
    value: 'FILE',
    description: 'Fixed tokens: token,user,uid,"groups" a line.',
  },
  {
    name: 'enable-bootstrap-token-auth',
    key: 'enableBootstrapTokenAuth',
    type: 'boolean',
    description: 'Whether Secrets of type bootstrap.kubernetes.io/token are tokens (default true).',
  },
  {
    name: 'anonymous-auth',
    key: 'anonymousAuth',
    type: 'boolean',
    description: 'Whether requests without credentials are let through to authorization (default true).',
  },
  {
    name: 'authentication-config',
    key: 'authenticationConfig',
    type: 'string',
    value: 'FILE',
    description: 'Issuers of tokens and anonymous requests: an AuthenticationConfiguration.',
  },
  {
    name: 'authentication-token-webhook-config-file',
    key: 'authenticationTokenWebhookConfigFile',
    type: 'string',
    value: 'FILE',
    description: 'Ask the server of this kubeconfig whose a token is.',
  },
  {
    name: 'authentication-token-webhook-version',
    key: 'authenticationTokenWebhookVersion',
    type: 'string',
    choices: ['v1', 'v1beta1'],
    description: 'Version of the TokenReview that it is sent (default v1beta1).',
  },
  {
    name: 'authentication-token-webhook-cache-ttl',
    key: 'authenticationTokenWebhookCacheTtl',
    type: 'number',
    value: 'SECONDS',
    description: 'How long its answers are believed (default 120).',
  },
  {
    name: 'oidc-issuer-url',
    key: 'oidcIssuerUrl',
    type: 'string',
    value: 'URL',
    description: 'Accept ID tokens of this OpenID Connect issuer.',
  },
  { name: 'oidc-client-id', key: 'oidcClientId', type: 'string', value: 'ID', description: 'For whom its tokens must be.' },
  { name: 'oidc-ca-file', key: 'oidcCaFile', type: 'string', value: 'FILE', description: "Who signed the issuer's certificate." },
  {
    name: 'oidc-username-claim',
    key: 'oidcUsernameClaim',
    type: 'string',
    value: 'CLAIM',
    description: 'The claim with the user name (default sub).',
  },
  {
    name: 'oidc-username-prefix',
    key: 'oidcUsernamePrefix',
    type: 'string',
    value: 'TEXT',
    description: 'What stands before it (default the issuer and #; - for nothing).',
  },
  { name: 'oidc-groups-claim', key: 'oidcGroupsClaim', type: 'string', value: 'CLAIM', description: 'The claim with the groups.' },
  { name: 'oidc-groups-prefix', key: 'oidcGroupsPrefix', type: 'string', value: 'TEXT', description: 'What stands before each group.' },
  {
    name: 'oidc-required-claim',
    key: 'oidcRequiredClaim',
    type: 'string',
    value: 'KEY=VALUE',
    description: 'Claims that tokens must have, with commas between them.',
  },
  {
    name: 'oidc-signing-algs',
    key: 'oidcSigningAlgs',
    type: 'string',
    value: 'NAMES',
    description: 'Accepted algorithms (default RS256).',
  },
  {
    name: 'encryption-provider-config',
    key: 'encryptionProviderConfig',
    type: 'string',
    value: 'FILE',
    description: 'Encrypt values on disk as this EncryptionConfiguration says.',
  },
  {
    name: 'encryption-config',
    key: 'encryptionProviderConfig',
    type: 'string',
    value: 'FILE',
    description: 'The same under a shorter name.',
  },
  {
    name: 'encryption-provider-config-automatic-reload',
    key: 'encryptionProviderConfigAutomaticReload',
    type: 'boolean',
    description: 'Read that file again whenever it changes.',
  },
  {
    name: 'audit-policy-file',
    key: 'auditPolicyFile',
    type: 'string',
    value: 'FILE',
    description: 'What the audit log holds: a Policy of audit.k8s.io/v1.',
  },
  {
    name: 'audit-log-path',
    key: 'auditLogPath',
    type: 'string',
    value: 'FILE',
    description: 'Write audit events there, as lines of JSON.',
  },
  {
    name: 'audit-log-mode',
    key: 'auditLogMode',
    type: 'string',
    choices: ['batch', 'blocking', 'blocking-strict'],
    description: 'Whether requests wait until their audit event is written (default blocking).',
  },
  {
    name: 'audit-log-maxsize',
    key: 'auditLogMaxsize',
    type: 'number',
    value: 'MIB',
    description: 'When an audit log is put aside (default 100).',
  },
  {
    name: 'audit-log-maxbackup',
    key: 'auditLogMaxbackup',
    type: 'number',
    value: 'N',
    description: 'How many old audit logs are kept (default all).',
  },
  {
    name: 'audit-log-maxage',
    key: 'auditLogMaxage',
    type: 'number',
    value: 'DAYS',
    description: 'How long old audit logs are kept (default for ever).',
  },
  { name: 'audit-log-compress', key: 'auditLogCompress', type: 'boolean', description: 'Pack old audit logs with gzip.' },
  {
    name: 'audit-webhook-config-file',
    key: 'auditWebhookConfigFile',
    type: 'string',
    value: 'FILE',
    description: 'Send audit events to the server of this kubeconfig, in batches.',
  },
  {
    name: 'audit-webhook-batch-max-size',
    key: 'auditWebhookBatchMaxSize',
    type: 'number',
    value: 'N',
    description: 'Events in a batch (default 400).',
  },
  {
    name: 'audit-webhook-batch-buffer-size',
    key: 'auditWebhookBatchBufferSize',
    type: 'number',
    value: 'N',
    description: 'Events that may wait for the webhook (default 10000); more are dropped.',
  },
  {
    name: 'audit-webhook-batch-max-wait',
    key: 'auditWebhookBatchMaxWait',
    type: 'number',
    value: 'SECONDS',
    description: 'How long a batch waits to be full (default 30).',
  },
]
