import { QueryClient } from "@tanstack/react-query";
import { ApiError } from "@/lib/problem";

/** Only what may pass by itself is asked again: an unreachable or overloaded platform, never a refusal. */
export function mayRetry(failures: number, error: Error): boolean {
  if (failures >= 2) return false;
  return !(error instanceof ApiError) || error.status >= 500;
}

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: { retry: mayRetry, staleTime: 10_000, refetchOnWindowFocus: true, networkMode: "always" },
    mutations: { retry: false, networkMode: "always" },
  },
});
