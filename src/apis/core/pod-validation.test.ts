import assert from 'node:assert/strict'
import { test } from 'node:test'
import { applyPodTemplateDefaults, validatePodTemplate } from './pod/index.ts'
import { type Change, changed, createPod, decodePod, texts } from './pod.test-support.ts'
import { podKind } from './pod.ts'

const label =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
const subdomain =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
const qualifiedName =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
const ipAddress = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'

type Case = readonly [change: Change, ...errors: string[]]

/** Wrong containers: what is set in the first container, and the errors below its path. */
const containerCases: readonly Case[] = [
  [{ name: '' }, 'name: Required value'],
  [{ name: 'App' }, `name: Invalid value: "App": ${label}`],
  [{ image: '' }, 'image: Required value'],
  [{ image: ' app' }, 'image: Invalid value: " app": must not have leading or trailing whitespace'],
  [{ imagePullPolicy: 'Maybe' }, 'imagePullPolicy: Unsupported value: "Maybe": supported values: "Always", "IfNotPresent", "Never"'],
  [{ restartPolicy: 'Maybe' }, 'restartPolicy: Unsupported value: "Maybe": supported values: "Always", "Never", "OnFailure"'],
  [
    { restartPolicyRules: [{ action: 'Restart', exitCodes: { operator: 'In', values: [3] } }] },
    'restartPolicy: Required value: must specify restartPolicy when restart rules are used',
  ],
  [
    { restartPolicy: 'Never', restartPolicyRules: [{ action: 'Restart' }] },
    'restartPolicyRules[0].exitCodes: Required value: must be specified',
  ],
  // Ports
  [{ ports: [{}] }, 'ports[0].containerPort: Required value'],
  [{ ports: [{ containerPort: 65536 }] }, 'ports[0].containerPort: Invalid value: 65536: must be between 1 and 65535, inclusive'],
  [{ ports: [{ containerPort: 1, hostPort: 70000 }] }, 'ports[0].hostPort: Invalid value: 70000: must be between 1 and 65535, inclusive'],
  [{ ports: [{ containerPort: 1, hostIP: 'here' }] }, `ports[0].hostIP: Invalid value: "here": ${ipAddress}`],
  [
    {
      ports: [
        { containerPort: 1, name: 'a' },
        { containerPort: 2, name: 'a' },
      ],
    },
    'ports[1].name: Duplicate value: "a"',
  ],
  [
    {
      ports: [
        { containerPort: 1, hostPort: 8080 },
        { containerPort: 2, hostPort: 8080 },
      ],
    },
    'ports[1].hostPort: Duplicate value: "TCP//8080"',
  ],
  // Environment
  [{ env: [{ value: 'x' }] }, 'env[0].name: Required value'],
  [
    { env: [{ name: 'A', valueFrom: {} }] },
    'env[0].valueFrom: Invalid value: "": must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`',
  ],
  [
    { env: [{ name: 'A', value: 'x', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }] },
    'env[0].valueFrom: Invalid value: "": may not be specified when `value` is not empty',
  ],
  [
    { env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'c', key: 'k' }, secretKeyRef: { name: 's', key: 'k' } } }] },
    'env[0].valueFrom: Invalid value: "": may not have more than one field specified at a time',
  ],
  [
    { env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.labels' } } }] },
    'env[0].valueFrom.fieldRef.fieldPath: Unsupported value: "metadata.labels": supported values: "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"',
  ],
  [
    { env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'spec.unknown' } } }] },
    'env[0].valueFrom.fieldRef.fieldPath: Invalid value: "spec.unknown": error converting fieldPath: field label not supported: spec.unknown',
  ],
  [
    { env: [{ name: 'A', valueFrom: { fieldRef: { apiVersion: 'v2', fieldPath: 'metadata.name' } } }] },
    'env[0].valueFrom.fieldRef.fieldPath: Invalid value: "metadata.name": error converting fieldPath: unsupported pod version: v2',
  ],
  [
    { env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: "metadata.labels['a b']" } } }] },
    `env[0].valueFrom.fieldRef: Invalid value: "a b": ${qualifiedName}`,
  ],
  [
    { env: [{ name: 'A', valueFrom: { resourceFieldRef: { resource: 'limits.disk' } } }] },
    'env[0].valueFrom.resourceFieldRef.resource: Unsupported value: "limits.disk": supported values: "limits.cpu", "limits.ephemeral-storage", "limits.memory", "requests.cpu", "requests.ephemeral-storage", "requests.memory"',
  ],
  [
    { env: [{ name: 'A', valueFrom: { resourceFieldRef: { resource: 'limits.cpu', divisor: '10m' } } }] },
    'env[0].valueFrom.resourceFieldRef.divisor: Invalid value: "limits.cpu": only divisor\'s values 1m and 1 are supported with the cpu resource',
  ],
  [
    { env: [{ name: 'A', valueFrom: { resourceFieldRef: { resource: 'limits.memory', divisor: '3' } } }] },
    'env[0].valueFrom.resourceFieldRef.divisor: Invalid value: "limits.memory": only divisor\'s values 1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei are supported with the memory resource',
  ],
  [{ env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'c' } } }] }, 'env[0].valueFrom.configMapKeyRef.key: Required value'],
  [
    { env: [{ name: 'A', valueFrom: { secretKeyRef: { key: 'k' } } }] },
    `env[0].valueFrom.secretKeyRef.name: Invalid value: "": ${subdomain}`,
  ],
  [
    { env: [{ name: 'A', valueFrom: { fileKeyRef: { volumeName: 'v', path: '../x', key: 'K' } } }] },
    'env[0].valueFrom.fileKeyRef.path: Invalid value: "../x": must not contain \'..\'',
  ],
  [{ envFrom: [{ prefix: 'P_' }] }, 'envFrom: Invalid value: "": must specify one of: `configMapRef` or `secretRef`'],
  [{ envFrom: [{ configMapRef: {} }] }, 'envFrom[0].configMapRef.name: Required value'],
  [{ envFrom: [{ secretRef: { name: 'S' } }] }, `envFrom[0].secretRef.name: Invalid value: "S": ${subdomain}`],
  [
    { envFrom: [{ configMapRef: { name: 'c' }, secretRef: { name: 's' } }] },
    'envFrom: Invalid value: "": may not have more than one field specified at a time',
  ],
  // Mounts; the pod has a volume `data` and a claim `disk`.
  [{ volumeMounts: [{ mountPath: '/x' }] }, 'volumeMounts[0].name: Required value', 'volumeMounts[0].name: Not found: ""'],
  [{ volumeMounts: [{ name: 'gone', mountPath: '/x' }] }, 'volumeMounts[0].name: Not found: "gone"'],
  [{ volumeMounts: [{ name: 'data' }] }, 'volumeMounts[0].mountPath: Required value'],
  [
    {
      volumeMounts: [
        { name: 'data', mountPath: '/x' },
        { name: 'data', mountPath: '/x' },
      ],
    },
    'volumeMounts[1].mountPath: Invalid value: "/x": must be unique',
  ],
  [
    { volumeMounts: [{ name: 'data', mountPath: '/x', subPath: '/a' }] },
    'volumeMounts.subPath: Invalid value: "/a": must be a relative path',
  ],
  [
    { volumeMounts: [{ name: 'data', mountPath: '/x', subPath: 'a', subPathExpr: 'b' }] },
    'volumeMounts[0].subPathExpr: Invalid value: "b": subPathExpr and subPath are mutually exclusive',
  ],
  [
    { volumeMounts: [{ name: 'data', mountPath: '/x', mountPropagation: 'Up' }] },
    'volumeMounts.mountPropagation: Unsupported value: "Up": supported values: "Bidirectional", "HostToContainer", "None"',
  ],
  [
    { volumeMounts: [{ name: 'data', mountPath: '/x', mountPropagation: 'Bidirectional' }] },
    'volumeMounts.mountPropagation: Forbidden: Bidirectional mount propagation is available only to privileged containers',
  ],
  [
    { volumeMounts: [{ name: 'data', mountPath: '/x', recursiveReadOnly: 'Enabled' }] },
    'volumeMounts.recursiveReadOnly: Forbidden: may only be specified when readOnly is true',
  ],
  [
    { volumeMounts: [{ name: 'disk', mountPath: '/x' }], volumeDevices: [{ name: 'disk', devicePath: '/dev/x' }] },
    'volumeMounts[0].name: Invalid value: "disk": must not already exist in volumeDevices',
    'volumeDevices[0].name: Invalid value: "disk": must not already exist in volumeMounts',
  ],
  [
    { volumeDevices: [{ name: 'data', devicePath: '/dev/x' }] },
    'volumeDevices[0].name: Invalid value: "data": can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode',
  ],
  [
    { volumeDevices: [{ name: 'disk', devicePath: '/dev/../x' }] },
    'volumeDevices[0].devicePath: Invalid value: "/dev/../x": can not contain backsteps (\'..\')',
  ],
  // Probes and hooks
  [{ livenessProbe: {} }, 'livenessProbe: Required value: must specify a handler type'],
  [
    { livenessProbe: { exec: { command: ['x'] }, tcpSocket: { port: 1 } } },
    'livenessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type',
  ],
  [{ livenessProbe: { exec: {} } }, 'livenessProbe.exec.command: Required value'],
  [{ livenessProbe: { tcpSocket: { port: 0 } } }, 'livenessProbe.tcpSocket.port: Invalid value: 0: must be between 1 and 65535, inclusive'],
  [{ livenessProbe: { grpc: { port: 70000 } } }, 'livenessProbe.grpc.port: Invalid value: 70000: must be between 1 and 65535, inclusive'],
  [
    { livenessProbe: { httpGet: { port: 1, scheme: 'FTP' } } },
    'livenessProbe.httpGet.scheme: Unsupported value: "FTP": supported values: "HTTP", "HTTPS"',
  ],
  [
    { livenessProbe: { tcpSocket: { port: 1 }, initialDelaySeconds: -1 } },
    'livenessProbe.initialDelaySeconds: Invalid value: -1: must be greater than or equal to 0',
  ],
  [{ livenessProbe: { tcpSocket: { port: 1 }, successThreshold: 2 } }, 'livenessProbe.successThreshold: Invalid value: 2: must be 1'],
  [{ startupProbe: { tcpSocket: { port: 1 }, successThreshold: 2 } }, 'startupProbe.successThreshold: Invalid value: 2: must be 1'],
  [
    { startupProbe: { tcpSocket: { port: 1 }, terminationGracePeriodSeconds: 0 } },
    'startupProbe.terminationGracePeriodSeconds: Invalid value: 0: must be greater than 0',
  ],
  [
    { readinessProbe: { tcpSocket: { port: 1 }, terminationGracePeriodSeconds: 5 } },
    'readinessProbe.terminationGracePeriodSeconds: Invalid value: 5: must not be set for readinessProbes',
  ],
  [
    { lifecycle: { preStop: { sleep: { seconds: 31 } } } },
    'lifecycle.preStop.sleep: Invalid value: 31: must be non-negative and less than terminationGracePeriodSeconds (30)',
  ],
  [{ lifecycle: { postStart: {} } }, 'lifecycle.postStart: Required value: must specify a handler type'],
  [{ lifecycle: { stopSignal: 'SIGUSR1' } }, 'lifecycle.stopSignal: Forbidden: may not be set for containers with empty `spec.os.name`'],
  // Resources
  [
    { resources: { limits: { cpu: '-1' } } },
    'resources.limits[cpu]: Invalid value: "-1": must be greater than or equal to 0',
    'resources.requests[cpu]: Invalid value: "-1": must be greater than or equal to 0',
  ],
  [
    { resources: { limits: { cpu: '1' }, requests: { cpu: '2' } } },
    'resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1',
  ],
  [
    { resources: { requests: { disk: '1' } } },
    'resources.requests[disk]: Invalid value: "disk": must be a standard resource type or fully qualified',
    'resources.requests[disk]: Invalid value: "disk": must be a standard resource for containers',
  ],
  [
    { resources: { requests: { pods: '1' } } },
    'resources.requests[pods]: Invalid value: "pods": must be a standard resource for containers',
  ],
  [
    { resources: { requests: { 'example.com/gpu': '1' } } },
    'resources.limits: Required value: Limit must be set for non overcommitable resources',
  ],
  [
    { resources: { limits: { 'example.com/gpu': '2' }, requests: { 'example.com/gpu': '1' } } },
    'resources.requests: Invalid value: "1": must be equal to example.com/gpu limit of 2',
  ],
  [
    { resources: { limits: { 'example.com/gpu': '500m' } } },
    'resources.limits[example.com/gpu]: Invalid value: "500m": must be an integer',
    'resources.requests[example.com/gpu]: Invalid value: "500m": must be an integer',
  ],
  [{ resources: { limits: { 'hugepages-2Mi': '4Mi' } } }, 'resources: Forbidden: HugePages require cpu or memory'],
  [
    { resources: { limits: { cpu: '1', 'hugepages-2Mi': '3Mi' } } },
    'resources.limits[hugepages-2Mi]: Invalid value: "3Mi": 3Mi is not positive integer multiple of hugepages-2Mi',
    'resources.requests[hugepages-2Mi]: Invalid value: "3Mi": 3Mi is not positive integer multiple of hugepages-2Mi',
  ],
  [
    { resources: { claims: [{ name: 'gpu' }] } },
    'resources.claims[0]: Not found: "gpu": must be one of the names in pod.spec.resourceClaims which is empty',
  ],
  [
    { resizePolicy: [{ resourceName: 'disk', restartPolicy: 'NotRequired' }] },
    'resizePolicy: Unsupported value: "disk": supported values: "cpu", "memory"',
  ],
  [
    { resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'Maybe' }] },
    'resizePolicy: Unsupported value: "Maybe": supported values: "NotRequired", "RestartContainer"',
  ],
  // Security
  [{ securityContext: { runAsUser: -1 } }, 'securityContext.runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive'],
  [{ securityContext: { runAsGroup: -1 } }, 'securityContext.runAsGroup: Invalid value: -1: must be between 0 and 2147483647, inclusive'],
  [
    { securityContext: { procMount: 'None' } },
    'securityContext.procMount: Unsupported value: "None": supported values: "Default", "Unmasked"',
  ],
  [
    { securityContext: { procMount: 'Unmasked' } },
    'securityContext.procMount: Invalid value: "Unmasked": `hostUsers` must be false to use `Unmasked`',
  ],
  [
    { securityContext: { privileged: true, allowPrivilegeEscalation: false } },
    'securityContext: Invalid value: {"privileged":true,"allowPrivilegeEscalation":false}: cannot set `allowPrivilegeEscalation` to false and `privileged` to true',
  ],
  [
    { securityContext: { capabilities: { add: ['CAP_SYS_ADMIN'] }, allowPrivilegeEscalation: false } },
    'securityContext: Invalid value: {"capabilities":{"add":["CAP_SYS_ADMIN"]},"allowPrivilegeEscalation":false}: cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN',
  ],
  [
    { securityContext: { seccompProfile: {} } },
    'securityContext.seccompProfile.type: Required value: type is required when seccompProfile is set',
  ],
  [
    { securityContext: { seccompProfile: { type: 'Localhost' } } },
    'securityContext.seccompProfile.localhostProfile: Required value: must be set when seccomp type is Localhost',
  ],
  [
    { securityContext: { appArmorProfile: { type: 'Unconfined', localhostProfile: 'x' } } },
    'securityContext.appArmorProfile.localhostProfile: Invalid value: "x": can only be set when AppArmor type is Localhost',
  ],
  [
    { securityContext: { windowsOptions: { runAsUserName: '' } } },
    'securityContext.windowsOptions.runAsUserName: Invalid value: "": runAsUserName cannot be an empty string',
  ],
  [
    { terminationMessagePolicy: 'Maybe' },
    'terminationMessagePolicy: Unsupported value: "Maybe": supported values: "FallbackToLogsOnError", "File"',
  ],
]

