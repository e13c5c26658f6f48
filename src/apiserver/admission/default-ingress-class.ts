import { type Ingress, ingressClassAnnotation } from '../../apis/networking/ingress.ts'
import type { IngressClass } from '../../apis/networking/ingress-class.ts'
import type { AdmissionStep } from '../types.ts'
import { newestDefault } from './default-class.ts'
import { isAbout, kindOf } from './requests.ts'

/** Ingresses that name no class, neither by field nor by the old annotation, get the default one. */
export const defaultIngressClass: AdmissionStep = {
  name: 'DefaultIngressClass',
  handles: request => request.operation === 'CREATE' && isAbout(request, 'networking.k8s.io', 'ingresses'),
  mutate({ object, objects }) {
    const ingress = object as Ingress
    if (ingress.spec?.ingressClassName !== undefined || ingress.metadata.annotations?.[ingressClassAnnotation] !== undefined) return ingress
    const classes = objects.list(kindOf(objects, 'networking.k8s.io', 'ingressclasses')) as readonly IngressClass[]
    const chosen = newestDefault(classes, ({ metadata }) => metadata.annotations?.[defaultAnnotation] === 'true')
    return chosen ? { ...ingress, spec: { ...ingress.spec, ingressClassName: chosen.metadata.name } } : ingress
  },
}

const defaultAnnotation = 'ingressclass.kubernetes.io/is-default-class'
