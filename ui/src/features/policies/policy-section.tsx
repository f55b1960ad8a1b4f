import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { client, unwrap } from "@/api/client";
import { errorSentence } from "@/api/errors";
import { queries, type PolicySpeaker } from "@/api/queries";
import type { ContentPolicy } from "@/api/types";
import { Field } from "@/components/field";
import { ErrorState, SkeletonRows } from "@/components/states";
import { Button } from "@/components/ui/button";
import { NativeSelect } from "@/components/ui/native-select";
import { useT } from "@/i18n/i18n";
import { showToast } from "@/lib/toasts";
import { draftOf, policyOf, recordingLevels, ttlsWith } from "./policy-state";

interface PolicySectionProps {
  speaker: PolicySpeaker;
  id: string;
  editable: boolean;
}

/** What a team, a key or a model says about recording and the response cache. */
export function PolicySection({ speaker, id, editable }: PolicySectionProps) {
  const t = useT();
  const query = useQuery(queries.policy(speaker, id));
  return (
    <section className="flex flex-col gap-3" aria-label={t("policy.title")}>
      <h2 className="text-sm font-semibold">{t(speaker === "models" ? "policy.cacheTitle" : "policy.title")}</h2>
      {query.error !== null ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      ) : query.data === undefined ? (
        <SkeletonRows rows={2} />
      ) : (
        <PolicyForm key={JSON.stringify(query.data)} speaker={speaker} id={id} policy={query.data} editable={editable} />
      )}
    </section>
  );
}

function put(speaker: PolicySpeaker, id: string, body: ContentPolicy) {
  const params = { path: { id } };
  switch (speaker) {
    case "teams":
      return unwrap(client.PUT("/api/teams/{id}/policy", { params, body }));
    case "api-keys":
      return unwrap(client.PUT("/api/api-keys/{id}/policy", { params, body }));
    case "models":
      return unwrap(client.PUT("/api/models/{id}/policy", { params, body }));
  }
}

function PolicyForm({ speaker, id, policy, editable }: PolicySectionProps & { policy: ContentPolicy }) {
  const t = useT();
  const queryClient = useQueryClient();
  const [draft, setDraft] = useState(draftOf(policy));
  const save = useMutation({
    mutationFn: () => put(speaker, id, policyOf(draft)),
    onSuccess: () => {
      showToast("done", t("common.saved"));
      return queryClient.invalidateQueries({ queryKey: ["policy", speaker, id] });
    },
  });
  const unsaid = t(speaker === "teams" ? "policy.default" : "policy.unsaid");
  return (
    <form
      className="flex max-w-md flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      {speaker !== "models" && (
        <Field label={t("policy.recording")} hint={draft.recording === "" ? t(speaker === "teams" ? "policy.recordingDefault" : "policy.recordingUnsaid") : t(`policy.recording.${draft.recording as "full"}.hint`)}>
          {(props) => (
            <NativeSelect {...props} disabled={!editable} value={draft.recording} onChange={(event) => setDraft({ ...draft, recording: event.target.value })}>
              <option value="">{unsaid}</option>
              {recordingLevels.map((level) => <option key={level} value={level}>{t(`policy.recording.${level}`)}</option>)}
            </NativeSelect>
          )}
        </Field>
      )}
      <Field label={t("policy.cache")} hint={t("policy.cacheHint")}>
        {(props) => (
          <NativeSelect {...props} disabled={!editable} value={draft.ttl} onChange={(event) => setDraft({ ...draft, ttl: event.target.value })}>
            <option value="">{unsaid}</option>
            <option value="0">{t("policy.cacheOff")}</option>
            {ttlsWith(policy.cache == null ? "" : String(policy.cache.ttl_s)).map((seconds) => (
              <option key={seconds} value={seconds}>{ttlLabel(seconds, t)}</option>
            ))}
          </NativeSelect>
        )}
      </Field>
      {Number(draft.ttl) > 0 && (
        <Field label={t("policy.scope")}>
          {(props) => (
            <NativeSelect {...props} disabled={!editable} value={draft.scope} onChange={(event) => setDraft({ ...draft, scope: event.target.value === "key" ? "key" : "team" })}>
              <option value="team">{t("policy.scope.team")}</option>
              <option value="key">{t("policy.scope.key")}</option>
            </NativeSelect>
          )}
        </Field>
      )}
      {save.error !== null && (
        <p role="alert" className="text-sm text-bad">
          {errorSentence(save.error, t)}
        </p>
      )}
      {editable && (
        <div>
          <Button type="submit" variant="outline" disabled={save.isPending}>
            {t("policy.save")}
          </Button>
        </div>
      )}
    </form>
  );
}

function ttlLabel(seconds: number, t: ReturnType<typeof useT>): string {
  if (seconds % 86_400 === 0) return t("policy.days", { n: seconds / 86_400 });
  if (seconds % 3_600 === 0) return t("policy.hours", { n: seconds / 3_600 });
  return seconds % 60 === 0 ? t("policy.minutes", { n: seconds / 60 }) : t("policy.seconds", { n: seconds });
}