/** Wrong volumes: the source, and the errors below the volume's path. */
const volumeCases: readonly Case[] = [
  [{ emptyDir: { sizeLimit: '-1' } }, 'emptyDir.sizeLimit: Forbidden: SizeLimit field must be a valid resource quantity'],
  [{ emptyDir: {}, hostPath: { path: '/x' } }, 'hostPath: Forbidden: may not specify more than 1 volume type'],
  [{ hostPath: {} }, 'hostPath.path: Required value'],
  [{ hostPath: { path: '/a/../b' } }, 'hostPath.path: Invalid value: "/a/../b": must not contain \'..\''],
  [
    { hostPath: { path: '/a', type: 'Thing' } },
    'hostPath.type: Unsupported value: "Thing": supported values: "", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"',
  ],
  [{ secret: {} }, 'secret.secretName: Required value'],
  [
    { secret: { secretName: 's', defaultMode: 0o1000 } },
    'secret.defaultMode: Invalid value: 512: must be a number between 0 and 0777 (octal), both inclusive',
  ],
  [{ secret: { secretName: 's', items: [{ path: 'p' }] } }, 'secret.items[0].key: Required value'],
  [{ configMap: {} }, 'configMap.name: Required value'],
  [
    { configMap: { name: 'c', items: [{ key: 'k', path: '..x' }] } },
    'configMap.items[0].path: Invalid value: "..x": must not start with \'..\'',
  ],
  [
    { configMap: { name: 'c', items: [{ key: 'k', path: '/x', mode: -1 }] } },
    'configMap.items[0].path: Invalid value: "/x": must be a relative path',
    'configMap.items[0].mode: Invalid value: -1: must be a number between 0 and 0777 (octal), both inclusive',
  ],
  [{ persistentVolumeClaim: {} }, 'persistentVolumeClaim.claimName: Required value'],
  [{ downwardAPI: { items: [{ path: 'p' }] } }, 'downwardAPI: Required value: one of fieldRef and resourceFieldRef is required'],
  [
    { downwardAPI: { items: [{ path: 'p', resourceFieldRef: { resource: 'limits.cpu' } }] } },
    'downwardAPI.resourceFieldRef.containerName: Required value',
  ],
  [
    { downwardAPI: { items: [{ path: 'p', fieldRef: { fieldPath: 'status.podIP' } }] } },
    'downwardAPI.fieldRef.fieldPath: Unsupported value: "status.podIP": supported values: "metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid"',
  ],
  [{ projected: { sources: [{ secret: {} }] } }, 'projected.sources[0].secret.name: Required value'],
  [
    { projected: { sources: [{ secret: { name: 's' }, configMap: { name: 'c' } }] } },
    'projected.sources[0]: Forbidden: may not specify more than 1 volume type per source',
  ],
  [
    {
      projected: {
        sources: [
          { secret: { name: 's', items: [{ key: 'a', path: 'p' }] } },
          { configMap: { name: 'c', items: [{ key: 'b', path: 'p' }] } },
        ],
      },
    },
    'projected: Invalid value: "c": conflicting duplicate paths',
  ],
  [
    { projected: { sources: [{ serviceAccountToken: { path: 't', expirationSeconds: 60 } }] } },
    'projected.sources[0].serviceAccountToken.expirationSeconds: Invalid value: 60: may not specify a duration less than 10 minutes',
  ],
  [{ projected: { sources: [{ serviceAccountToken: {} }] } }, 'projected.path: Required value'],
  [
    { projected: { sources: [{ clusterTrustBundle: { path: 'p' } }] } },
    'projected.sources[0].clusterTrustBundle: Required value: either name or signerName must be specified',
  ],
  [{ nfs: { server: 's', path: 'x' } }, 'nfs.path: Invalid value: "x": must be an absolute path'],
  [{ csi: {} }, 'csi.driver: Required value', `csi.driver: Invalid value: "": ${subdomain}`],
  [{ csi: { driver: 'd', nodePublishSecretRef: {} } }, 'csi.nodePublishSecretRef.name: Required value'],
  [{ ephemeral: {} }, 'ephemeral.volumeClaimTemplate: Required value'],
  [
    { ephemeral: { volumeClaimTemplate: { spec: {} } } },
    'ephemeral.volumeClaimTemplate.spec.accessModes: Required value: at least 1 access mode is required',
    'ephemeral.volumeClaimTemplate.spec.resources[storage]: Required value',
  ],
  [{ image: {} }, 'image.reference: Required value'],
  [
    { gitRepo: { directory: '/x' } },
    'gitRepo.repository: Required value',
    'gitRepo.directory: Invalid value: "/x": must be a relative path',
  ],
  [
    { gcePersistentDisk: { partition: 256 } },
    'gcePersistentDisk.pdName: Required value',
    'gcePersistentDisk.partition: Invalid value: 256: must be between 1 and 255, inclusive',
  ],
  [{ awsElasticBlockStore: {} }, 'awsElasticBlockStore.volumeID: Required value'],
  [
    { iscsi: { iqn: 'x', lun: 300 } },
    'iscsi.targetPortal: Required value',
    'iscsi.iqn: Invalid value: "x": must be valid format starting with iqn, eui, or naa',
    'iscsi.lun: Invalid value: 300: must be between 0 and 255, inclusive',
  ],
  [{ glusterfs: {} }, 'glusterfs.endpoints: Required value', 'glusterfs.path: Required value'],
  [{ flocker: {} }, 'flocker: Required value: one of datasetName and datasetUUID is required'],
  [{ rbd: {} }, 'rbd.monitors: Required value', 'rbd.image: Required value'],
  [{ cinder: { secretRef: {} } }, 'cinder.volumeID: Required value', 'cinder.secretRef.name: Required value'],
  [{ cephfs: {} }, 'cephfs.monitors: Required value'],
  [
    { quobyte: { registry: 'x' } },
    'quobyte.registry: Invalid value: "x": must be a host:port pair or multiple pairs separated by commas',
    'quobyte.volume: Required value',
  ],
  [{ fc: {} }, 'fc.targetWWNs: Required value: must specify either targetWWNs or wwids, but not both'],
  [{ fc: { targetWWNs: ['a'] } }, 'fc.lun: Required value: lun is required if targetWWNs is specified'],
  [
    { flexVolume: { options: { 'kubernetes.io/x': 'y' } } },
    'flexVolume.driver: Required value',
    'flexVolume.options[kubernetes.io/x]: Invalid value: "kubernetes.io/x": kubernetes.io and k8s.io namespaces are reserved',
  ],
  [{ azureFile: {} }, 'azureFile.secretName: Required value', 'azureFile.shareName: Required value'],
  [
    { azureDisk: { diskName: 'd', diskURI: 'x' } },
    'azureDisk.diskURI: Unsupported value: "x": supported values: "https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd"',
  ],
  [{ vsphereVolume: {} }, 'vsphereVolume.volumePath: Required value'],
  [{ photonPersistentDisk: {} }, 'photonPersistentDisk.pdID: Required value'],
  [{ portworxVolume: {} }, 'portworxVolume.volumeID: Required value'],
  [{ storageos: {} }, 'storageos.volumeName: Required value'],
  [
    { scaleIO: { secretRef: { name: 's' } } },
    'scaleIO.gateway: Required value',
    'scaleIO.system: Required value',
    'scaleIO.volumeName: Required value',
  ],
]

