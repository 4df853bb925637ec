/** What the window remembers of the backend's state, and when it asks anew. */
import { QueryClient } from "@tanstack/react-query";

/** What was read stays true until the backend says that it changed (`staleAfter`), so showing it again asks nothing. */
export function queryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        retry: false,
        networkMode: "always",
        refetchOnWindowFocus: false,
        staleTime: Number.POSITIVE_INFINITY,
      },
      mutations: { networkMode: "always" },
    },
  });
}
