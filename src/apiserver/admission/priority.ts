import type { Pod } from '../../apis/core/pod.ts'
import type { PodSpec } from '../../apis/core/pod-spec.ts'
import type { PriorityClass } from '../../apis/scheduling/priority-class.ts'
import type { AdmissionRequest, AdmissionStep, StoredObjects } from '../types.ts'
import { refuse } from './refuse.ts'
import { isAbout, isPod, kindOf } from './requests.ts'

/** Turns the name of a pod's priority class into numbers, and keeps one default among the classes. */
export const priority: AdmissionStep = {
  name: 'Priority',
  handles: request => (request.operation === 'CREATE' || request.operation === 'UPDATE') && (isPod(request) || isPriorityClass(request)),
  mutate(request) {
    if (!isPod(request)) return request.object
    return request.operation === 'CREATE' ? resolvePriority(request) : keepPriority(request)
  },
  validate(request) {
    if (isPriorityClass(request)) refuseSecondDefault(request)
  },
}

const isPriorityClass = (request: AdmissionRequest): boolean => isAbout(request, 'scheduling.k8s.io', 'priorityclasses')

/** What a pod without any class gets where no class is the default. */
const noClass = { name: '', value: 0, preemptionPolicy: 'PreemptLowerPriority' }

function resolvePriority(request: AdmissionRequest): Pod {
  const pod = request.object as Pod
  const { spec } = pod
  if (!spec) return pod
  const { name, value, preemptionPolicy } = classOf(request, spec)
  if (spec.priority !== undefined && spec.priority !== value)
    throw refuse(
      request,
      `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${value} from the given PriorityClass name`,
    )
  if (spec.preemptionPolicy && spec.preemptionPolicy !== preemptionPolicy)
    throw refuse(
      request,
      `the string value of PreemptionPolicy (${spec.preemptionPolicy}) must not be provided in pod spec; priority admission controller computed ${preemptionPolicy} from the given PriorityClass name`,
    )
  return { ...pod, spec: { ...spec, ...(name && { priorityClassName: name }), priority: value, preemptionPolicy } }
}

function classOf(request: AdmissionRequest, spec: PodSpec): typeof noClass {
  const { objects } = request
  const name = spec.priorityClassName
  const found = name
    ? (objects.get(kindOf(objects, 'scheduling.k8s.io', 'priorityclasses'), '', name) as PriorityClass | undefined)
    : defaultClass(objects)
  if (name && !found) throw refuse(request, `no PriorityClass with name ${name} was found`)
  if (!found) return noClass
  return {
    name: found.metadata.name ?? '',
    value: found.value ?? 0,
    preemptionPolicy: found.preemptionPolicy ?? noClass.preemptionPolicy,
  }
}

/** Two defaults can only come from writes at the same time; the lower one counts. */
function defaultClass(objects: StoredObjects): PriorityClass | undefined {
  let lowest: PriorityClass | undefined
  for (const object of objects.list(kindOf(objects, 'scheduling.k8s.io', 'priorityclasses'))) {
    const one = object as PriorityClass
    if (one.globalDefault && (!lowest || (one.value ?? 0) < (lowest.value ?? 0))) lowest = one
  }
  return lowest
}

/** Clients that leave out what was filled in mean no change. */
function keepPriority({ object, old }: AdmissionRequest): Pod {
  const pod = object as Pod
  const before = (old as Pod).spec
  const { spec } = pod
  if (!spec || !before) return pod
  const keepsNumber = spec.priority === undefined && before.priority !== undefined
  const keepsPolicy = spec.preemptionPolicy === undefined && before.preemptionPolicy !== undefined
  if (!keepsNumber && !keepsPolicy) return pod
  return {
    ...pod,
    spec: {
      ...spec,
      ...(keepsNumber && { priority: before.priority }),
      ...(keepsPolicy && { preemptionPolicy: before.preemptionPolicy }),
    },
  }
}

function refuseSecondDefault(request: AdmissionRequest): void {
  const wanted = request.object as PriorityClass
  if (!wanted.globalDefault) return
  const current = defaultClass(request.objects)
  if (!current || (request.operation === 'UPDATE' && current.metadata.name === wanted.metadata.name)) return
  throw refuse(request, `PriorityClass ${current.metadata.name} is already marked as default. Only one default can exist`)
}