const term = 'requiredDuringSchedulingIgnoredDuringExecution'
const node = `spec.affinity.nodeAffinity.${term}.nodeSelectorTerms`

/** Wrong pods: the change, and the errors with their whole paths. */
const podCases: readonly Case[] = [
  [{ 'spec.containers': [] }, 'spec.containers: Required value'],
  [{ 'spec.containers[1]': { name: 'app', image: 'b' } }, 'spec.containers[1].name: Duplicate value: "app"'],
  [{ 'spec.initContainers': [{ name: 'app', image: 'b' }] }, 'spec.initContainers[0].name: Duplicate value: "app"'],
  [
    { 'spec.initContainers': [{ name: 'i', image: 'b', readinessProbe: { tcpSocket: { port: 1 } } }] },
    'spec.initContainers[0].readinessProbe: Forbidden: may not be set for init containers without restartPolicy=Always',
  ],
  [{ 'spec.ephemeralContainers': [{ name: 'e', image: 'b' }] }, 'spec.ephemeralContainers: Forbidden: cannot be set on create'],
  [{ 'spec.volumes': [{ emptyDir: {} }] }, 'spec.volumes[0].name: Required value'],
  [{ 'spec.volumes': [{ name: 'V', emptyDir: {} }] }, `spec.volumes[0].name: Invalid value: "V": ${label}`],
  [{ 'spec.volumes': [{ name: 'v' }, { name: 'v' }] }, 'spec.volumes[1].name: Duplicate value: "v"'],
  [
    {
      'spec.volumes': [
        {
          name: 'v',
          ephemeral: { volumeClaimTemplate: { spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1' } } } } },
        },
        { name: 'w', persistentVolumeClaim: { claimName: 'web-v' } },
      ],
    },
    'spec.volumes[1].persistentVolumeClaim.claimName: Invalid value: "web-v": must not reference a PVC that gets created for an ephemeral volume',
  ],
  [
    {
      'spec.volumes': [{ name: 'v', projected: { sources: [{ serviceAccountToken: { path: 't' } }] } }],
      'spec.serviceAccountName': undefined,
    },
    'spec.volumes[0].projected.sources[0].serviceAccountToken: Forbidden: must not be specified when serviceAccountName is not set',
  ],
  [
    { 'spec.restartPolicy': 'Sometimes' },
    'spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "Never", "OnFailure"',
  ],
  [
    { 'spec.dnsPolicy': 'Guess' },
    'spec.dnsPolicy: Unsupported value: "Guess": supported values: "ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"',
  ],
  [{ 'spec.dnsPolicy': 'None' }, 'spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None'],
  [
    { 'spec.dnsPolicy': 'None', 'spec.dnsConfig': {} },
    'spec.dnsConfig.nameservers: Required value: must provide at least one DNS nameserver when `dnsPolicy` is None',
  ],
  [{ 'spec.dnsConfig': { nameservers: ['a'] } }, `spec.dnsConfig.nameservers[0]: Invalid value: "a": ${ipAddress}`],
  [
    { 'spec.dnsConfig': { nameservers: ['1.1.1.1', '1.1.1.2', '1.1.1.3', '1.1.1.4'] } },
    'spec.dnsConfig.nameservers: Invalid value: ["1.1.1.1","1.1.1.2","1.1.1.3","1.1.1.4"]: must not have more than 3 nameservers',
  ],
  [{ 'spec.dnsConfig': { options: [{ value: 'x' }] } }, 'spec.dnsConfig.options[0]: Required value: must not be empty'],
  [{ 'spec.nodeSelector': { 'a b': 'c' } }, `spec.nodeSelector: Invalid value: "a b": ${qualifiedName}`],
  [{ 'spec.nodeName': 'N' }, `spec.nodeName: Invalid value: "N": ${subdomain}`],
  [
    { 'spec.nodeName': 'n', 'spec.schedulingGates': [{ name: 'g' }] },
    'spec.nodeName: Forbidden: cannot be set until all schedulingGates have been cleared',
  ],
  [{ 'spec.schedulingGates': [{ name: 'g' }, { name: 'g' }] }, 'spec.schedulingGates[1]: Duplicate value: "g"'],
  [{ 'spec.readinessGates': [{ conditionType: 'a b' }] }, `spec.readinessGates[0].conditionType: Invalid value: "a b": ${qualifiedName}`],
  [{ 'spec.serviceAccountName': 'S' }, `spec.serviceAccountName: Invalid value: "S": ${subdomain}`],
  [{ 'spec.hostname': 'a.b' }, 'spec.hostname: Invalid value: "a.b": must not contain dots'],
  [{ 'spec.subdomain': 'A' }, `spec.subdomain: Invalid value: "A": ${label}`],
  [{ 'spec.priorityClassName': 'P' }, `spec.priorityClassName: Invalid value: "P": ${subdomain}`],
  [{ 'spec.runtimeClassName': 'R' }, `spec.runtimeClassName: Invalid value: "R": ${subdomain}`],
  [
    { 'spec.preemptionPolicy': 'Maybe' },
    'spec.preemptionPolicy: Unsupported value: "Maybe": supported values: "Never", "PreemptLowerPriority"',
  ],
  [{ 'spec.activeDeadlineSeconds': 0 }, 'spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive'],
  [
    { 'spec.hostAliases': [{ ip: 'x', hostnames: ['A'] }] },
    `spec.hostAliases[0].ip: Invalid value: "x": ${ipAddress}`,
    `spec.hostAliases[0].hostnames[0]: Invalid value: "A": ${subdomain}`,
  ],
  [
    { 'spec.overhead': { disk: '1' } },
    'spec.overhead.limits[disk]: Invalid value: "disk": must be a standard resource type or fully qualified',
    'spec.overhead.limits[disk]: Invalid value: "disk": must be a standard resource for containers',
  ],
  [
    { 'spec.hostNetwork': true, 'spec.containers[0].ports': [{ containerPort: 80, hostPort: 81 }] },
    'spec.containers[0].ports[0].hostPort: Invalid value: 81: must match `containerPort` when `hostNetwork` is true',
  ],
  [{ 'spec.hostUsers': false, 'spec.hostNetwork': true }, 'spec.hostNetwork: Forbidden: when `pod.Spec.HostUsers` is false'],
  [
    { 'spec.securityContext': { fsGroup: -1 } },
    'spec.securityContext.fsGroup: Invalid value: -1: must be between 0 and 2147483647, inclusive',
  ],
  [
    { 'spec.securityContext': { supplementalGroups: [1, -1] } },
    'spec.securityContext.supplementalGroups[1]: Invalid value: -1: must be between 0 and 2147483647, inclusive',
  ],
  [
    { 'spec.securityContext': { fsGroupChangePolicy: 'Maybe' } },
    'spec.securityContext.fsGroupChangePolicy: Unsupported value: "Maybe": supported values: "Always", "OnRootMismatch"',
  ],
  [
    { 'spec.securityContext': { supplementalGroupsPolicy: 'Maybe' } },
    'spec.securityContext.supplementalGroupsPolicy: Unsupported value: "Maybe": supported values: "Merge", "Strict"',
  ],
  [{ 'spec.securityContext': { sysctls: [{ value: '1' }] } }, 'spec.securityContext.sysctls[0].name: Required value'],
  [
    { 'spec.securityContext': { sysctls: [{ name: 'A' }] } },
    'spec.securityContext.sysctls[0].name: Invalid value: "A": must have at most 253 characters and match regex ^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$',
  ],
  [
    { 'spec.securityContext': { sysctls: [{ name: 'net.core.somaxconn', value: '1' }] }, 'spec.hostNetwork': true },
    'spec.securityContext.sysctls[0].name: Invalid value: "net.core.somaxconn": may not be specified when \'hostNetwork\' is true',
  ],
  [
    { 'spec.shareProcessNamespace': true, 'spec.hostPID': true },
    'spec.securityContext.shareProcessNamespace: Invalid value: true: ShareProcessNamespace and HostPID cannot both be enabled',
  ],
  [{ 'spec.os': { name: 'plan9' } }, 'spec.os: Unsupported value: "plan9": supported values: "linux", "windows"'],
  [
    { 'spec.os': { name: 'linux' }, 'spec.securityContext': { windowsOptions: { runAsUserName: 'u' } } },
    'spec.securityContext.windowsOptions: Forbidden: windows options cannot be set for a linux pod',
  ],
  [
    { 'spec.os': { name: 'windows' }, 'spec.securityContext': { runAsUser: 1 } },
    'spec.securityContext.runAsUser: Forbidden: cannot be set for a windows pod',
  ],
  [
    { 'spec.securityContext': { windowsOptions: { hostProcess: true } } },
    'spec.hostNetwork: Invalid value: false: hostNetwork must be true if pod contains any hostProcess containers',
  ],
  [
    { 'spec.resourceClaims': [{ name: 'gpu' }] },
    'spec.resourceClaims[0]: Invalid value: {"name":"gpu"}: must specify one of: `resourceClaimName`, `resourceClaimTemplateName`',
  ],
  [
    { 'spec.resources': { limits: { 'ephemeral-storage': '1' } } },
    'spec.resources.limits[ephemeral-storage]: Unsupported value: "ephemeral-storage": supported values: "cpu", "hugepages-", "memory"',
  ],
  [
    { 'spec.resources': { requests: { cpu: '1' } }, 'spec.containers[0].resources': { requests: { cpu: '2' } } },
    'spec.resources.requests[cpu]: Invalid value: "1": must be greater than or equal to aggregate container requests of 2',
  ],
  [
    {
      'spec.resources': { limits: { cpu: '1' }, requests: { cpu: '1' } },
      'spec.containers[0].resources': { limits: { cpu: '2' }, requests: { cpu: '1' } },
    },
    'spec.resources.containers[0][cpu].limits: Invalid value: "2": must be less than or equal to pod limits of 1',
  ],
  // Tolerations
  [
    { 'spec.tolerations': [{ operator: 'Equal' }] },
    'spec.tolerations[0].operator: Invalid value: "Equal": operator must be Exists when `key` is empty, which means "match all values and all keys"',
  ],
  [
    { 'spec.tolerations': [{ key: 'k', operator: 'Gt' }] },
    'spec.tolerations[0].operator: Unsupported value: "Gt": supported values: "Equal", "Exists"',
  ],
  [
    { 'spec.tolerations': [{ key: 'k', operator: 'Exists', value: 'v' }] },
    'spec.tolerations[0].operator: Invalid value: "v": value must be empty when `operator` is \'Exists\'',
  ],
  [
    { 'spec.tolerations': [{ key: 'k', effect: 'Never' }] },
    'spec.tolerations[0].effect: Unsupported value: "Never": supported values: "NoExecute", "NoSchedule", "PreferNoSchedule"',
  ],
  [
    { 'spec.tolerations': [{ key: 'k', effect: 'NoSchedule', tolerationSeconds: 1 }] },
    'spec.tolerations[0].effect: Invalid value: "NoSchedule": effect must be \'NoExecute\' when `tolerationSeconds` is set',
  ],
  // Affinity
  [{ [node]: [] }, `${node}: Required value: must have at least one node selector term`],
  [
    { [node]: [{ matchExpressions: [{ key: 'k', operator: 'In' }] }] },
    `${node}[0].matchExpressions[0].values: Required value: must be specified when \`operator\` is 'In' or 'NotIn'`,
  ],
  [
    { [node]: [{ matchExpressions: [{ key: 'k', operator: 'Exists', values: ['v'] }] }] },
    `${node}[0].matchExpressions[0].values: Forbidden: may not be specified when \`operator\` is 'Exists' or 'DoesNotExist'`,
  ],
  [
    { [node]: [{ matchExpressions: [{ key: 'k', operator: 'Gt' }] }] },
    `${node}[0].matchExpressions[0].values: Required value: must be specified single value when \`operator\` is 'Lt' or 'Gt'`,
  ],
  [
    { [node]: [{ matchExpressions: [{ key: 'k', operator: 'Near' }] }] },
    `${node}[0].matchExpressions[0].operator: Invalid value: "Near": not a valid selector operator`,
  ],
  [
    { [node]: [{ matchFields: [{ key: 'spec.x', operator: 'In', values: ['a'] }] }] },
    `${node}[0].matchFields[0].key: Invalid value: "spec.x": not a valid field selector key`,
  ],
  [
    { [node]: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['a', 'b'] }] }] },
    `${node}[0].matchFields[0].values: Required value: must be only one value when \`operator\` is 'In' or 'NotIn' for node field selector`,
  ],
  [
    { 'spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution': [{ weight: 101, preference: {} }] },
    'spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight: Invalid value: 101: must be in the range 1-100',
  ],
  [
    { [`spec.affinity.podAffinity.${term}`]: [{ topologyKey: 'zone', namespaces: ['N'] }] },
    `spec.affinity.podAffinity.${term}[0].namespace: Invalid value: "N": ${label}`,
  ],
  [
    {
      [`spec.affinity.podAffinity.${term}`]: [
        { topologyKey: 'zone', labelSelector: { matchLabels: { a: 'b' } }, matchLabelKeys: ['x'], mismatchLabelKeys: ['x'] },
      ],
    },
    `spec.affinity.podAffinity.${term}[0].matchLabelKeys[0]: Invalid value: "x": exists in both matchLabelKeys and mismatchLabelKeys`,
  ],
  // Spreading
  [
    { 'spec.topologySpreadConstraints': [{ topologyKey: 'z', whenUnsatisfiable: 'DoNotSchedule' }] },
    'spec.topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero',
  ],
  [
    { 'spec.topologySpreadConstraints': [{ maxSkew: 1, whenUnsatisfiable: 'DoNotSchedule' }] },
    'spec.topologySpreadConstraints[0].topologyKey: Required value: can not be empty',
  ],
  [
    { 'spec.topologySpreadConstraints': [{ maxSkew: 1, topologyKey: 'z', whenUnsatisfiable: 'Maybe' }] },
    'spec.topologySpreadConstraints[0].whenUnsatisfiable: Unsupported value: "Maybe": supported values: "DoNotSchedule", "ScheduleAnyway"',
  ],
  [
    { 'spec.topologySpreadConstraints': [{ maxSkew: 1, topologyKey: 'z', whenUnsatisfiable: 'ScheduleAnyway', minDomains: 1 }] },
    'spec.topologySpreadConstraints[0].minDomains: Invalid value: 1: can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ScheduleAnyway',
  ],
  [
    {
      'spec.topologySpreadConstraints': [
        { maxSkew: 1, topologyKey: 'z', whenUnsatisfiable: 'ScheduleAnyway' },
        { maxSkew: 2, topologyKey: 'z', whenUnsatisfiable: 'ScheduleAnyway' },
      ],
    },
    'spec.topologySpreadConstraints[0].{topologyKey, whenUnsatisfiable}: Duplicate value: "{z, ScheduleAnyway}"',
  ],
  [
    {
      'spec.topologySpreadConstraints': [{ maxSkew: 1, topologyKey: 'z', whenUnsatisfiable: 'ScheduleAnyway', nodeTaintsPolicy: 'Maybe' }],
    },
    'spec.topologySpreadConstraints[0].nodeTaintsPolicy: Unsupported value: "Maybe": supported values: "Honor", "Ignore"',
  ],
  [
    { 'spec.topologySpreadConstraints': [{ maxSkew: 1, topologyKey: 'z', whenUnsatisfiable: 'ScheduleAnyway', matchLabelKeys: ['a'] }] },
    'spec.topologySpreadConstraints[0].matchLabelKeys: Forbidden: must not be specified when labelSelector is not set',
  ],
  // Annotations
  [
    { 'metadata.annotations': { 'controller.kubernetes.io/pod-deletion-cost': '+1' } },
    'metadata.annotations[controller.kubernetes.io/pod-deletion-cost]: Invalid value: "+1": must be a 32bit integer',
  ],
  [
    { 'metadata.annotations': { 'kubernetes.io/config.mirror': 'x' } },
    'metadata.annotations[kubernetes.io/config.mirror]: Invalid value: "x": must set spec.nodeName if mirror pod annotation is set',
  ],
]

