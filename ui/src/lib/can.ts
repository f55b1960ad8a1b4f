/** What the signed-in user may do; the platform decides again on every request. */
interface Person {
  role: "admin" | "developer" | "viewer" | "pending";
  teams: readonly { id: string; role: "owner" | "member" }[];
}

/** Providers, models, prices, members: an administrator's or the team owner's. */
export function canAdminister(person: Person, teamId: string | null): boolean {
  return person.role === "admin" || person.teams.some((team) => team.id === teamId && team.role === "owner");
}

/** Making and running things: everyone who does more than look. */
export function canWrite(person: Person): boolean {
  return person.role === "admin" || person.role === "developer";
}
