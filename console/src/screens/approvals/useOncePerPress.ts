import { useEffect, useRef } from "react";

/** Wraps what a key does, so that a key that is held down does it once. */
export function useOncePerPress(): (run: () => void) => () => void {
  const isHeld = useRef(false);
  useEffect(() => {
    const release = () => {
      isHeld.current = false;
    };
    document.addEventListener("keyup", release);
    return () => document.removeEventListener("keyup", release);
  }, []);
  return (run) => () => {
    if (isHeld.current) return;
    isHeld.current = true;
    run();
  };
}