const below = (path: string, change: Change): Change =>
  Object.fromEntries(Object.entries(change).map(([field, value]) => [`${path}.${field}`, value]))

const validate = (change: Change): string[] =>
  texts(podKind.strategy.validate(createPod({ 'spec.serviceAccountName': 'default', ...change })))

test('rules of containers', async context => {
  const volumes = [{ name: 'data' }, { name: 'disk', persistentVolumeClaim: { claimName: 'disk' } }]
  for (const [change, ...errors] of containerCases) {
    await context.test(JSON.stringify(change), () => {
      const found = validate({ 'spec.volumes': volumes, ...below('spec.containers[0]', change) })
      assert.deepEqual(
        found,
        errors.map(error => `spec.containers[0].${error}`),
      )
    })
  }
})

test('rules of volumes', async context => {
  for (const [source, ...errors] of volumeCases) {
    await context.test(JSON.stringify(source), () => {
      const found = validate({ 'spec.volumes': [{ name: 'v', ...source }] })
      assert.deepEqual(
        found,
        errors.map(error => `spec.volumes[0].${error}`),
      )
    })
  }
})

test('rules of pods', async context => {
  for (const [change, ...errors] of podCases) {
    await context.test(JSON.stringify(change), () => assert.deepEqual(validate(change), errors))
  }
})

