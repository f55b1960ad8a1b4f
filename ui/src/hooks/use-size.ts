import { useLayoutEffect, useState, type RefObject } from "react";

/** Width and height of an element in pixels, followed as they change. */
export function useSize(ref: RefObject<HTMLElement | null>, initial = { width: 600, height: 400 }): { width: number; height: number } {
  const [size, setSize] = useState(initial);
  useLayoutEffect(() => {
    const element = ref.current;
    if (element === null || typeof ResizeObserver === "undefined") return;
    const observer = new ResizeObserver(([entry]) => {
      if (entry !== undefined) setSize({ width: Math.round(entry.contentRect.width), height: Math.round(entry.contentRect.height) });
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [ref]);
  return size;
}
