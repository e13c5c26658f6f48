/**
 * Optional fields of built-in kinds that are no pointers in Go: their zero value is the same as absence there, and never
 * written to JSON. A field that is missing here keeps an explicit `0` or `false`, which means the same to everyone;
 * a field that is here wrongly would lose one, so only fields known for certain are.
 */
const zeroIsAbsence: Readonly<Record<string, readonly string[]>> = {
  'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta': ['generation'],
  'io.k8s.apimachinery.pkg.apis.meta.v1.Condition': ['observedGeneration'],
  'io.k8s.api.core.v1.Container': ['stdin', 'stdinOnce', 'tty'],
  'io.k8s.api.core.v1.EphemeralContainer': ['stdin', 'stdinOnce', 'tty'],
  'io.k8s.api.core.v1.ContainerPort': ['hostPort'],
  'io.k8s.api.core.v1.Probe': ['initialDelaySeconds', 'timeoutSeconds', 'periodSeconds', 'successThreshold', 'failureThreshold'],
  'io.k8s.api.core.v1.PodSpec': ['hostNetwork', 'hostPID', 'hostIPC'],
  'io.k8s.api.core.v1.PodCondition': ['observedGeneration'],
  'io.k8s.api.core.v1.PodStatus': ['observedGeneration'],
  'io.k8s.api.core.v1.VolumeMount': ['readOnly'],
  'io.k8s.api.core.v1.NFSVolumeSource': ['readOnly'],
  'io.k8s.api.core.v1.PersistentVolumeClaimVolumeSource': ['readOnly'],
  'io.k8s.api.core.v1.ServiceSpec': ['publishNotReadyAddresses', 'healthCheckNodePort'],
  'io.k8s.api.core.v1.ServicePort': ['nodePort'],
  'io.k8s.api.core.v1.NodeSpec': ['unschedulable'],
  'io.k8s.api.core.v1.Event': ['count'],
  'io.k8s.api.core.v1.EventSeries': ['count'],
  'io.k8s.api.core.v1.ContainerStateTerminated': ['signal'],
  'io.k8s.api.apps.v1.DeploymentSpec': ['minReadySeconds', 'paused'],
  'io.k8s.api.apps.v1.DeploymentStatus': [
    'observedGeneration',
    'replicas',
    'updatedReplicas',
    'readyReplicas',
    'availableReplicas',
    'unavailableReplicas',
  ],
  'io.k8s.api.apps.v1.ReplicaSetSpec': ['minReadySeconds'],
  'io.k8s.api.apps.v1.ReplicaSetStatus': ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas', 'observedGeneration'],
  'io.k8s.api.apps.v1.DaemonSetSpec': ['minReadySeconds'],
  'io.k8s.api.apps.v1.DaemonSetStatus': ['observedGeneration', 'updatedNumberScheduled', 'numberAvailable', 'numberUnavailable'],
  'io.k8s.api.apps.v1.StatefulSetSpec': ['minReadySeconds'],
  'io.k8s.api.apps.v1.StatefulSetStatus': ['observedGeneration', 'readyReplicas', 'currentReplicas', 'updatedReplicas'],
  'io.k8s.api.batch.v1.JobStatus': ['active', 'succeeded', 'failed'],
  'io.k8s.api.autoscaling.v1.ScaleSpec': ['replicas'],
  'io.k8s.api.authentication.v1.TokenReviewStatus': ['authenticated'],
  'io.k8s.api.authorization.v1.SubjectAccessReviewStatus': ['denied'],
  'io.k8s.api.scheduling.v1.PriorityClass': ['globalDefault'],
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionSpec': ['preserveUnknownFields'],
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionVersion': ['deprecated'],
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionStatus': ['observedGeneration'],
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps': [
    'exclusiveMaximum',
    'exclusiveMinimum',
    'uniqueItems',
    'nullable',
    'x-kubernetes-embedded-resource',
    'x-kubernetes-int-or-string',
  ],
}

export const isZeroAbsence = (type: string | undefined, field: string): boolean =>
  type !== undefined && Object.hasOwn(zeroIsAbsence, type) && (zeroIsAbsence[type]?.includes(field) ?? false)

/** Optional strings that are pointers in Go: an empty one is not the same as none, also in protobuf. */
const emptyIsPresent: ReadonlySet<string> = new Set([
  'storageClassName',
  'volumeAttributesClassName',
  'currentVolumeAttributesClassName',
  'ingressClassName',
  'runtimeClassName',
  'loadBalancerClass',
  'apiGroup',
])

export const isEmptyTextPresence = (field: string): boolean => emptyIsPresent.has(field)