test('a volume without any source is refused where defaults have not made it an emptyDir', () => {
  const pod = createPod()
  const bare = { ...pod, spec: { ...pod.spec, containers: pod.spec?.containers ?? [], volumes: [{ name: 'v' }] } }
  assert.deepEqual(texts(podKind.strategy.validate(bare)), ['spec.volumes[0]: Required value: must specify a volume type'])
})

test('ephemeral containers get nothing that a service could depend on', () => {
  const pod = decodePod({
    'spec.ephemeralContainers': [
      { name: 'app', image: 'e', ports: [{ containerPort: 1 }], resources: { limits: { cpu: '1' } }, targetContainerName: 'gone' },
      { name: 'e', image: 'e', volumeMounts: [{ name: 'v', mountPath: '/x', subPath: 'a' }] },
    ],
    'spec.volumes': [{ name: 'v' }],
  })
  const path = 'spec.ephemeralContainers'
  assert.deepEqual(texts(podKind.strategy.validate(pod)), [
    `${path}[0].name: Duplicate value: "app"`,
    `${path}[0].targetContainerName: Not found: "gone"`,
    `${path}[0].ports: Forbidden: cannot be set for an Ephemeral Container`,
    `${path}[0].resources: Forbidden: cannot be set for an Ephemeral Container`,
    `${path}[1].volumeMounts[0].subPath: Forbidden: cannot be set for an Ephemeral Container`,
    `${path}: Forbidden: cannot be set on create`,
  ])
})

