/**
 * What an administrator may say about the API server, under upstream's names: as flags of `proa up` and `proa server`,
 * kept in the cluster's configuration, or as options of the library. Files are named by absolute paths.
 */
export interface ApiServerSettings {
  /** Names with commas between them; beside those that are on by default. */
  readonly enableAdmissionPlugins?: string
  readonly disableAdmissionPlugins?: string
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
