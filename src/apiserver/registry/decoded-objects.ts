import type { KubernetesObject } from '../../apimachinery/meta.ts'

/**
 * Decoded objects beside their bytes. An object takes some three times the memory of its bytes, so only what was decoded
 * lately is kept; what somebody else still holds is found again as long as they do.
 */
export interface DecodedObjects {
  /** `bytes`: the length of the object's encoded form, by which it counts. */
  keep(form: DecodedForm, object: KubernetesObject, bytes: number): KubernetesObject
}

export interface DecodedForm {
  object?: KubernetesObject
  held?: WeakRef<KubernetesObject>
}

/** Bytes of the encoded objects whose decoded form is kept. */
const budget_bytes = 16 * 1024 * 1024

export function createDecodedObjects(): DecodedObjects {
  let kept: (Kept | undefined)[] = []
  let first = 0
  let total_bytes = 0

  const loosenFirst = () => {
    const { form, bytes } = kept[first] as Kept
    kept[first] = undefined
    first++
    total_bytes -= bytes
    if (!form.object) return
    form.held = new WeakRef(form.object)
    form.object = undefined
  }

  return {
    keep(form, object, bytes) {
      form.object = object
      form.held = undefined
      kept.push({ form, bytes })
      total_bytes += bytes
      // What was decoded just now stays, however large it is.
      while (total_bytes > budget_bytes && first < kept.length - 1) loosenFirst()
      if (first > 1024 && first * 2 > kept.length) {
        kept = kept.slice(first)
        first = 0
      }
      return object
    },
  }
}

interface Kept {
  readonly form: DecodedForm
  readonly bytes: number
}

export const decodedObject = (form: DecodedForm): KubernetesObject | undefined => form.object ?? form.held?.deref()

export function forgetDecoded(form: DecodedForm): void {
  form.object = undefined
  form.held = undefined
}
