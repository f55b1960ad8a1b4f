import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "react-router";
import { client } from "@/api/client";
import { signedOut } from "@/api/session";
import { setPrefs } from "@/lib/prefs";
import { urls } from "@/lib/urls";

/** Nothing of the team before stays in memory. */
export function useSwitchTeam(): (teamId: string) => void {
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  return (teamId) => {
    setPrefs({ teamId });
    queryClient.clear();
    void navigate(urls.home());
  };
}

export function useSignOut(): () => void {
  const queryClient = useQueryClient();
  return () => {
    void client.POST("/api/auth/logout").finally(() => {
      queryClient.clear();
      signedOut();
    });
  };
}
