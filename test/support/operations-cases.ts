/** One kind, as the conformance programme fills it in, and what is particular about its operations. */
export interface OperationsCase {
  /** `networking.k8s.io/v1/ingresses`, `v1/configmaps`. */
  readonly resource: string
  readonly kind: string
  readonly cluster?: boolean
  readonly body: object | ((index: number) => object)
  /** Where the kind takes only names of one form. */
  readonly names?: readonly [string, string, string]
  /** A merge patch of the status, where there is one. */
  readonly status?: object
  /** Whether a write of status leaves labels and annotations as they were. */
  readonly statusKeepsMetadata?: boolean
  /** Whether the answer to a deletion is the object, not a Status. */
  readonly deletionAnswersObject?: boolean
}

const condition = { type: 'Tested', status: 'True', reason: 'Test', message: 'm', lastTransitionTime: '2026-01-01T00:00:00Z' }
const conditions = { conditions: [condition] }
const failurePolicy = 'Ignore'
const rules = [{ operations: ['CREATE'], apiGroups: ['nowhere.example.com'], apiVersions: ['v1'], resources: ['nothings'] }]
const clientConfig = { url: 'https://127.0.0.1:1/x' }
const webhooks = [{ name: 'w.example.com', clientConfig, rules, failurePolicy, sideEffects: 'None', admissionReviewVersions: ['v1'] }]
const deviceRequest = { name: 'req-0', exactly: { deviceClassName: 'none' } }

