import { client, unwrap } from "./client";

/** Queues a run of a crew and says its id. The endpoint could also answer with the event stream; it is not asked to. */
export async function startRun(crewId: string, inputs: Record<string, string>): Promise<string> {
  const answer = await unwrap(client.POST("/api/crews/{id}/run", { params: { path: { id: crewId } }, body: { inputs: inputs as Record<string, never> } }));
  if (typeof answer === "string") throw new Error("The platform answered with a stream where an id was expected.");
  return answer.execution_id;
}
