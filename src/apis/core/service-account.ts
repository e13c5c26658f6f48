import { ageColumn, defineKind, type Kind, nameColumn, topLevel } from '../../apimachinery/kind.ts'
import { atomicList, boolean, type Infer, keyedList, optional } from '../../apimachinery/schema.ts'
import { TokenRequest } from '../authentication/token-request.ts'
import { LocalObjectReference, ObjectReference } from './references.ts'
import { withField } from './sharing.ts'

export const ServiceAccount = topLevel('io.k8s.api.core.v1.ServiceAccount', 'An identity for the processes in pods.', {
  secrets: optional(2, keyedList(ObjectReference, 'name'), 'Secrets that pods of this account may mount, if the account enforces that.', {
    patchStrategy: 'merge',
    patchMergeKey: 'name',
  }),
  imagePullSecrets: optional(3, atomicList(LocalObjectReference), 'Secrets with registry credentials, given to pods of this account.'),
  automountServiceAccountToken: optional(4, boolean, 'Whether pods of this account get a token mounted; pods may override it.'),
})
export interface ServiceAccount extends Infer<typeof ServiceAccount> {}

export const serviceAccountKind: Kind<ServiceAccount> = defineKind({
  kind: 'ServiceAccount',
  resource: 'serviceaccounts',
  group: '',
  version: 'v1',
  schema: ServiceAccount,
  scope: 'Namespaced',
  answersDeletionWithObject: true,
  shortNames: ['sa'],
  columns: [
    nameColumn,
    {
      name: 'Secrets',
      type: 'string',
      description: 'Number of secrets that pods of this service account may use.',
      priority: 0,
      cell: (serviceAccount: ServiceAccount) => serviceAccount.secrets?.length ?? 0,
    },
    ageColumn,
  ],
  strategy: {
    prepareForCreate: withSecretNames,
    prepareForUpdate: withSecretNames,
    validate: () => [],
    allowUnconditionalUpdate: true,
  },
  subresources: {
    token: {
      group: 'authentication.k8s.io',
      version: 'v1',
      kind: 'TokenRequest',
      verbs: ['create'],
      schema: TokenRequest,
      action: { type: 'handler', handler: 'token' },
    },
  },
})

/** Secrets are of the same namespace, so nothing but their names is kept. */
function withSecretNames(serviceAccount: ServiceAccount): ServiceAccount {
  const secrets = serviceAccount.secrets?.map(({ name }) => ({ name }))
  return withField(serviceAccount, 'secrets', secrets)
}
