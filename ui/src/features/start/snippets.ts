export const languages = ["python", "node", "curl"] as const;
export type Language = (typeof languages)[number];

export interface SnippetFacts {
  baseUrl: string;
  apiKey: string;
  model: string;
}

/** A first call that runs as it stands. Only the standard client is needed; the one header names the agent. */
export function snippet(language: Language, { baseUrl, apiKey, model }: SnippetFacts): string {
  switch (language) {
    case "python":
      return `from openai import OpenAI

client = OpenAI(base_url="${baseUrl}", api_key="${apiKey}")

stream = client.chat.completions.create(
    model="${model}",
    messages=[{"role": "user", "content": "Say hello to my agents."}],
    stream=True,
    extra_headers={"x-aop-agent": "first-agent"},
)
for chunk in stream:
    if chunk.choices:
        print(chunk.choices[0].delta.content or "", end="", flush=True)
print()`;
    case "node":
      return `import OpenAI from "openai";

const client = new OpenAI({ baseURL: "${baseUrl}", apiKey: "${apiKey}" });

const stream = await client.chat.completions.create(
  {
    model: "${model}",
    messages: [{ role: "user", content: "Say hello to my agents." }],
    stream: true,
  },
  { headers: { "x-aop-agent": "first-agent" } },
);
for await (const chunk of stream) {
  process.stdout.write(chunk.choices[0]?.delta?.content ?? "");
}`;
    case "curl":
      return `curl -N ${baseUrl}/chat/completions \\
  -H "Authorization: Bearer ${apiKey}" \\
  -H "Content-Type: application/json" \\
  -H "x-aop-agent: first-agent" \\
  -d '{"model": "${model}", "stream": true, "messages": [{"role": "user", "content": "Say hello to my agents."}]}'`;
  }
}

export const installs: Record<Language, string | null> = { python: "pip install openai", node: "npm install openai", curl: null };
