/** Whether functions may be made from text: Node can be started so that they may not. */
export function canMakeCode(): boolean {
  mayMakeCode ??= triesToMakeCode();
  return mayMakeCode;
}

let mayMakeCode: boolean | undefined;

function triesToMakeCode(): boolean {
  try {
    return new Function("return true")() === true;
  } catch {
    return false;
  }
}
