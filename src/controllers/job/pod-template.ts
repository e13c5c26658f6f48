import { type Job, jobKind } from '../../apis/batch/job.ts'
import type { Container } from '../../apis/core/container.ts'
import type { Pod } from '../../apis/core/pod.ts'
import { podFromTemplate } from '../pod-control.ts'
import { countsAsFailure } from './failure-policy.ts'
import {
  hasIndexBackoff,
  indexAnnotation,
  indexFailureAnnotation,
  indexFailures,
  indexIgnoredFailureAnnotation,
  indexIgnoredFailures,
  trackingFinalizer,
} from './job-pods.ts'

/** The next pod of a job; `failed` is the one before it of the same index, whose count of failures it carries on. */
export function jobPod(job: Job, index: number | undefined, failed: Pod | undefined): Pod {
  const pod = podFromTemplate(job.spec?.template, job, jobKind)
  const finalizers = [...(pod.metadata.finalizers ?? []), trackingFinalizer]
  if (index === undefined) return { ...pod, metadata: { ...pod.metadata, finalizers } }
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      finalizers,
      generateName: `${job.metadata.name}-${index}-`,
      labels: { ...pod.metadata.labels, [indexAnnotation]: String(index) },
      annotations: { ...pod.metadata.annotations, [indexAnnotation]: String(index), ...failureCounts(job, failed) },
    },
    spec: {
      ...pod.spec,
      hostname: `${job.metadata.name}-${index}`,
      containers: (pod.spec?.containers ?? []).map(withIndex),
      ...(pod.spec?.initContainers && { initContainers: pod.spec.initContainers.map(withIndex) }),
    },
  }
}

function failureCounts(job: Job, failed: Pod | undefined): Record<string, string> {
  if (!hasIndexBackoff(job)) return {}
  const counts = failed !== undefined && countsAsFailure(job, failed)
  const failures = failed ? indexFailures(failed) + (counts ? 1 : 0) : 0
  const ignored = failed ? indexIgnoredFailures(failed) + (counts ? 0 : 1) : 0
  return { [indexFailureAnnotation]: String(failures), ...(ignored > 0 && { [indexIgnoredFailureAnnotation]: String(ignored) }) }
}

const indexVariable = 'JOB_COMPLETION_INDEX'

function withIndex(container: Container): Container {
  if (container.env?.some(({ name }) => name === indexVariable)) return container
  const variable = { name: indexVariable, valueFrom: { fieldRef: { fieldPath: `metadata.labels['${indexAnnotation}']` } } }
  return { ...container, env: [...(container.env ?? []), variable] }
}
