// Time, in one place: a component that looks every few seconds needs timers, and its tests turn them.

/** Does it after so many milliseconds; the answer stops it. */
export function after(milliseconds, act) {
    // eslint-disable-next-line @lwc/lwc/no-async-operation -- looking again by itself is what the component is for
    const timer = setTimeout(act, milliseconds);
    return () => clearTimeout(timer);
}

/** Milliseconds that only ever grow. */
export const now = () => performance.now();