test('what is common in manifests is accepted', () => {
  const change: Change = {
    'metadata.labels': { app: 'web' },
    'metadata.annotations': { 'controller.kubernetes.io/pod-deletion-cost': '-10' },
    'spec.volumes': [
      { name: 'config', configMap: { name: 'c', items: [{ key: 'k', path: 'dir/file', mode: 0o400 }] } },
      { name: 'token', projected: { sources: [{ serviceAccountToken: { path: 'token' } }, { configMap: { name: 'kube-root-ca.crt' } }] } },
      { name: 'tmp', emptyDir: { medium: 'Memory', sizeLimit: '64Mi' } },
      { name: 'labels', downwardAPI: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] } },
    ],
    'spec.initContainers': [{ name: 'proxy', image: 'p', restartPolicy: 'Always', startupProbe: { httpGet: { port: 'http' } } }],
    'spec.containers[0].ports': [
      { name: 'http', containerPort: 8080 },
      { name: 'dns', containerPort: 53, protocol: 'UDP' },
    ],
    'spec.containers[0].env': [
      { name: 'HOST', valueFrom: { fieldRef: { fieldPath: 'status.hostIP' } } },
      { name: 'APP', valueFrom: { fieldRef: { fieldPath: "metadata.labels['app']" } } },
      { name: 'LIMIT', valueFrom: { resourceFieldRef: { resource: 'limits.memory', divisor: '1Mi' } } },
      { name: 'dotted.name-x', value: '' },
    ],
    'spec.containers[0].volumeMounts': [{ name: 'config', mountPath: '/etc/app', readOnly: true, recursiveReadOnly: 'IfPossible' }],
    'spec.containers[0].lifecycle': { preStop: { sleep: { seconds: 5 } } },
    'spec.containers[0].resources': { limits: { 'example.com/gpu': '1', memory: '1Gi' } },
    'spec.dnsConfig': { searches: ['_svc.example.com.', '.'], options: [{ name: 'ndots', value: '2' }] },
    'spec.tolerations': [{ operator: 'Exists' }, { key: 'k', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 }],
    [`spec.affinity.nodeAffinity.${term}`]: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'cpu', operator: 'Gt', values: ['4'] }] }] },
    'spec.securityContext': { sysctls: [{ name: 'net.ipv4.tcp_syncookies', value: '1' }], seccompProfile: { type: 'RuntimeDefault' } },
  }
  assert.deepEqual(validate(change), [])
})