export const operationsCases: readonly OperationsCase[] = [
  { resource: 'v1/configmaps', kind: 'ConfigMap', body: { data: { a: 'b' } } },
  { resource: 'v1/secrets', kind: 'Secret', body: { data: { a: 'Yg==' }, type: 'Opaque' } },
  { resource: 'v1/serviceaccounts', kind: 'ServiceAccount', body: {}, deletionAnswersObject: true },
  { resource: 'v1/endpoints', kind: 'Endpoints', body: { subsets: [{ addresses: [{ ip: '10.0.0.24' }], ports: [{ port: 80 }] }] } },
  {
    resource: 'v1/limitranges',
    kind: 'LimitRange',
    body: { spec: { limits: [{ type: 'Pod', max: { cpu: '500', memory: '500Gi' } }] } },
  },
  {
    resource: 'v1/resourcequotas',
    kind: 'ResourceQuota',
    body: { spec: { hard: { 'requests.example.com/none': '2' } } },
    status: { hard: { 'requests.example.com/none': '2' } },
    deletionAnswersObject: true,
  },
  {
    resource: 'v1/services',
    kind: 'Service',
    body: { spec: { type: 'LoadBalancer', ports: [{ port: 80, targetPort: 80, protocol: 'TCP', name: 'http' }] } },
    status: { loadBalancer: { ingress: [{ ip: '203.0.113.1', ipMode: 'VIP' }] } },
    deletionAnswersObject: true,
  },
  {
    resource: 'v1/persistentvolumeclaims',
    kind: 'PersistentVolumeClaim',
    body: { spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'none', resources: { requests: { storage: '1Gi' } } } },
    status: conditions,
    deletionAnswersObject: true,
  },
  {
    resource: 'v1/persistentvolumes',
    kind: 'PersistentVolume',
    cluster: true,
    body: {
      spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'pv', capacity: { storage: '1Gi' }, hostPath: { path: '/tmp/data' } },
    },
    status: { message: 'seen', reason: 'Test' },
    deletionAnswersObject: true,
  },
  {
    resource: 'v1/nodes',
    kind: 'Node',
    cluster: true,
    body: { spec: { unschedulable: true } },
    status: { capacity: { 'example.com/ship': '3' } },
  },
  {
    resource: 'v1/events',
    kind: 'Event',
    body: {
      involvedObject: { namespace: 'default' },
      message: 'This is a test event',
      reason: 'Test',
      type: 'Normal',
      source: { component: 'e2e' },
      count: 1,
    },
  },
  {
    resource: 'events.k8s.io/v1/events',
    kind: 'Event',
    body: {
      eventTime: '2026-01-01T00:00:00.000000Z',
      reportingController: 'test-controller',
      reportingInstance: 'test-node',
      action: 'Do',
      reason: 'Test',
      type: 'Normal',
      regarding: { namespace: 'default' },
    },
  },
  {
    resource: 'discovery.k8s.io/v1/endpointslices',
    kind: 'EndpointSlice',
    body: { addressType: 'IPv4', endpoints: [{ addresses: ['1.2.3.4', '5.6.7.8'] }], ports: [] },
  },
  {
    resource: 'networking.k8s.io/v1/ingresses',
    kind: 'Ingress',
    body: {
      spec: {
        defaultBackend: { service: { name: 'default-backend', port: { number: 8080 } } },
        rules: [
          {
            host: 'rulehost',
            http: {
              paths: [{ path: '/path', pathType: 'Prefix', backend: { service: { name: 'path-backend', port: { number: 8080 } } } }],
            },
          },
        ],
        tls: [{ hosts: ['tlshost'], secretName: 'tlssecret' }],
      },
    },
    status: { loadBalancer: { ingress: [{ ip: '169.1.1.1' }] } },
  },
  {
    resource: 'networking.k8s.io/v1/ingressclasses',
    kind: 'IngressClass',
    cluster: true,
    body: { spec: { controller: 'e2e.example.com/controller' } },
  },
  { resource: 'networking.k8s.io/v1/networkpolicies', kind: 'NetworkPolicy', body: { spec: { podSelector: {} } } },
  {
    resource: 'networking.k8s.io/v1/ipaddresses',
    kind: 'IPAddress',
    cluster: true,
    names: ['192.0.2.1', '192.0.2.2', '192.0.2.3'],
    body: { spec: { parentRef: { group: '', resource: 'services', name: 'none', namespace: 'default' } } },
  },
  {
    resource: 'networking.k8s.io/v1/servicecidrs',
    kind: 'ServiceCIDR',
    cluster: true,
    body: index => ({ spec: { cidrs: [`198.51.${100 + index}.0/24`] } }),
    status: conditions,
    statusKeepsMetadata: true,
    // Its controller looks first whether an address needs it.
    deletionAnswersObject: true,
  },
  { resource: 'coordination.k8s.io/v1/leases', kind: 'Lease', body: { spec: { holderIdentity: 'holder', leaseDurationSeconds: 30 } } },
  { resource: 'node.k8s.io/v1/runtimeclasses', kind: 'RuntimeClass', cluster: true, body: { handler: 'e2e-fake-handler' } },
  { resource: 'scheduling.k8s.io/v1/priorityclasses', kind: 'PriorityClass', cluster: true, body: { value: 7 } },
  {
    resource: 'storage.k8s.io/v1/storageclasses',
    kind: 'StorageClass',
    cluster: true,
    body: { provisioner: 'e2e-fake-provisioner' },
    deletionAnswersObject: true,
  },
  {
    resource: 'storage.k8s.io/v1/csidrivers',
    kind: 'CSIDriver',
    cluster: true,
    body: { spec: { volumeLifecycleModes: ['Ephemeral'] } },
    deletionAnswersObject: true,
  },
  {
    resource: 'storage.k8s.io/v1/csinodes',
    kind: 'CSINode',
    cluster: true,
    body: { spec: { drivers: [{ name: 'e2e.example.com', nodeID: 'n' }] } },
    deletionAnswersObject: true,
  },
  {
    resource: 'storage.k8s.io/v1/csistoragecapacities',
    kind: 'CSIStorageCapacity',
    body: { storageClassName: 'e2e', nodeTopology: { matchLabels: { a: 'b' } }, capacity: '1Gi' },
  },
  {
    resource: 'storage.k8s.io/v1/volumeattachments',
    kind: 'VolumeAttachment',
    cluster: true,
    body: { spec: { attacher: 'e2e.example.com', nodeName: 'no-node', source: { persistentVolumeName: 'none' } } },
    status: { attached: true },
    statusKeepsMetadata: true,
    deletionAnswersObject: true,
  },
  {
    resource: 'storage.k8s.io/v1/volumeattributesclasses',
    kind: 'VolumeAttributesClass',
    cluster: true,
    body: { driverName: 'e2e-fake-csi-driver', parameters: { a: 'b' } },
    deletionAnswersObject: true,
  },
  {
    resource: 'rbac.authorization.k8s.io/v1/roles',
    kind: 'Role',
    body: { rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }] },
  },
  {
    resource: 'rbac.authorization.k8s.io/v1/rolebindings',
    kind: 'RoleBinding',
    body: {
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
      subjects: [{ kind: 'ServiceAccount', name: 'x', namespace: 'default' }],
    },
  },
  { resource: 'rbac.authorization.k8s.io/v1/clusterroles', kind: 'ClusterRole', cluster: true, body: { rules: [] } },
  {
    resource: 'rbac.authorization.k8s.io/v1/clusterrolebindings',
    kind: 'ClusterRoleBinding',
    cluster: true,
    body: { roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' } },
  },
  {
    resource: 'flowcontrol.apiserver.k8s.io/v1/flowschemas',
    kind: 'FlowSchema',
    cluster: true,
    body: {
      spec: {
        matchingPrecedence: 10000,
        priorityLevelConfiguration: { name: 'global-default' },
        distinguisherMethod: { type: 'ByUser' },
        rules: [
          {
            subjects: [{ kind: 'User', user: { name: 'example-e2e-non-existent-user' } }],
            nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
          },
        ],
      },
    },
    status: conditions,
    statusKeepsMetadata: true,
  },
  {
    resource: 'flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations',
    kind: 'PriorityLevelConfiguration',
    cluster: true,
    body: { spec: { type: 'Limited', limited: { nominalConcurrencyShares: 2, limitResponse: { type: 'Reject' } } } },
    status: conditions,
    statusKeepsMetadata: true,
  },
  {
    resource: 'admissionregistration.k8s.io/v1/validatingwebhookconfigurations',
    kind: 'ValidatingWebhookConfiguration',
    cluster: true,
    body: { webhooks },
  },
  {
    resource: 'admissionregistration.k8s.io/v1/mutatingwebhookconfigurations',
    kind: 'MutatingWebhookConfiguration',
    cluster: true,
    body: { webhooks },
  },
  {
    resource: 'admissionregistration.k8s.io/v1/validatingadmissionpolicies',
    kind: 'ValidatingAdmissionPolicy',
    cluster: true,
    body: { spec: { matchConstraints: { resourceRules: rules }, validations: [{ expression: 'object.spec.replicas <= 100' }] } },
    status: conditions,
    statusKeepsMetadata: true,
  },
  {
    resource: 'admissionregistration.k8s.io/v1/validatingadmissionpolicybindings',
    kind: 'ValidatingAdmissionPolicyBinding',
    cluster: true,
    body: { spec: { policyName: 'none', validationActions: ['Deny'] } },
  },
  {
    resource: 'admissionregistration.k8s.io/v1/mutatingadmissionpolicies',
    kind: 'MutatingAdmissionPolicy',
    cluster: true,
    body: {
      spec: {
        matchConstraints: { resourceRules: rules },
        failurePolicy,
        reinvocationPolicy: 'Never',
        mutations: [
          { patchType: 'ApplyConfiguration', applyConfiguration: { expression: 'Object{metadata: Object.metadata{labels: {"a": "b"}}}' } },
        ],
      },
    },
  },
  {
    resource: 'admissionregistration.k8s.io/v1/mutatingadmissionpolicybindings',
    kind: 'MutatingAdmissionPolicyBinding',
    cluster: true,
    body: { spec: { policyName: 'none' } },
  },
  {
    resource: 'resource.k8s.io/v1/deviceclasses',
    kind: 'DeviceClass',
    cluster: true,
    body: { spec: { selectors: [{ cel: { expression: 'device.driver == "e2e"' } }] } },
    deletionAnswersObject: true,
  },
  {
    resource: 'resource.k8s.io/v1/resourceclaims',
    kind: 'ResourceClaim',
    body: { spec: { devices: { requests: [deviceRequest] } } },
    status: {
      allocation: {
        devices: { results: [{ request: 'req-0', driver: 'dra.example.com', pool: 'pool', device: 'dev-0' }] },
      },
    },
    statusKeepsMetadata: true,
    deletionAnswersObject: true,
  },
  {
    resource: 'resource.k8s.io/v1/resourceclaimtemplates',
    kind: 'ResourceClaimTemplate',
    body: { spec: { spec: { devices: { requests: [deviceRequest] } } } },
    deletionAnswersObject: true,
  },
  {
    resource: 'resource.k8s.io/v1/resourceslices',
    kind: 'ResourceSlice',
    cluster: true,
    body: {
      spec: {
        driver: 'dra.example.com',
        nodeName: 'no-node',
        pool: { name: 'cell-block', resourceSliceCount: 1 },
        devices: [{ name: 'cell-1' }],
      },
    },
    deletionAnswersObject: true,
  },
  {
    resource: 'apiregistration.k8s.io/v1/apiservices',
    kind: 'APIService',
    cluster: true,
    names: ['v1.one.example.com', 'v1.two.example.com', 'v1.three.example.com'],
    body: index => ({
      spec: {
        group: `${['one', 'two', 'three'][index]}.example.com`,
        version: 'v1',
        service: { name: 'none', namespace: 'default' },
        insecureSkipTLSVerify: true,
        groupPriorityMinimum: 1000,
        versionPriority: 10,
      },
    }),
    status: { conditions: [condition] },
    statusKeepsMetadata: true,
  },
]
