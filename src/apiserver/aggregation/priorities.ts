/** Upstream's order of the groups that the API server answers for itself: the group's priority and that of its versions. */
const groupPriorities: Readonly<Record<string, number>> = {
  '': 18_000,
  apps: 17_800,
  'events.k8s.io': 17_750,
  'authentication.k8s.io': 17_700,
  'authorization.k8s.io': 17_600,
  autoscaling: 17_500,
  batch: 17_400,
  'certificates.k8s.io': 17_300,
  'networking.k8s.io': 17_200,
  policy: 17_100,
  'rbac.authorization.k8s.io': 17_000,
  'storage.k8s.io': 16_800,
  'apiextensions.k8s.io': 16_700,
  'admissionregistration.k8s.io': 16_700,
  'scheduling.k8s.io': 16_600,
  'coordination.k8s.io': 16_500,
  'node.k8s.io': 16_300,
  'discovery.k8s.io': 16_200,
  'flowcontrol.apiserver.k8s.io': 16_100,
  'internal.apiserver.k8s.io': 16_000,
  'resource.k8s.io': 15_900,
  'storagemigration.k8s.io': 15_800,
  // As metrics-server registers itself.
  'metrics.k8s.io': 100,
}

const versionPriorities: Readonly<Record<string, number>> = {
  '/v1': 1,
  'autoscaling/v2': 30,
  'metrics.k8s.io/v1beta1': 100,
}

/** Custom resources come behind everything that is built in. */
const custom = { groupPriorityMinimum: 1000, versionPriority: 100 }
const builtIn = { groupPriorityMinimum: 15_000, versionPriority: 15 }

export function prioritiesOf(group: string, version: string, isCustom: boolean) {
  if (isCustom && !Object.hasOwn(groupPriorities, group)) return custom
  return {
    groupPriorityMinimum: groupPriorities[group] ?? builtIn.groupPriorityMinimum,
    versionPriority: versionPriorities[`${group}/${version}`] ?? builtIn.versionPriority,
  }
}
