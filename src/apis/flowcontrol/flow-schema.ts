import { ageColumn, defineKind, type Kind, nameColumn, topLevel } from '../../apimachinery/kind.ts'
import { asNameRule, validatePathSegmentName } from '../../apimachinery/names.ts'
import {
  atomicList,
  boolean,
  type Infer,
  int32,
  keyedList,
  object,
  optional,
  required,
  setList,
  text,
  time,
} from '../../apimachinery/schema.ts'
import { none } from '../columns.ts'
import { withDefault, withField } from '../core/sharing.ts'
import { countGeneration, keepMetadata, keepStatus, statusSubresource, withGeneration } from '../strategy.ts'
import { validateFlowSchema } from './flow-schema-validation.ts'

const prefix = 'io.k8s.api.flowcontrol.v1'

export const UserSubject = object(`${prefix}.UserSubject`, 'A user.', { name: required(1, text, 'Name of the user, * for all.') })
export const GroupSubject = object(`${prefix}.GroupSubject`, 'A group of users.', {
  name: required(1, text, 'Name of the group, * for all.'),
})
export const ServiceAccountSubject = object(`${prefix}.ServiceAccountSubject`, 'A service account.', {
  namespace: required(1, text, 'Namespace of the account.'),
  name: required(2, text, 'Name of the account, * for all of the namespace.'),
})

export const Subject = object(`${prefix}.Subject`, 'Somebody whose requests are meant.', {
  kind: required(1, text, 'User, Group or ServiceAccount; the field of that name says which one.'),
  user: optional(2, UserSubject, 'The user, with kind User.'),
  group: optional(3, GroupSubject, 'The group, with kind Group.'),
  serviceAccount: optional(4, ServiceAccountSubject, 'The account, with kind ServiceAccount.'),
})
export interface Subject extends Infer<typeof Subject> {}

export const ResourcePolicyRule = object(`${prefix}.ResourcePolicyRule`, 'Requests about resources.', {
  verbs: required(1, setList(text), 'Verbs, * for all.'),
  apiGroups: required(2, setList(text), 'API groups, * for all.'),
  resources: required(3, setList(text), 'Resources and subresources, such as nodes/status; * for all.'),
  clusterScope: optional(4, boolean, 'Whether requests without a namespace are meant too.'),
  namespaces: optional(5, setList(text), 'Namespaces, * for all.'),
})
export interface ResourcePolicyRule extends Infer<typeof ResourcePolicyRule> {}

export const NonResourcePolicyRule = object(`${prefix}.NonResourcePolicyRule`, 'Requests for paths that are about no resource.', {
  verbs: required(1, setList(text), 'Verbs, * for all.'),
  nonResourceURLs: required(6, setList(text), 'Paths; /* at the end stands for everything below, * alone for all.'),
})
export interface NonResourcePolicyRule extends Infer<typeof NonResourcePolicyRule> {}

export const PolicyRulesWithSubjects = object(`${prefix}.PolicyRulesWithSubjects`, 'Requests of somebody about something.', {
  subjects: required(1, atomicList(Subject), 'Who sends them: one of these.'),
  resourceRules: optional(2, atomicList(ResourcePolicyRule), 'What they are about: one of these,'),
  nonResourceRules: optional(3, atomicList(NonResourcePolicyRule), 'or one of these.'),
})
export interface PolicyRulesWithSubjects extends Infer<typeof PolicyRulesWithSubjects> {}

export const PriorityLevelConfigurationReference = object(`${prefix}.PriorityLevelConfigurationReference`, 'A priority level.', {
  name: required(1, text, 'Name of the PriorityLevelConfiguration.'),
})
export const FlowDistinguisherMethod = object(`${prefix}.FlowDistinguisherMethod`, 'How requests are told apart.', {
  type: required(1, text, 'ByUser, or ByNamespace.'),
})

export const FlowSchemaSpec = object(`${prefix}.FlowSchemaSpec`, 'Which requests are meant, and how they are treated.', {
  priorityLevelConfiguration: required(1, PriorityLevelConfigurationReference, 'The priority level that they belong to.'),
  matchingPrecedence: optional(2, int32, 'Of several schemas that match, the one with the lowest number counts; 1000 by default.', {
    default: 0,
  }),
  distinguisherMethod: optional(3, FlowDistinguisherMethod, 'What makes a flow of its own; without it all are one flow.'),
  rules: optional(4, atomicList(PolicyRulesWithSubjects), 'The requests: those that one of these rules is about.'),
})
export interface FlowSchemaSpec extends Infer<typeof FlowSchemaSpec> {}

export const FlowSchemaCondition = object(`${prefix}.FlowSchemaCondition`, 'One aspect of the state of a flow schema.', {
  type: optional(1, text, 'Name of the condition.'),
  status: optional(2, text, 'True, False or Unknown.'),
  lastTransitionTime: optional(3, time, 'When the status changed last.'),
  reason: optional(4, text, 'Why, in a word for machines.'),
  message: optional(5, text, 'Why, for people.'),
})
export const FlowSchemaStatus = object(`${prefix}.FlowSchemaStatus`, 'What has become of a flow schema.', {
  conditions: optional(1, keyedList(FlowSchemaCondition, 'type'), 'Aspects of its state, one for each type.', {
    patchStrategy: 'merge',
    patchMergeKey: 'type',
  }),
})

export const FlowSchema = topLevel(`${prefix}.FlowSchema`, 'Says which requests to the API server belong to which priority level.', {
  spec: optional(2, FlowSchemaSpec, 'Which requests are meant.'),
  status: optional(3, FlowSchemaStatus, 'What has become of it; written by the system.'),
})
export interface FlowSchema extends Infer<typeof FlowSchema> {}

const dangling = (schema: FlowSchema) => schema.status?.conditions?.find(({ type }) => type === 'Dangling')?.status ?? '?'

export const flowSchemaKind: Kind<FlowSchema> = defineKind({
  kind: 'FlowSchema',
  resource: 'flowschemas',
  group: 'flowcontrol.apiserver.k8s.io',
  version: 'v1',
  schema: FlowSchema,
  scope: 'Cluster',
  columns: [
    nameColumn,
    {
      name: 'PriorityLevel',
      type: 'string',
      description: 'The priority level that matching requests belong to.',
      priority: 0,
      cell: ({ spec }: FlowSchema) => spec?.priorityLevelConfiguration?.name ?? '',
    },
    {
      name: 'MatchingPrecedence',
      type: 'string',
      description: 'The lowest number of those that match counts.',
      priority: 0,
      cell: ({ spec }: FlowSchema) => spec?.matchingPrecedence ?? 0,
    },
    {
      name: 'DistinguisherMethod',
      type: 'string',
      description: 'What makes a flow of its own.',
      priority: 0,
      cell: ({ spec }: FlowSchema) => spec?.distinguisherMethod?.type ?? none,
    },
    ageColumn,
    { name: 'MissingPL', type: 'string', description: 'Whether its priority level is missing.', priority: 0, cell: dangling },
  ],
  strategy: {
    applyDefaults: schema => (schema.spec ? withField(schema, 'spec', withDefault(schema.spec, 'matchingPrecedence', 1000)) : schema),
    prepareForCreate: schema => withGeneration({ ...schema, status: {} }, 1),
    prepareForUpdate: (schema, old) => countGeneration(keepStatus(schema, old), old),
    validate: validateFlowSchema,
    allowUnconditionalUpdate: true,
    validateName: asNameRule(validatePathSegmentName),
  },
  subresources: { status: statusSubresource<FlowSchema>('FlowSchema', undefined, keepMetadata) },
})
