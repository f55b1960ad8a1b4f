import { useLayoutEffect, useState, type RefObject } from "react";

/** Width of an element in pixels, followed as it changes. */
export function useWidth(ref: RefObject<HTMLElement | null>, initial = 1_000): number {
  const [width, setWidth] = useState(initial);
  useLayoutEffect(() => {
    const element = ref.current;
    if (element === null || typeof ResizeObserver === "undefined") return;
    const observer = new ResizeObserver(([entry]) => {
      if (entry !== undefined) setWidth(Math.round(entry.contentRect.width));
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [ref]);
  return width;
}