test('nothing that a client may leave out is taken for granted', () => {
  const changes = [...containerCases.map(([change]) => below('spec.containers[0]', change)), ...podCases.map(([change]) => change)]
  const volumes = volumeCases.map(([source], index) => ({ name: `v${index}`, ...source }))
  const full = createPod({ ...Object.assign({}, ...changes), 'spec.volumes': volumes })
  for (const path of pathsOf(full, '')) {
    const pod = changed(full, { [path]: undefined })
    assert.doesNotThrow(() => podKind.strategy.validate(podKind.strategy.applyDefaults?.(pod) ?? pod), path)
  }
})

/** The paths of all values in a value. List items are passed over, since lists have no holes. */
const pathsOf = (value: unknown, path: string): string[] =>
  typeof value !== 'object' || value === null
    ? []
    : Object.entries(value).flatMap(([key, item]) => {
        const below = Array.isArray(value) ? `${path}[${key}]` : path ? `${path}.${key}` : key
        const isPlain = !Array.isArray(value) && /^[a-zA-Z]+$/.test(key) && below !== 'metadata'
        return [...(isPlain ? [below] : []), ...pathsOf(item, below)]
      })

test('templates are held to what holds for any pod', () => {
  const { spec } = decodePod({ 'spec.containers[0].image': ' app', 'spec.ephemeralContainers': [{ name: 'e', image: 'e' }] })
  assert.deepEqual(texts(validatePodTemplate({ metadata: { labels: { 'a b': 'c' } }, spec }, 'spec.template')), [
    `spec.template.labels: Invalid value: "a b": ${qualifiedName}`,
    'spec.template.spec.ephemeralContainers: Forbidden: ephemeral containers not allowed in pod template',
  ])
  assert.deepEqual(texts(validatePodTemplate(applyPodTemplateDefaults({}), 'spec.template')), [
    'spec.template.spec.containers: Required value',
  ])
})
