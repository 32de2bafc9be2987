/**
 * wrappedLogic: an operator with some of its methods in other hands. What is not replaced goes to the operator itself, also a
 * method that it gets later, such as the `onMessage` of a process.
 */

import type { OperatorLogic } from "../operator.ts";

/** @param replaced each is called instead of the operator's; those of methods that it does not have are never called */
export function wrappedLogic(logic: OperatorLogic, replaced: Partial<OperatorLogic>): OperatorLogic {
  // Nothing may go past what is replaced.
  const own: Partial<OperatorLogic> = { eachEvent: () => undefined, ...replaced };
  const bound = new Map<PropertyKey, { readonly method: unknown; readonly called: unknown }>();
  return new Proxy(logic, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name, target);
      if (typeof method !== "function") return method;
      const known = bound.get(name);
      if (known?.method === method) return known.called;
      const called: unknown = own[name as keyof OperatorLogic] ?? method.bind(target);
      bound.set(name, { method, called });
      return called;
    },
  });
}
