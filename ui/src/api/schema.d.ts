// Generated from api/openapi.json by `npm run api`. Do not edit.

export interface paths {
    "/api/analytics/overview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Calls, tokens, cost, latency and errors of a time range, beside the range before it. */
        get: operations["overview"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/api-keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The caller's keys of the team; all of the team's for an owner. */
        get: operations["list_api_keys"];
        put?: never;
        /** Makes a key; the answer is the only one that shows it. */
        post: operations["create_api_key"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/api-keys/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One key of the caller's, or of the team's for an owner. The key itself is not shown again. */
        get: operations["get_api_key"];
        put?: never;
        post?: never;
        /** Revokes a key for good. */
        delete: operations["delete_api_key"];
        options?: never;
        head?: never;
        /** Changes what a key may do, or switches it off. */
        patch: operations["update_api_key"];
        trace?: never;
    };
    "/api/api-keys/{id}/regenerate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Replaces the secret of a key; the old one stops working at once. */
        post: operations["regenerate_api_key"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/callback/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Comes back from a provider: signs the person in and goes on to the page they wanted. */
        get: operations["sso_callback"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/invitations/accept": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Joins the team of an invitation: the signed-in user, or else a new account for the invited e-mail address. */
        post: operations["accept_invitation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/login": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Signs in with e-mail and password. */
        post: operations["login"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/logout": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Ends the session of the refresh cookie. */
        post: operations["logout"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The caller's profile and teams. */
        get: operations["me"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Changes the caller's name or preferences. */
        patch: operations["update_me"];
        trace?: never;
    };
    "/api/auth/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Changes the caller's password and ends every other session. */
        post: operations["change_password"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/password-reset": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sets a new password with a one-time link. Every session of the user ends. */
        post: operations["reset_password"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/providers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The providers people can sign in at, in the order of the configuration. */
        get: operations["list_sign_in_providers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/refresh": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Trades the refresh cookie for a new access token and a new cookie. */
        post: operations["refresh"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/register": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Makes an account: the first administrator with the set-up token, afterwards a pending user. */
        post: operations["register"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/sso/login": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Leaves for a provider. */
        get: operations["sso_login"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/budgets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The team's limits and the installation's, newest first. */
        get: operations["list_budgets"];
        put?: never;
        /** Makes a limit. It is in force within a moment. */
        post: operations["create_budget"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/budgets/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Changes a limit. What was used stays counted, unless it now counts something else. */
        put: operations["update_budget"];
        post?: never;
        /** Takes a limit away, with what was counted for it. */
        delete: operations["delete_budget"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/calls": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** LLM calls, newest first. */
        get: operations["list_calls"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/calls/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One call in full. */
        get: operations["get_call"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/crews": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Crews, newest first. */
        get: operations["list_crews"];
        put?: never;
        /** Stores a crew. */
        post: operations["create_crew"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/crews/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One crew. */
        get: operations["get_crew"];
        /** Replaces a crew's content. The state before stays as a version; runs that began keep what they began with. */
        put: operations["replace_crew"];
        post?: never;
        /** Deletes a crew. Its runs stay. */
        delete: operations["delete_crew"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/crews/{id}/executions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Runs of one crew, newest first. */
        get: operations["list_crew_executions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/crews/{id}/run": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Queues a run. With `Accept: text/event-stream` the answer is the run's event stream itself, as of
         *     `GET /api/executions/{id}/stream`; leaving it does not stop the run.
         */
        post: operations["run_crew"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/crews/validate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Looks at a definition without storing it. */
        post: operations["validate_crew"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/executions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Runs, newest first. */
        get: operations["list_executions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/executions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One run. */
        get: operations["get_execution"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/executions/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Cancels a run: at once when it waits, within a second when it runs. The answer is the run as it is now. */
        post: operations["cancel_execution"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/executions/{id}/logs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The log of a run, oldest line first. */
        get: operations["list_execution_logs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/executions/{id}/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What a run used so far: calls, tokens, cost and time, by agent and model. */
        get: operations["get_execution_metrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/executions/{id}/stream": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The run's events as server-sent events: all so far, then each as it happens, until `execution_completed`. Every event
         *     has an `id`; a client that comes back with `Last-Event-ID` misses none. A comment is sent every 15 s.
         * @description Events: `execution_started`, `task_started`, `agent_started`, `handover`, `llm_started`, `token`, `llm_call`,
         *     `tool_call`, `agent_completed`, `task_completed`, `log`, `error`, `execution_completed`. Durations are seconds, money is
         *     decimal text and `null` when unknown.
         */
        get: operations["stream_execution"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/executions/{id}/traces": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Traces of a run, newest first: its own, and those of calls that named the run. `GET /api/traces/{trace_id}` has the spans. */
        get: operations["list_execution_traces"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/info": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What the connect snippet shows. */
        get: operations["info"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/live/ticket": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A one-time pass for opening a live WebSocket from a browser. */
        post: operations["create_live_ticket"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/models": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Models the team can call, and the deployments behind them. */
        get: operations["list_models"];
        put?: never;
        /** Adds a model name and its deployments. */
        post: operations["create_model"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/models/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One model. */
        get: operations["get_model"];
        /** Replaces a model and its deployments. */
        put: operations["update_model"];
        post?: never;
        /** Removes a model name and the deployments that only it used. */
        delete: operations["delete_model"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/models/{id}/check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Asks each deployment's provider whether it is there, knows the credential and has the model. */
        post: operations["check_model"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/prices": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Prices that people set, in force or to come, then the shipped table. */
        get: operations["list_prices"];
        /** Puts a price over the shipped one. Calls metered before keep the price they were metered at. */
        put: operations["set_price"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/providers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Providers the team can use. */
        get: operations["list_providers"];
        put?: never;
        /** Connects a provider. */
        post: operations["create_provider"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/providers/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One provider. */
        get: operations["get_provider"];
        /** Changes a provider. */
        put: operations["update_provider"];
        post?: never;
        /** Removes a provider that no model uses. */
        delete: operations["delete_provider"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/providers/{id}/credentials": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Adds a secret to a provider; it is encrypted and never shown again. */
        post: operations["create_credential"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/providers/{id}/credentials/{credential_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Deletes a secret that no model uses. */
        delete: operations["delete_credential"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/setup": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether the first administrator still has to be made. */
        get: operations["setup_state"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/teams": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Teams the caller belongs to; every team for an administrator. */
        get: operations["list_teams"];
        put?: never;
        /** Makes a team and its first owner. */
        post: operations["create_team"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/teams/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One team. */
        get: operations["get_team"];
        /** Replaces a team's name and how long its records are kept. */
        put: operations["update_team"];
        post?: never;
        /** Deletes a team with its keys, crews and models. */
        delete: operations["delete_team"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/teams/{id}/invitations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Invitations into the team that can still be accepted, newest first. */
        get: operations["list_invitations"];
        put?: never;
        /**
         * Invites somebody into the team and answers the one-time link, good for 7 days. It replaces an open one for the same
         *     e-mail address.
         */
        post: operations["create_invitation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/teams/{id}/invitations/{invitation_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Revokes an invitation; its link stops working at once. */
        delete: operations["revoke_invitation"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/teams/{id}/members": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who belongs to the team, the latest first. */
        get: operations["list_members"];
        put?: never;
        /** Adds an existing user to the team, or changes the role of a member. */
        post: operations["put_member"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/teams/{id}/members/{user_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Takes a member out of the team. */
        delete: operations["remove_member"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/traces": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Traces, newest first. */
        get: operations["list_traces"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/traces/{trace_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One trace with its spans. */
        get: operations["get_trace"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Every user of the platform, newest first. */
        get: operations["list_users"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/users/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One user. */
        get: operations["get_user"];
        put?: never;
        post?: never;
        /** Deletes a user and everything that is theirs alone. */
        delete: operations["delete_user"];
        options?: never;
        head?: never;
        /** Approves a user, changes their role, or switches them off. */
        patch: operations["update_user"];
        trace?: never;
    };
    "/api/users/{id}/password-reset": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Makes a one-time link with which the user sets a new password, good for an hour. It replaces an open one. */
        post: operations["create_password_reset"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/calls/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What a call of this very key used and cost. Found a moment after the answer, once the record is stored. */
        get: operations["get_receipt"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ws/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * WebSocket: every record of the team as it is accepted, one JSON object per message. Closed after 15 minutes; connect
         *     again with a new ticket.
         */
        get: operations["live_team"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ws/trace/{trace_id}/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** WebSocket: the records of one trace as they are accepted, one JSON object per message. */
        get: operations["live_trace"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /**
         * @description Something that not every model can do.
         * @enum {string}
         */
        Ability: "tools" | "parallel_tools" | "json_schema" | "reasoning" | "prompt_caching" | "web_search" | "computer_use";
        /** @description Signed in, only the token is needed. Otherwise name and password make the account. */
        AcceptInvitationRequest: {
            name?: string | null;
            password?: components["schemas"]["Password"] | null;
            token: components["schemas"]["LinkToken"];
        };
        /** @description Adds an existing user to the team, or changes the role of a member. */
        AddMemberRequest: {
            /** Format: email */
            email: string;
            role: components["schemas"]["MemberRole"];
        };
        AgentModelUse: components["schemas"]["RunUse"] & {
            /** @description Empty when the call named none. */
            agent: string;
            model: string;
        };
        ApiKey: {
            /** @description Model names or patterns (`gpt-4*`) the key may call; empty allows every model of the team. */
            allowed_models: string[];
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            expires_at?: string | null;
            /** @description First and last characters of the key. */
            hint: string;
            /** Format: uuid */
            id: string;
            is_active: boolean;
            /** Format: date-time */
            last_used_at?: string | null;
            name: string;
            permissions: components["schemas"]["Permission"][];
            /**
             * Format: int32
             * @description Requests a minute; absent: no limit of its own.
             */
            rate_limit?: number | null;
            /** Format: uuid */
            user_id: string;
        };
        /** @description One try at one deployment. */
        Attempt: {
            /** Format: int64 */
            connect_us?: number | null;
            /** @description Every deployment there was, with what spoke for or against it; on the first try of a model only. */
            considered?: string | null;
            deployment?: string | null;
            /** Format: int64 */
            duration_us: number;
            error_code?: string | null;
            error_message?: string | null;
            /** Format: int64 */
            first_byte_us?: number | null;
            /**
             * Format: int32
             * @description Absent when no answer came.
             */
            http_status?: number | null;
            provider: string;
            /**
             * @description Why this deployment was chosen: `route:first`, `sticky`, `fallback`, `retry`, `probe`, `last_resort`, `hedge`,
             *     `model_fallback:<what the model before failed with>`.
             */
            reason?: string | null;
            span_id: string;
            /** Format: date-time */
            started_at: string;
            /** @description `completed`, `failed` or `cancelled`. */
            status: string;
            /** @description What ordered the deployments; absent when there was only one. */
            strategy?: string | null;
            upstream_model: string;
        };
        /** @description When a deployment is passed over for a while: after `failures` in the window, if they are `failure_percent` of its calls. */
        Breaker: {
            /** Format: int32 */
            cooldown_ms: number;
            /** Format: int32 */
            failure_percent: number;
            /**
             * Format: int32
             * @description 0: never passed over.
             */
            failures: number;
            /** Format: int32 */
            window_ms: number;
        };
        Budget: {
            /** @description Dollars for spend, a whole number for the rest; decimal text. */
            amount: string;
            /** Format: date-time */
            created_at: string;
            current: components["schemas"]["BudgetUse"];
            /** Format: uuid */
            id: string;
            is_active: boolean;
            kind: components["schemas"]["BudgetKind"];
            name: string;
            scope: components["schemas"]["BudgetScope"];
            /** @description Counted and reported, never enforced. */
            shadow: boolean;
            /** @description An id, a name, or a pattern with `*` whose matches are counted together. Absent: each one has the limit for itself. */
            subject?: string | null;
            /**
             * Format: uuid
             * @description Absent: the whole installation's.
             */
            team_id?: string | null;
            /** Format: date-time */
            updated_at: string;
            window: components["schemas"]["BudgetWindow"];
        };
        /**
         * @description What is counted: requests, tokens, calls at once, or dollars.
         * @enum {string}
         */
        BudgetKind: "requests" | "tokens" | "concurrency" | "spend";
        /**
         * @description Whose use is counted.
         * @enum {string}
         */
        BudgetScope: "organisation" | "team" | "user" | "key" | "model" | "tag" | "run" | "agent";
        /** @description What is used in the current window, by the one that used most. */
        BudgetUse: {
            /**
             * Format: int64
             * @description How many have used any.
             */
            counted: number;
            /** @description Held by gateways beside that: by calls in flight, and ahead of calls to come. */
            held: string;
            /** @description Which user, key, run, ... used most, where each has the limit for itself. */
            of?: string | null;
            /**
             * Format: date-time
             * @description Absent: the window does not end.
             */
            resets_at?: string | null;
            /** @description Settled; decimal text, as the amount. */
            used: string;
        };
        /**
         * @description In which window of the calendar, in UTC. `run` goes with the scope `run`, `now` with `concurrency`.
         * @enum {string}
         */
        BudgetWindow: "minute" | "hour" | "day" | "week" | "month" | "total" | "run" | "now";
        /** @description The conversation of a call, put together again from its stored messages. */
        CallContent: {
            /** @description In the order they were sent. */
            input: components["schemas"]["Message"][];
            /**
             * Format: int32
             * @description Index of the first message in `input` that the call before did not carry.
             */
            new_from: number;
            output: components["schemas"]["Message"][];
            /** @description The request without its messages and tools. */
            params: unknown;
            /** @description The response without its messages. */
            response: unknown;
            /** @description The tool definitions as they were sent; null when there were none. */
            tools: unknown;
        };
        /** @description One call in full: what was asked, what was answered, what it cost and how it was routed. */
        CallDetail: components["schemas"]["CallSummary"] & {
            attempts: components["schemas"]["Attempt"][];
            /** @description The recorded bodies were cut at the recording bound. */
            body_truncated: boolean;
            /** Format: int64 */
            connect_us: number;
            content?: components["schemas"]["CallContent"] | null;
            costs?: components["schemas"]["CostParts"] | null;
            identity: components["schemas"]["IdentityFacts"];
            /** @description Name of the proxy that took the call. */
            node: string;
            /**
             * Format: int64
             * @description Time the gateway itself added.
             */
            overhead_us: number;
            /** @description Of a call to a provider's own API: method and path there. */
            passed?: string | null;
            /** Format: int32 */
            price_version?: number | null;
            provider_response_id?: string | null;
            /** Format: int64 */
            queue_us: number;
            /** Format: int64 */
            request_bytes: number;
            /** Format: int64 */
            response_bytes: number;
            /**
             * Format: int32
             * @description Days this record is kept.
             */
            retention_days: number;
            /** @description The route that answered to the requested model. */
            route?: string | null;
            tags: string[];
            /** @description What was used beside tokens. */
            units: components["schemas"]["Unit"][];
            /** Format: int64 */
            upstream_us: number;
            usage: components["schemas"]["TokenUsage"];
        };
        /** @description Absent: not known or not applicable. */
        CallReceipt: {
            /** Format: int32 */
            attempt_count: number;
            /** Format: uuid */
            call_id: string;
            /** @description US dollars as decimal text; absent when unknown. */
            cost?: string | null;
            costs?: components["schemas"]["CostParts"] | null;
            /** Format: int64 */
            duration_us: number;
            error_code?: string | null;
            finish_reason?: string | null;
            /** Format: int64 */
            first_token_us?: number | null;
            /** Format: int32 */
            http_status: number;
            /** Format: int32 */
            price_version?: number | null;
            provider?: string | null;
            requested_model: string;
            response_model?: string | null;
            /** Format: date-time */
            started_at: string;
            status: components["schemas"]["CallStatus"];
            stream: boolean;
            trace_id: string;
            usage: components["schemas"]["TokenUsage"];
            usage_source: components["schemas"]["TokenSource"];
        };
        /**
         * @description How a call or an attempt ended.
         * @enum {string}
         */
        CallStatus: "ok" | "client_error" | "rate_limited" | "budget" | "blocked" | "upstream_error" | "timeout" | "cancelled" | "internal";
        /** @description One answered or refused request at the front door. Absent: not known or not applicable. */
        CallSummary: {
            agent?: string | null;
            application?: string | null;
            /**
             * Format: int32
             * @description Upstream tries; 0 for a refused call.
             */
            attempt_count: number;
            /** Format: uuid */
            call_id: string;
            /** @description US dollars as decimal text; absent when unknown. */
            cost?: string | null;
            crew?: string | null;
            deployment?: string | null;
            /** Format: int64 */
            duration_us: number;
            /** @description The customer's own user. */
            end_user?: string | null;
            error_code?: string | null;
            error_message?: string | null;
            /** Format: uuid */
            execution_id?: string | null;
            finish_reason?: string | null;
            /**
             * Format: int64
             * @description Absent when no token came or the answer was not streamed.
             */
            first_token_us?: number | null;
            framework?: string | null;
            /** Format: int32 */
            http_status: number;
            input_preview: string;
            /** Format: int64 */
            input_tokens: number;
            /** Format: uuid */
            key_id?: string | null;
            /** @description `chat_completions`, `completions`, `embeddings`, ... */
            operation: string;
            output_preview: string;
            /** Format: int64 */
            output_tokens: number;
            parent_agent?: string | null;
            parent_span_id?: string | null;
            provider?: string | null;
            requested_model: string;
            response_model?: string | null;
            session_id?: string | null;
            span_id: string;
            /** Format: date-time */
            started_at: string;
            status: components["schemas"]["CallStatus"];
            stream: boolean;
            task?: string | null;
            /** @description Tools the answer called. */
            tool_names: string[];
            trace_id: string;
            usage_source: components["schemas"]["TokenSource"];
            /** Format: uuid */
            user_id?: string | null;
        };
        ChangePasswordRequest: {
            current_password: components["schemas"]["Password"];
            new_password: components["schemas"]["Password"];
        };
        /** @description US dollars as decimal text. */
        CostParts: {
            cache: string;
            input: string;
            output: string;
        };
        CreateApiKeyRequest: {
            allowed_models?: string[];
            /**
             * Format: date-time
             * @description Absent: never expires.
             */
            expires_at?: string | null;
            name: string;
            permissions: components["schemas"]["Permission"][];
            /**
             * Format: int32
             * @description Requests a minute; absent: no limit of its own.
             */
            rate_limit?: number | null;
        };
        CreateProviderRequest: {
            base_url: string;
            credential?: components["schemas"]["CredentialRequest"] | null;
            kind: components["schemas"]["ProviderKind"];
            name: string;
            /** @description Absent: the name in lower case. */
            price_provider?: string | null;
            /** @description Usable by every team. */
            shared?: boolean;
        };
        Credential: {
            /** Format: date-time */
            created_at: string;
            /** @description Last characters of the secret, to tell two apart. */
            hint: string;
            /** Format: uuid */
            id: string;
            name: string;
        };
        CredentialRequest: {
            name: string;
            secret: components["schemas"]["SecretText"];
        };
        /** @description A crew as stored. */
        Crew: {
            /** @description `{agents, tasks, process, inputs}`, as it was written. */
            config: Record<string, never>;
            /** Format: date-time */
            created_at: string;
            /** Format: uuid */
            created_by?: string | null;
            description: string;
            /** Format: uuid */
            id: string;
            name: string;
            /** @description The `{placeholder}`s of its texts. `config.inputs` may have defaults for them. */
            placeholders: string[];
            status: components["schemas"]["CrewStatus"];
            /** Format: date-time */
            updated_at: string;
            /**
             * Format: int32
             * @description Grows by one with every change.
             */
            version: number;
        };
        CrewProblem: {
            /** @description Where, e.g. `tasks[1].context[0]`. */
            field: string;
            message: string;
        };
        /** @description What an author writes; a change replaces all of it. */
        CrewRequest: {
            /**
             * @description `agents`: a list, or an object by name, of `{name?, role, goal, backstory, llm, tools?, max_iter?,
             *     max_execution_time?}`. `tasks`: a list of `{name?, description, expected_output, agent, context?, tools?}` in the
             *     order they run. `process`: `sequential`. `inputs`: defaults of `{placeholder}`s. What the runner cannot do yet is
             *     refused by name.
             */
            config: Record<string, never>;
            description?: string;
            name: string;
        };
        /** @enum {string} */
        CrewStatus: "draft" | "deployed" | "stopped";
        /**
         * @description What a model failed with. `any`: everything but a request that is wrong in itself.
         * @enum {string}
         */
        ErrorClass: "any" | "context_too_long" | "content_filter" | "rate_limited" | "timeout";
        Execution: {
            cancel_requested: boolean;
            /** Format: date-time */
            completed_at?: string | null;
            /** Format: date-time */
            created_at: string;
            /**
             * Format: uuid
             * @description Absent when the crew was deleted since.
             */
            crew_id?: string | null;
            crew_name: string;
            /** Format: int32 */
            crew_version: number;
            error_message?: string | null;
            /** Format: uuid */
            id: string;
            /** Format: int64 */
            input_tokens: number;
            inputs: Record<string, never>;
            /** Format: int64 */
            output_tokens: number;
            /** @description `{raw, tasks: [{name, agent, raw}]}` once completed. */
            outputs?: Record<string, never> | null;
            /** Format: date-time */
            started_at?: string | null;
            status: components["schemas"]["ExecutionStatus"];
            /** @description Dollars as decimal text. Absent until the run ends, and when it is unknown, which is not 0. */
            total_cost?: string | null;
            /** @description 32 hex digits: `GET /api/traces/{trace_id}` has its spans. */
            trace_id: string;
            triggered_by: components["schemas"]["TriggeredBy"];
        };
        /** @enum {string} */
        ExecutionStatus: "pending" | "running" | "completed" | "failed" | "cancelled";
        /** @description Another model that answers when this one fails in this way. Its own fallbacks are not followed. */
        Fallback: {
            model: string;
            on: components["schemas"]["ErrorClass"];
        };
        Figures: {
            /**
             * Format: int64
             * @description Upstream tries.
             */
            attempts: number;
            /** Format: int64 */
            calls: number;
            /** @description Sum of the known costs, US dollars as decimal text. */
            cost: string;
            /**
             * Format: int64
             * @description Absent when there were no calls.
             */
            duration_p50_us?: number | null;
            /** Format: int64 */
            duration_p95_us?: number | null;
            /** Format: int64 */
            duration_p99_us?: number | null;
            /**
             * Format: int64
             * @description Calls that ended neither `ok` nor `cancelled`.
             */
            errors: number;
            /**
             * Format: int64
             * @description Calls whose tokens were counted by us.
             */
            estimated_calls: number;
            /**
             * Format: int64
             * @description Absent when no token came.
             */
            first_token_p50_us?: number | null;
            /** Format: int64 */
            first_token_p95_us?: number | null;
            /** Format: int64 */
            input_tokens: number;
            /** Format: int64 */
            output_tokens: number;
            /**
             * Format: int64
             * @description Calls whose cost is unknown and so not in `cost`.
             */
            unknown_cost_calls: number;
            usage: components["schemas"]["TokenUsage"];
        };
        Group: {
            /** Format: int64 */
            calls: number;
            /** @description Sum of the known costs, US dollars as decimal text. */
            cost: string;
            /** Format: int64 */
            duration_p50_us?: number | null;
            /** Format: int64 */
            duration_p95_us?: number | null;
            /** Format: int64 */
            errors: number;
            /** Format: int64 */
            input_tokens: number;
            /** @description The model or agent; empty when none is known. */
            name: string;
            /** Format: int64 */
            output_tokens: number;
            /** Format: int64 */
            unknown_cost_calls: number;
        };
        /**
         * @description How the call's identity was found. Sources: `signed`, `aop_header`, `path`, `trace_context`, `vendor_header`, `body`,
         *     `inferred`, `generated`, `none`.
         */
        IdentityFacts: {
            /**
             * Format: int32
             * @description 0 to 100: 100 for what was stated.
             */
            agent_confidence: number;
            /** @description The rule that gave the agent, e.g. `header:x-aop-agent`. */
            agent_rule?: string | null;
            /** @description Source of each claimed field, by field name. */
            sources: {
                [key: string]: string;
            };
            trace_source: string;
        };
        Info: {
            /** @description A model the team can call right now; absent when there is none. */
            example_model?: string | null;
            /** @description What to set as the client's base URL, e.g. `http://127.0.0.1:8080/v1`. */
            gateway_url: string;
            version: string;
        };
        /** @description An invitation that can still be accepted. */
        Invitation: {
            account_role?: components["schemas"]["Role"] | null;
            /** Format: date-time */
            created_at: string;
            email: string;
            /** Format: date-time */
            expires_at: string;
            /** Format: uuid */
            id: string;
            role: components["schemas"]["MemberRole"];
        };
        InvitationRequest: {
            account_role?: components["schemas"]["Role"] | null;
            /** Format: email */
            email: string;
            /** @description What the person becomes in the team. */
            role: components["schemas"]["MemberRole"];
        };
        /** @description Sent instead of records that a slow subscriber missed. Load the page's data again when it comes. */
        Lagged: {
            /**
             * Format: int64
             * @description 0: an unknown number, the connection inside was cut.
             */
            missed: number;
            /** @description `lagged`. */
            type: string;
        };
        /** @description The token of a one-time link on its way in. It has no `Serialize`, and its `Debug` shows nothing. */
        LinkToken: string;
        /** @description A one-time pass for opening a WebSocket, where a browser cannot send an `Authorization` header. */
        LiveTicket: {
            /** Format: int32 */
            expires_in_s: number;
            /** @description Pass it as `?ticket=`. Works once. */
            ticket: string;
        };
        LoginRequest: {
            email: string;
            password: components["schemas"]["Password"];
        };
        /** @enum {string} */
        LogLevel: "debug" | "info" | "warning" | "error";
        LogLine: {
            agent?: string | null;
            /** Format: date-time */
            created_at: string;
            /** Format: uuid */
            execution_id?: string | null;
            level: components["schemas"]["LogLevel"];
            message: string;
            metadata: {
                [key: string]: string;
            };
            /** @description 16 hex digits. */
            span_id?: string | null;
            /** @description 32 hex digits. */
            trace_id?: string | null;
        };
        /** @description The caller's own profile and teams. */
        Me: {
            /** Format: date-time */
            created_at: string;
            email: string;
            /** Format: uuid */
            id: string;
            name: string;
            role: components["schemas"]["Role"];
            /** @description Free-form preferences of the UI (theme, language). */
            settings: Record<string, never>;
            teams: components["schemas"]["MyTeam"][];
        };
        Member: {
            email: string;
            /** Format: date-time */
            joined_at: string;
            name: string;
            role: components["schemas"]["MemberRole"];
            /** Format: uuid */
            user_id: string;
        };
        /**
         * @description A member's place in a team. Owners manage members and every key of the team.
         * @enum {string}
         */
        MemberRole: "owner" | "member";
        /** @description One message of a conversation. */
        Message: {
            /** @description The message as it was sent, in the provider's own shape. */
            content: unknown;
            /** @description The same message has the same hash in every call. */
            hash: string;
            /** @description `system`, `user`, `assistant`, `tool`, ...; `missing` when it is no longer kept. */
            role: string;
        };
        /**
         * @description A kind of content.
         * @enum {string}
         */
        Modality: "text" | "image" | "audio" | "video" | "file";
        Model: {
            /** @description More names for the model. */
            aliases: string[];
            /** Format: date-time */
            created_at: string;
            facts?: components["schemas"]["ModelFacts"] | null;
            /** @description Other models that answer when this one fails, asked in order. */
            fallbacks: components["schemas"]["Fallback"][];
            /**
             * Format: int32
             * @description A second deployment is asked when the first has not begun to answer after so long. Absent: never.
             */
            hedge_after_ms?: number | null;
            /** Format: uuid */
            id: string;
            /**
             * Format: int32
             * @description Upstream tries at most, all targets together.
             */
            max_attempts: number;
            /** @description The model name clients send. */
            model: string;
            operations: components["schemas"]["Operation"][];
            /** @description Callable by every team, not only this one. */
            shared: boolean;
            /** @description Calls of one session go to one deployment while it is healthy. */
            sticky: boolean;
            strategy: components["schemas"]["Strategy"];
            targets: components["schemas"]["Target"][];
            /** Format: date-time */
            updated_at: string;
        };
        /** @description What asking each deployment's provider for its model list showed. */
        ModelCheck: {
            healthy: boolean;
            targets: components["schemas"]["TargetCheck"][];
        };
        /** @description Facts for choosing a model. Absent or empty: not known. */
        ModelFacts: {
            abilities: components["schemas"]["Ability"][];
            /** @description The day its provider has named for its end, `YYYY-MM-DD`. */
            ends_on?: string | null;
            input: components["schemas"]["Modality"][];
            /**
             * Format: int32
             * @description The context size: most tokens a request may have.
             */
            max_input_tokens?: number | null;
            /** Format: int32 */
            max_output_tokens?: number | null;
            output: components["schemas"]["Modality"][];
        };
        ModelRequest: {
            /** @description More names for the model, each with at most one `*`. */
            aliases?: string[];
            /** @description Other models that answer when this one fails, asked in order. */
            fallbacks?: components["schemas"]["Fallback"][];
            /**
             * Format: int32
             * @description A second deployment is asked when the first has not begun to answer after so long. Absent: never.
             */
            hedge_after_ms?: number | null;
            /** Format: int32 */
            max_attempts?: number;
            model: string;
            operations?: components["schemas"]["Operation"][];
            /** @description Callable by every team. Cannot be changed later. */
            shared?: boolean;
            /** @description Calls of one session go to one deployment while it is healthy. */
            sticky?: boolean;
            strategy?: components["schemas"]["Strategy"];
            targets: components["schemas"]["TargetRequest"][];
        };
        MyTeam: {
            /** Format: uuid */
            id: string;
            name: string;
            role: components["schemas"]["MemberRole"];
        };
        /** @description A key just made: the only time `key` is shown. */
        NewApiKey: {
            api_key: components["schemas"]["ApiKey"];
            /** @description The secret itself, `aop-...`. It is not stored and cannot be shown again. */
            key: string;
        };
        /** @description An invitation just made, with its link. */
        NewInvitation: {
            invitation: components["schemas"]["Invitation"];
            link: components["schemas"]["OneTimeLink"];
        };
        /** @description A one-time link, shown once. Hand it over on a way you trust: whoever opens it first may use it. */
        OneTimeLink: {
            /** Format: date-time */
            expires_at: string;
            /** @description The address to open, with the token in it. */
            link: string;
            /** @description The token alone. */
            token: string;
        };
        /**
         * @description A kind of call a model answers.
         * @enum {string}
         */
        Operation: "chat" | "completion" | "embedding" | "moderation" | "rerank" | "image" | "speech" | "transcription";
        Overview: {
            by_agent: components["schemas"]["Group"][];
            /** @description The 50 with the most calls; calls of no known agent stand under the empty name. */
            by_model: components["schemas"]["Group"][];
            /**
             * Format: date-time
             * @description The range asked for, widened to whole steps.
             */
            from: string;
            /** @description The same length of time right before. */
            previous: components["schemas"]["Figures"];
            /** @description Only steps with calls; an absent one is empty time. */
            series: components["schemas"]["Point"][];
            /**
             * Format: int32
             * @description Seconds between two points of `series`.
             */
            step_s: number;
            /** Format: date-time */
            to: string;
            totals: components["schemas"]["Figures"];
        };
        /** @description A page of a list. `next_cursor` is absent on the last page. */
        Page_ApiKey: {
            items: {
                /** @description Model names or patterns (`gpt-4*`) the key may call; empty allows every model of the team. */
                allowed_models: string[];
                /** Format: date-time */
                created_at: string;
                /** Format: date-time */
                expires_at?: string | null;
                /** @description First and last characters of the key. */
                hint: string;
                /** Format: uuid */
                id: string;
                is_active: boolean;
                /** Format: date-time */
                last_used_at?: string | null;
                name: string;
                permissions: components["schemas"]["Permission"][];
                /**
                 * Format: int32
                 * @description Requests a minute; absent: no limit of its own.
                 */
                rate_limit?: number | null;
                /** Format: uuid */
                user_id: string;
            }[];
            /** @description Opaque: pass it back as `?cursor=` to get the next page. */
            next_cursor?: string | null;
        };
        /** @description A page of a list. `next_cursor` is absent on the last page. */
        Page_Budget: {
            items: {
                /** @description Dollars for spend, a whole number for the rest; decimal text. */
                amount: string;
                /** Format: date-time */
                created_at: string;
                current: components["schemas"]["BudgetUse"];
                /** Format: uuid */
                id: string;
                is_active: boolean;
                kind: components["schemas"]["BudgetKind"];
                name: string;
                scope: components["schemas"]["BudgetScope"];
                /** @description Counted and reported, never enforced. */
                shadow: boolean;
                /** @description An id, a name, or a pattern with `*` whose matches are counted together. Absent: each one has the limit for itself. */
                subject?: string | null;
                /**
                 * Format: uuid
                 * @description Absent: the whole installation's.
                 */
                team_id?: string | null;
                /** Format: date-time */
                updated_at: string;
                window: components["schemas"]["BudgetWindow"];
            }[];
            /** @description Opaque: pass it back as `?cursor=` to get the next page. */
            next_cursor?: string | null;
        };
        /** @description A page of a list. `next_cursor` is absent on the last page. */
        Page_CallSummary: {
            items: {
                agent?: string | null;
                application?: string | null;
                /**
                 * Format: int32
                 * @description Upstream tries; 0 for a refused call.
                 */
                attempt_count: number;
                /** Format: uuid */
                call_id: string;
                /** @description US dollars as decimal text; absent when unknown. */
                cost?: string | null;
                crew?: string | null;
                deployment?: string | null;
                /** Format: int64 */
                duration_us: number;
                /** @description The customer's own user. */
                end_user?: string | null;
                error_code?: string | null;
                error_message?: string | null;
                /** Format: uuid */
                execution_id?: string | null;
                finish_reason?: string | null;
                /**
                 * Format: int64
                 * @description Absent when no token came or the answer was not streamed.
                 */
                first_token_us?: number | null;
                framework?: string | null;
                /** Format: int32 */
                http_status: number;
                input_preview: string;
                /** Format: int64 */
                input_tokens: number;
                /** Format: uuid */
                key_id?: string | null;
                /** @description `chat_completions`, `completions`, `embeddings`, ... */
                operation: string;
                output_preview: string;
                /** Format: int64 */
                output_tokens: number;
                parent_agent?: string | null;
                parent_span_id?: string | null;
                provider?: string | null;
                requested_model: string;
                response_model?: string | null;
                session_id?: string | null;
                span_id: string;
                /** Format: date-time */
                started_at: string;
                status: components["schemas"]["CallStatus"];
                stream: boolean;
                task?: string | null;
                /** @description Tools the answer called. */
                tool_names: string[];
                trace_id: string;
                usage_source: components["schemas"]["TokenSource"];
                /** Format: uuid */
                user_id?: string | null;
            }[];
            /** @description Opaque: pass it back as `?cursor=` to get the next page. */
            next_cursor?: string | null;
        };
        /** @description A page of a list. `next_cursor` is absent on the last page. */
        Page_Crew: {
            items: {
                /** @description `{agents, tasks, process, inputs}`, as it was written. */
                config: Record<string, never>;
                /** Format: date-time */
                created_at: string;
                /** Format: uuid */
                created_by?: string | null;
                description: string;
                /** Format: uuid */
                id: string;
                name: string;
                /** @description The `{placeholder}`s of its texts. `config.inputs` may have defaults for them. */
                placeholders: string[];
                status: components["schemas"]["CrewStatus"];
                /** Format: date-time */
                updated_at: string;
                /**
                 * Format: int32
                 * @description Grows by one with every change.
                 */
                version: number;
            }[];
            /** @description Opaque: pass it back as `?cursor=` to get the next page. */
            next_cursor?: string | null;
        };
        /** @description A page of a list. `next_cursor` is absent on the last page. */
        Page_Execution: {
            items: {
                cancel_requested: boolean;
                /** Format: date-time */
                completed_at?: string | null;
                /** Format: date-time */
                created_at: string;
                /**
                 * Format: uuid
                 * @description Absent when the crew was deleted since.
                 */
                crew_id?: string | null;
                crew_name: string;
                /** Format: int32 */
                crew_version: number;
                error_message?: string | null;
                /** Format: uuid */
                id: string;
                /** Format: int64 */
                input_tokens: number;
                inputs: Record<string, never>;
                /** Format: int64 */
                output_tokens: number;
                /** @description `{raw, tasks: [{name, agent, raw}]}` once completed. */
                outputs?: Record<string, never> | null;
                /** Format: date-time */
                started_at?: string | null;
                status: components["schemas"]["ExecutionStatus"];
                /** @description Dollars as decimal text. Absent until the run ends, and when it is unknown, which is not 0. */
                total_cost?: string | null;
                /** @description 32 hex digits: `GET /api/traces/{trace_id}` has its spans. */
                trace_id: string;
                triggered_by: components["schemas"]["TriggeredBy"];
            }[];
            /** @description Opaque: pass it back as `?cursor=` to get the next page. */
            next_cursor?: string | null;
        };
        /** @description A page of a list. `next_cursor` is absent on the last page. */
        Page_Invitation: {
            items: {
                account_role?: components["schemas"]["Role"] | null;
                /** Format: date-time */
                created_at: string;
                email: string;
                /** Format: date-time */
                expires_at: string;
                /** Format: uuid */
                id: string;
                role: components["schemas"]["MemberRole"];
            }[];
            /** @description Opaque: pass it back as `?cursor=` to get the next page. */
            next_cursor?: string | null;
        };
        /** @description A page of a list. `next_cursor` is absent on the last page. */
        Page_LogLine: {
            items: {
                agent?: string | null;
                /** Format: date-time */
                created_at: string;
                /** Format: uuid */
                execution_id?: string | null;
                level: components["schemas"]["LogLevel"];
                message: string;
                metadata: {
                    [key: string]: string;
                };
                /** @description 16 hex digits. */
                span_id?: string | null;
                /** @description 32 hex digits. */
                trace_id?: string | null;
            }[];
            /** @description Opaque: pass it back as `?cursor=` to get the next page. */
            next_cursor?: string | null;
        };
        /** @description A page of a list. `next_cursor` is absent on the last page. */
        Page_Member: {
            items: {
                email: string;
                /** Format: date-time */
                joined_at: string;
                name: string;
                role: components["schemas"]["MemberRole"];
                /** Format: uuid */
                user_id: string;
            }[];
            /** @description Opaque: pass it back as `?cursor=` to get the next page. */
            next_cursor?: string | null;
        };
        /** @description A page of a list. `next_cursor` is absent on the last page. */
        Page_Model: {
            items: {
                /** @description More names for the model. */
                aliases: string[];
                /** Format: date-time */
                created_at: string;
                facts?: components["schemas"]["ModelFacts"] | null;
                /** @description Other models that answer when this one fails, asked in order. */
                fallbacks: components["schemas"]["Fallback"][];
                /**
                 * Format: int32
                 * @description A second deployment is asked when the first has not begun to answer after so long. Absent: never.
                 */
                hedge_after_ms?: number | null;
                /** Format: uuid */
                id: string;
                /**
                 * Format: int32
                 * @description Upstream tries at most, all targets together.
                 */
                max_attempts: number;
                /** @description The model name clients send. */
                model: string;
                operations: components["schemas"]["Operation"][];
                /** @description Callable by every team, not only this one. */
                shared: boolean;
                /** @description Calls of one session go to one deployment while it is healthy. */
                sticky: boolean;
                strategy: components["schemas"]["Strategy"];
                targets: components["schemas"]["Target"][];
                /** Format: date-time */
                updated_at: string;
            }[];
            /** @description Opaque: pass it back as `?cursor=` to get the next page. */
            next_cursor?: string | null;
        };
        /** @description A page of a list. `next_cursor` is absent on the last page. */
        Page_Price: {
            items: {
                /** @description US dollars per unit as decimal text, by `meter[#variant][>tokens][@tier]`, e.g. `{"input": "0.0000025"}`. */
                card: {
                    [key: string]: string;
                };
                /**
                 * Format: date-time
                 * @description Absent for a shipped price. In the future for one that is not in force yet.
                 */
                effective_from?: string | null;
                model: string;
                provider: string;
                source: components["schemas"]["PriceSource"];
                /**
                 * Format: int32
                 * @description Counts from 1 for a price people set; the date of its import, `YYYYMMDD`, for a shipped one.
                 */
                version: number;
            }[];
            /** @description Opaque: pass it back as `?cursor=` to get the next page. */
            next_cursor?: string | null;
        };
        /** @description A page of a list. `next_cursor` is absent on the last page. */
        Page_Provider: {
            items: {
                /** @description For example `https://api.openai.com/v1`. */
                base_url: string;
                /** Format: date-time */
                created_at: string;
                credentials: components["schemas"]["Credential"][];
                /** Format: uuid */
                id: string;
                kind: components["schemas"]["ProviderKind"];
                name: string;
                /** @description The name the price table knows this provider by, e.g. `openai`. */
                price_provider: string;
                /** @description Usable by every team, not only this one. */
                shared: boolean;
            }[];
            /** @description Opaque: pass it back as `?cursor=` to get the next page. */
            next_cursor?: string | null;
        };
        /** @description A page of a list. `next_cursor` is absent on the last page. */
        Page_SignInProvider: {
            items: {
                /** @description Short name: `?provider=` of the sign-in. */
                id: string;
                /** @description Where the button leads; `&return_to=` may be added. On the public address, because the browser comes back there. */
                login_url: string;
                /** @description For the button. */
                name: string;
            }[];
            /** @description Opaque: pass it back as `?cursor=` to get the next page. */
            next_cursor?: string | null;
        };
        /** @description A page of a list. `next_cursor` is absent on the last page. */
        Page_Team: {
            items: {
                /** Format: date-time */
                created_at: string;
                /** Format: uuid */
                id: string;
                name: string;
                /**
                 * Format: int32
                 * @description Days the team's records are kept; absent: the installation's own setting.
                 */
                retention_days?: number | null;
                /** Format: date-time */
                updated_at: string;
            }[];
            /** @description Opaque: pass it back as `?cursor=` to get the next page. */
            next_cursor?: string | null;
        };
        /** @description A page of a list. `next_cursor` is absent on the last page. */
        Page_TraceSummary: {
            items: {
                agents: string[];
                /** Format: int64 */
                call_count: number;
                /** @description Sum of the known costs, US dollars as decimal text. */
                cost: string;
                crew?: string | null;
                /** Format: int64 */
                duration_us: number;
                /** Format: int64 */
                error_count: number;
                /** Format: uuid */
                execution_id?: string | null;
                /** Format: int64 */
                input_tokens: number;
                /**
                 * Format: date-time
                 * @description When its latest record was made.
                 */
                last_seen_at: string;
                models: string[];
                /** @description Name, type and status of the root: the span without a parent, else the earliest. */
                name: string;
                /** Format: int64 */
                output_tokens: number;
                root_type: string;
                session_id?: string | null;
                /**
                 * Format: int64
                 * @description Spans that ended, attempts left out.
                 */
                span_count: number;
                /** Format: date-time */
                started_at: string;
                /** @description `running`, `completed`, `failed`, `cancelled`. */
                status: string;
                /** @description 32 hex digits. */
                trace_id: string;
                /**
                 * Format: int64
                 * @description Calls whose cost is unknown and so not in `cost`.
                 */
                unknown_cost_count: number;
            }[];
            /** @description Opaque: pass it back as `?cursor=` to get the next page. */
            next_cursor?: string | null;
        };
        /** @description A page of a list. `next_cursor` is absent on the last page. */
        Page_User: {
            items: {
                /** Format: date-time */
                created_at: string;
                email: string;
                /** Format: uuid */
                id: string;
                /** @description A user who is not active cannot sign in, and none of their keys work. */
                is_active: boolean;
                /** Format: date-time */
                last_login_at?: string | null;
                name: string;
                role: components["schemas"]["Role"];
            }[];
            /** @description Opaque: pass it back as `?cursor=` to get the next page. */
            next_cursor?: string | null;
        };
        /**
         * Format: password
         * @description Deserialised passwords never reach a log: this type has no `Debug` of its content and no `Serialize`.
         */
        Password: string;
        /**
         * @description What the holder of a key may do, never more than its owner may.
         * @enum {string}
         */
        Permission: "gateway" | "passthrough" | "read" | "run" | "write" | "admin";
        Point: {
            /** Format: date-time */
            at: string;
            /** Format: int64 */
            calls: number;
            /** @description US dollars as decimal text. */
            cost: string;
            /** Format: int64 */
            duration_p50_us?: number | null;
            /** Format: int64 */
            duration_p95_us?: number | null;
            /** Format: int64 */
            errors: number;
            /** Format: int64 */
            input_tokens: number;
            /** Format: int64 */
            output_tokens: number;
        };
        Price: {
            /** @description US dollars per unit as decimal text, by `meter[#variant][>tokens][@tier]`, e.g. `{"input": "0.0000025"}`. */
            card: {
                [key: string]: string;
            };
            /**
             * Format: date-time
             * @description Absent for a shipped price. In the future for one that is not in force yet.
             */
            effective_from?: string | null;
            model: string;
            provider: string;
            source: components["schemas"]["PriceSource"];
            /**
             * Format: int32
             * @description Counts from 1 for a price people set; the date of its import, `YYYYMMDD`, for a shipped one.
             */
            version: number;
        };
        /**
         * @description Who set a price.
         * @enum {string}
         */
        PriceSource: "team" | "installation" | "shipped";
        /** @description RFC 9457 `application/problem+json`. */
        Problem: {
            /** @description Stable, for programs: `not_found`, `wrong_credentials`, `forbidden`, ... */
            code: string;
            /** @description One sentence for people: what happened and what to do. */
            detail: string;
            /** @description The field of the request that is at fault, if one is. */
            field?: string | null;
            /** Format: int32 */
            status: number;
            title: string;
            /** @description `urn:aop:problem:<code>`. */
            type: string;
        };
        Provider: {
            /** @description For example `https://api.openai.com/v1`. */
            base_url: string;
            /** Format: date-time */
            created_at: string;
            credentials: components["schemas"]["Credential"][];
            /** Format: uuid */
            id: string;
            kind: components["schemas"]["ProviderKind"];
            name: string;
            /** @description The name the price table knows this provider by, e.g. `openai`. */
            price_provider: string;
            /** @description Usable by every team, not only this one. */
            shared: boolean;
        };
        /**
         * @description The dialect a provider speaks.
         * @enum {string}
         */
        ProviderKind: "openai" | "openai_chat" | "openai_responses" | "anthropic" | "gemini" | "vertex" | "vertex_anthropic" | "azure" | "bedrock" | "cohere" | "mistral" | "groq" | "deepseek" | "xai" | "openrouter" | "together" | "fireworks" | "ollama" | "vllm" | "simulator";
        PutBudgetRequest: {
            /** @description Decimal text. */
            amount: string;
            /** @description For the whole installation; only an administrator may. The scope `organisation` is always so. */
            for_all_teams?: boolean;
            /** @description Absent: in force. */
            is_active?: boolean | null;
            kind: components["schemas"]["BudgetKind"];
            name: string;
            scope: components["schemas"]["BudgetScope"];
            shadow?: boolean;
            subject?: string | null;
            window: components["schemas"]["BudgetWindow"];
        };
        RegisterRequest: {
            /** Format: email */
            email: string;
            name: string;
            password: components["schemas"]["Password"];
            /** @description Only for the first administrator: the token of the `/setup?token=` link. */
            setup_token?: string | null;
        };
        ResetPasswordRequest: {
            password: components["schemas"]["Password"];
            token: components["schemas"]["LinkToken"];
        };
        /**
         * @description What a user may do on the platform. `pending`: signed in, not approved yet.
         * @enum {string}
         */
        Role: "admin" | "developer" | "viewer" | "pending";
        /** @description What a run used so far: all of it, and by agent and model. */
        RunMetrics: {
            /** @description Dearest first. */
            by_agent_and_model: components["schemas"]["AgentModelUse"][];
            /**
             * Format: int64
             * @description From its start to its end, or to now while it runs; absent before it starts.
             */
            duration_ms?: number | null;
            /** Format: uuid */
            execution_id: string;
            total: components["schemas"]["RunUse"];
        };
        RunRequest: {
            /** @description Values of the crew's `{placeholder}`s, over the crew's own defaults. */
            inputs?: Record<string, never>;
        };
        /** @description A run that was queued. */
        RunStarted: {
            /** Format: uuid */
            execution_id: string;
            /** @description Where its events are streamed. */
            stream_url: string;
        };
        RunUse: {
            /**
             * Format: int64
             * @description All calls together, one after the other.
             */
            call_duration_ms: number;
            /** Format: int64 */
            calls: number;
            /** @description Sum of the known costs, US dollars as decimal text. */
            cost: string;
            /**
             * Format: int64
             * @description Calls that neither succeeded nor were cancelled.
             */
            errors: number;
            /** Format: int64 */
            input_tokens: number;
            /** Format: int64 */
            output_tokens: number;
            /**
             * Format: int64
             * @description Calls whose cost is unknown and so not in `cost`.
             */
            unknown_cost_calls: number;
        };
        /**
         * Format: password
         * @description A secret on its way in. It has no `Serialize`, and its `Debug` shows nothing.
         */
        SecretText: string;
        /** @description Puts a price over the shipped one, from now or from a given time on. */
        SetPriceRequest: {
            /** @description US dollars per unit as decimal text, by `meter[#variant][>tokens][@tier]`, e.g. `{"input": "0.0000025"}`. */
            card: {
                [key: string]: string;
            };
            /**
             * Format: date-time
             * @description Absent: now.
             */
            effective_from?: string | null;
            model: string;
            provider: string;
            /** @description For every team, not only this one. */
            shared?: boolean;
        };
        /** @description What the first-run page needs to know before anyone has signed in. */
        SetupState: {
            /** @description No administrator exists yet: registering needs the set-up token printed at first start. */
            needs_admin: boolean;
            version: string;
        };
        /** @description A signed-in session. The refresh token travels only in an HttpOnly cookie. */
        SignedIn: {
            /** @description Send as `Authorization: Bearer`. Keep it in memory only. */
            access_token: string;
            /** Format: int32 */
            expires_in_s: number;
            user: components["schemas"]["Me"];
        };
        /** @description A provider people can sign in at. */
        SignInProvider: {
            /** @description Short name: `?provider=` of the sign-in. */
            id: string;
            /** @description Where the button leads; `&return_to=` may be added. On the public address, because the browser comes back there. */
            login_url: string;
            /** @description For the button. */
            name: string;
        };
        /** @description A step of a trace: a crew, an agent, a task, a tool, an LLM call or one of its attempts. */
        Span: {
            agent?: string | null;
            attributes: {
                [key: string]: string;
            };
            /**
             * Format: uuid
             * @description Set on LLM calls and their attempts.
             */
            call_id?: string | null;
            /** @description US dollars as decimal text; absent when unknown or not a call. */
            cost?: string | null;
            crew?: string | null;
            /**
             * Format: int64
             * @description Absent while it runs.
             */
            duration_us?: number | null;
            /**
             * Format: date-time
             * @description Absent while it runs.
             */
            ended_at?: string | null;
            error_code?: string | null;
            error_message?: string | null;
            /** Format: uuid */
            execution_id?: string | null;
            /** Format: int64 */
            first_token_us?: number | null;
            /** Format: int64 */
            input_tokens: number;
            /** @description JSON text; empty when none was recorded. */
            inputs: string;
            model?: string | null;
            name: string;
            /** Format: int64 */
            output_tokens: number;
            outputs: string;
            parent_agent?: string | null;
            parent_span_id?: string | null;
            provider?: string | null;
            session_id?: string | null;
            /** @description `gateway`, `runner`, `otlp`. */
            source: string;
            /** @description 16 hex digits. */
            span_id: string;
            /** @description `crew`, `agent`, `task`, `tool`, `llm_call`, `attempt`, ... */
            span_type: string;
            /** Format: date-time */
            started_at: string;
            /** @description `running`, `completed`, `failed`, `cancelled`. */
            status: string;
            task?: string | null;
        };
        /**
         * @description How deployments of the same priority are ordered: always the same way (`priority`, the heavier weight first), drawn by
         *     weight, fewest calls in flight, shortest time to the first byte lately, or cheapest for this call.
         * @enum {string}
         */
        Strategy: "priority" | "weighted" | "least_busy" | "lowest_latency" | "lowest_cost";
        /** @description One deployment of a model. Lower priority is tried first; among equals the model's strategy decides. */
        Target: {
            breaker: components["schemas"]["Breaker"];
            /** Format: uuid */
            credential_id?: string | null;
            /** Format: uuid */
            deployment_id: string;
            /** Format: int32 */
            priority: number;
            /** Format: uuid */
            provider_id: string;
            provider_name: string;
            timeouts: components["schemas"]["Timeouts"];
            /** @description The model's name at the provider. */
            upstream_model: string;
            /** Format: int32 */
            weight: number;
        };
        TargetCheck: {
            /** Format: uuid */
            deployment_id: string;
            /** Format: int32 */
            duration_ms: number;
            healthy: boolean;
            /**
             * Format: int32
             * @description Absent when the provider could not be reached.
             */
            http_status?: number | null;
            /** @description One sentence: what was found and, when unhealthy, what to do. */
            message: string;
        };
        TargetRequest: {
            breaker?: components["schemas"]["Breaker"] | null;
            /** Format: uuid */
            credential_id?: string | null;
            /** Format: int32 */
            priority?: number;
            /** Format: uuid */
            provider_id: string;
            timeouts?: components["schemas"]["Timeouts"] | null;
            /** @description Absent: the same name as the model. A `*` stands for what the star of the model's name stood for. */
            upstream_model?: string | null;
            /** Format: int32 */
            weight?: number;
        };
        Team: {
            /** Format: date-time */
            created_at: string;
            /** Format: uuid */
            id: string;
            name: string;
            /**
             * Format: int32
             * @description Days the team's records are kept; absent: the installation's own setting.
             */
            retention_days?: number | null;
            /** Format: date-time */
            updated_at: string;
        };
        TeamRequest: {
            name: string;
            /**
             * Format: int32
             * @description Days the team's records are kept; absent or null: the installation's own setting.
             */
            retention_days?: number | null;
        };
        /** @description Bounds of one upstream try, in milliseconds. */
        Timeouts: {
            /** Format: int32 */
            connect_ms: number;
            /** Format: int32 */
            first_byte_ms: number;
            /**
             * Format: int32
             * @description Longest silence between two chunks.
             */
            idle_ms: number;
            /** Format: int32 */
            total_ms: number;
        };
        /**
         * @description Where the token counts came from.
         * @enum {string}
         */
        TokenSource: "provider" | "estimated" | "partial" | "none";
        /** @description Tokens in disjoint classes: the sum of all is what was read and written, nothing twice. */
        TokenUsage: {
            /** Format: int64 */
            in_audio: number;
            /** Format: int64 */
            in_cache_read: number;
            /** Format: int64 */
            in_cache_write_1h: number;
            /** Format: int64 */
            in_cache_write_5m: number;
            /** Format: int64 */
            in_image: number;
            /** Format: int64 */
            in_uncached: number;
            /** Format: int64 */
            out_audio: number;
            /** Format: int64 */
            out_reasoning: number;
            /** Format: int64 */
            out_text: number;
        };
        TraceDetail: components["schemas"]["TraceSummary"] & {
            /** @description In the order they started; the tree is in `parent_span_id`. */
            spans: components["schemas"]["Span"][];
            /** @description There are more spans than these. */
            truncated: boolean;
        };
        TraceSummary: {
            agents: string[];
            /** Format: int64 */
            call_count: number;
            /** @description Sum of the known costs, US dollars as decimal text. */
            cost: string;
            crew?: string | null;
            /** Format: int64 */
            duration_us: number;
            /** Format: int64 */
            error_count: number;
            /** Format: uuid */
            execution_id?: string | null;
            /** Format: int64 */
            input_tokens: number;
            /**
             * Format: date-time
             * @description When its latest record was made.
             */
            last_seen_at: string;
            models: string[];
            /** @description Name, type and status of the root: the span without a parent, else the earliest. */
            name: string;
            /** Format: int64 */
            output_tokens: number;
            root_type: string;
            session_id?: string | null;
            /**
             * Format: int64
             * @description Spans that ended, attempts left out.
             */
            span_count: number;
            /** Format: date-time */
            started_at: string;
            /** @description `running`, `completed`, `failed`, `cancelled`. */
            status: string;
            /** @description 32 hex digits. */
            trace_id: string;
            /**
             * Format: int64
             * @description Calls whose cost is unknown and so not in `cost`.
             */
            unknown_cost_count: number;
        };
        /** @description Who started it. The user is the key's owner when a key did. */
        TriggeredBy: {
            /** Format: uuid */
            key_id?: string | null;
            /** Format: uuid */
            user_id?: string | null;
        };
        /** @description So much of one thing that a call used. */
        Unit: {
            /** @description Decimal text. */
            count: string;
            /** @description As in a price card: `image_out`, `second_in`, `character_in`, `query`. */
            meter: string;
            /** @description A size; empty for most. */
            variant: string;
        };
        /** @description Absent fields stay as they are; `null` takes a limit or an expiry away. */
        UpdateApiKeyRequest: {
            allowed_models?: string[] | null;
            /** Format: date-time */
            expires_at?: string | null;
            is_active?: boolean | null;
            name?: string | null;
            permissions?: components["schemas"]["Permission"][] | null;
            /**
             * Format: int32
             * @description Requests a minute; `null` takes the limit away. A team's owner decides it.
             */
            rate_limit?: number | null;
        };
        /** @description Absent fields stay as they are. */
        UpdateMeRequest: {
            name?: string | null;
            /** @description Replaces the whole object; at most 16 KiB. */
            settings?: Record<string, never> | null;
        };
        UpdateProviderRequest: {
            base_url: string;
            name: string;
            price_provider: string;
        };
        /** @description Absent fields stay as they are. Giving a pending user another role approves them. */
        UpdateUserRequest: {
            is_active?: boolean | null;
            role?: components["schemas"]["Role"] | null;
        };
        User: {
            /** Format: date-time */
            created_at: string;
            email: string;
            /** Format: uuid */
            id: string;
            /** @description A user who is not active cannot sign in, and none of their keys work. */
            is_active: boolean;
            /** Format: date-time */
            last_login_at?: string | null;
            name: string;
            role: components["schemas"]["Role"];
        };
        /** @description A definition to be looked at, not stored. */
        ValidateRequest: {
            config: Record<string, never>;
        };
        Validation: {
            /** @description The `{placeholder}`s a run asks for. */
            placeholders: string[];
            /** @description Everything that is wrong; empty when valid. */
            problems: components["schemas"]["CrewProblem"][];
            valid: boolean;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    overview: {
        parameters: {
            query?: {
                /** @description RFC 3339; 24 hours ago when absent. */
                from?: string;
                /** @description The team; the caller's first when absent. The header `X-Team-Id` does the same. */
                team_id?: string;
                /** @description RFC 3339; now when absent. */
                to?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Overview"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_api_keys: {
        parameters: {
            query?: {
                /** @description `next_cursor` of the page before. */
                cursor?: string;
                /** @description Items per page, 1 to 200; 50 when absent. */
                limit?: number;
                /** @description The team; the caller's first when absent. The header `X-Team-Id` does the same. */
                team_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_ApiKey"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    create_api_key: {
        parameters: {
            query?: {
                /** @description The team; the caller's first when absent. The header `X-Team-Id` does the same. */
                team_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateApiKeyRequest"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NewApiKey"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_api_key: {
        parameters: {
            query?: {
                /** @description The team; the caller's first when absent. The header `X-Team-Id` does the same. */
                team_id?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApiKey"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    delete_api_key: {
        parameters: {
            query?: {
                /** @description The team; the caller's first when absent. The header `X-Team-Id` does the same. */
                team_id?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    update_api_key: {
        parameters: {
            query?: {
                /** @description The team; the caller's first when absent. The header `X-Team-Id` does the same. */
                team_id?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UpdateApiKeyRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApiKey"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    regenerate_api_key: {
        parameters: {
            query?: {
                /** @description The team; the caller's first when absent. The header `X-Team-Id` does the same. */
                team_id?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NewApiKey"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    sso_callback: {
        parameters: {
            query?: {
                /** @description Good once, for a minute or so, and only together with what our cookie holds. */
                code?: string;
                /** @description Why there is no code. */
                error?: string;
                /** @description The issuer (RFC 9207). */
                iss?: string;
                state?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description On to the app with a session, or to the sign-in page with `sso_error` */
            303: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    accept_invitation: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AcceptInvitationRequest"];
            };
        };
        responses: {
            /** @description The signed-in user has joined */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
            /** @description An account was made, has joined and is signed in */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignedIn"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    login: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LoginRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignedIn"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    logout: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    me: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    update_me: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UpdateMeRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    change_password: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ChangePasswordRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignedIn"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    reset_password: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ResetPasswordRequest"];
            };
        };
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_sign_in_providers: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_SignInProvider"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    refresh: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignedIn"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    register: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RegisterRequest"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignedIn"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    sso_login: {
        parameters: {
            query: {
                /** @description Short name of the provider. */
                provider: string;
                /** @description Path of this installation to go to afterwards; anything else counts as `/`. */
                return_to?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description On to the provider, or back to the sign-in page with `sso_error` */
            303: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_budgets: {
        parameters: {
            query?: {
                /** @description `next_cursor` of the page before. */
                cursor?: string;
                /** @description Items per page, 1 to 200; 50 when absent. */
                limit?: number;
                /** @description The team; the caller's first when absent. The header `X-Team-Id` does the same. */
                team_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Budget"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    create_budget: {
        parameters: {
            query?: {
                /** @description The team; the caller's first when absent. The header `X-Team-Id` does the same. */
                team_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PutBudgetRequest"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Budget"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    update_budget: {
        parameters: {
            query?: {
                /** @description The team; the caller's first when absent. The header `X-Team-Id` does the same. */
                team_id?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PutBudgetRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Budget"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    delete_budget: {
        parameters: {
            query?: {
                /** @description The team; the caller's first when absent. The header `X-Team-Id` does the same. */
                team_id?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_calls: {
        parameters: {
            query?: {
                agent?: string;
                crew?: string;
                /** @description `next_cursor` of the page before. */
                cursor?: string;
                end_user?: string;
                execution_id?: string;
                /** @description RFC 3339; 24 hours ago when absent. */
                from?: string;
                key_id?: string;
                /** @description Items per page, 1 to 200; 50 when absent. */
                limit?: number;
                /** @description The model asked for or the one that answered. */
                model?: string;
                provider?: string;
                session_id?: string;
                status?: components["schemas"]["CallStatus"];
                /** @description The team; the caller's first when absent. The header `X-Team-Id` does the same. */
                team_id?: string;
                /** @description RFC 3339; now when absent. */
                to?: string;
                /** @description 32 hex digits. */
                trace_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_CallSummary"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_call: {
        parameters: {
            query?: {
                /** @description The team; the caller's first when absent. The header `X-Team-Id` does the same. */
                team_id?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CallDetail"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_crews: {
        parameters: {
            query?: {
                /** @description `next_cursor` of the page before. */
                cursor?: string;
                /** @description Items per page, 1 to 200; 50 when absent. */
                limit?: number;
                /** @description The team; the caller's first when absent. The header `X-Team-Id` does the same. */
                team_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Crew"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    create_crew: {
        parameters: {
            query?: {
                /** @description The team; the caller's first when absent. The header `X-Team-Id` does the same. */
                team_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CrewRequest"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Crew"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_crew: {
        parameters: {
            query?: {
                /** @description The team; the caller's first when absent. The header `X-Team-Id` does the same. */
                team_id?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Crew"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    replace_crew: {
        parameters: {
            query?: {
                /** @description The team; the caller's first when absent. The header `X-Team-Id` does the same. */
                team_id?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CrewRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Crew"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    delete_crew: {
        parameters: {
            query?: {
                /** @description The team; the caller's first when absent. The header `X-Team-Id` does the same. */
                team_id?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_crew_executions: {
        parameters: {
            query?: {
                /** @description `next_cursor` of the page before. */
                cursor?: string;
                /** @description Items per page, 1 to 200; 50 when absent. */
                limit?: number;
                /** @description The team; the caller's first when absent. The header `X-Team-Id` does the same. */
                team_id?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Execution"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    run_crew: {
        parameters: {
            query?: {
                /** @description The team; the caller's first when absent. The header `X-Team-Id` does the same. */
                team_id?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RunRequest"];
            };
        };
        responses: {
            /** @description The event stream */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunStarted"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    validate_crew: {
        parameters: {
            query?: {
                /** @description The team; the caller's first when absent. The header `X-Team-Id` does the same. */
                team_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ValidateRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Validation"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_executions: {
        parameters: {
            query?: {
                crew_id?: string;
                /** @description `next_cursor` of the page before. */
                cursor?: string;
                /** @description Items per page, 1 to 200; 50 when absent. */
                limit?: number;
                status?: "pending" | "running" | "completed" | "failed" | "cancelled";
                /** @description The team; the caller's first when absent. The header `X-Team-Id` does the same. */
                team_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Execution"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_execution: {
        parameters: {
            query?: {
                /** @description The team; the caller's first when absent. The header `X-Team-Id` does the same. */
                team_id?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Execution"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    cancel_execution: {
        parameters: {
            query?: {
                /** @description The team; the caller's first when absent. The header `X-Team-Id` does the same. */
                team_id?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Execution"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_execution_logs: {
        parameters: {
            query?: {
                agent?: string;
                /** @description `next_cursor` of the page before. */
                cursor?: string;
                level?: "debug" | "info" | "warning" | "error";
                /** @description Items per page, 1 to 200; 50 when absent. */
                limit?: number;
                /** @description The team; the caller's first when absent. The header `X-Team-Id` does the same. */
                team_id?: string;
                /** @description Part of the message, in any case. */
                text?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_LogLine"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_execution_metrics: {
        parameters: {
            query?: {
                /** @description The team; the caller's first when absent. The header `X-Team-Id` does the same. */
                team_id?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunMetrics"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    stream_execution: {
        parameters: {
            query?: {
                /** @description `id` of the last event that was received. */
                last_event_id?: number;
                /** @description The team; the caller's first when absent. The header `X-Team-Id` does the same. */
                team_id?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The event stream */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_execution_traces: {
        parameters: {
            query?: {
                /** @description `next_cursor` of the page before. */
                cursor?: string;
                /** @description Items per page, 1 to 200; 50 when absent. */
                limit?: number;
                /** @description The team; the caller's first when absent. The header `X-Team-Id` does the same. */
                team_id?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_TraceSummary"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    info: {
        parameters: {
            query?: {
                /** @description The team; the caller's first when absent. The header `X-Team-Id` does the same. */
                team_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Info"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    create_live_ticket: {
        parameters: {
            query?: {
                /** @description The team; the caller's first when absent. The header `X-Team-Id` does the same. */
                team_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LiveTicket"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_models: {
        parameters: {
            query?: {
                /** @description `next_cursor` of the page before. */
                cursor?: string;
                /** @description Items per page, 1 to 200; 50 when absent. */
                limit?: number;
                /** @description The team; the caller's first when absent. The header `X-Team-Id` does the same. */
                team_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Model"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    create_model: {
        parameters: {
            query?: {
                /** @description The team; the caller's first when absent. The header `X-Team-Id` does the same. */
                team_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ModelRequest"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Model"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_model: {
        parameters: {
            query?: {
                /** @description The team; the caller's first when absent. The header `X-Team-Id` does the same. */
                team_id?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Model"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    update_model: {
        parameters: {
            query?: {
                /** @description The team; the caller's first when absent. The header `X-Team-Id` does the same. */
                team_id?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ModelRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Model"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    delete_model: {
        parameters: {
            query?: {
                /** @description The team; the caller's first when absent. The header `X-Team-Id` does the same. */
                team_id?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    check_model: {
        parameters: {
            query?: {
                /** @description The team; the caller's first when absent. The header `X-Team-Id` does the same. */
                team_id?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ModelCheck"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_prices: {
        parameters: {
            query?: {
                /** @description `next_cursor` of the page before. */
                cursor?: string;
                /** @description Items per page, 1 to 200; 50 when absent. */
                limit?: number;
                /** @description The provider, as the price table names it. */
                provider?: string;
                /** @description Part of a model's name, in any case. */
                q?: string;
                /** @description The team; the caller's first when absent. The header `X-Team-Id` does the same. */
                team_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Price"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    set_price: {
        parameters: {
            query?: {
                /** @description The team; the caller's first when absent. The header `X-Team-Id` does the same. */
                team_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SetPriceRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Price"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_providers: {
        parameters: {
            query?: {
                /** @description `next_cursor` of the page before. */
                cursor?: string;
                /** @description Items per page, 1 to 200; 50 when absent. */
                limit?: number;
                /** @description The team; the caller's first when absent. The header `X-Team-Id` does the same. */
                team_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Provider"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    create_provider: {
        parameters: {
            query?: {
                /** @description The team; the caller's first when absent. The header `X-Team-Id` does the same. */
                team_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateProviderRequest"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Provider"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_provider: {
        parameters: {
            query?: {
                /** @description The team; the caller's first when absent. The header `X-Team-Id` does the same. */
                team_id?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Provider"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    update_provider: {
        parameters: {
            query?: {
                /** @description The team; the caller's first when absent. The header `X-Team-Id` does the same. */
                team_id?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UpdateProviderRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Provider"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    delete_provider: {
        parameters: {
            query?: {
                /** @description The team; the caller's first when absent. The header `X-Team-Id` does the same. */
                team_id?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    create_credential: {
        parameters: {
            query?: {
                /** @description The team; the caller's first when absent. The header `X-Team-Id` does the same. */
                team_id?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CredentialRequest"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Credential"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    delete_credential: {
        parameters: {
            query?: {
                /** @description The team; the caller's first when absent. The header `X-Team-Id` does the same. */
                team_id?: string;
            };
            header?: never;
            path: {
                credential_id: string;
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    setup_state: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SetupState"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_teams: {
        parameters: {
            query?: {
                /** @description `next_cursor` of the page before. */
                cursor?: string;
                /** @description Items per page, 1 to 200; 50 when absent. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Team"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    create_team: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TeamRequest"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Team"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_team: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Team"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    update_team: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TeamRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Team"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    delete_team: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_invitations: {
        parameters: {
            query?: {
                /** @description `next_cursor` of the page before. */
                cursor?: string;
                /** @description Items per page, 1 to 200; 50 when absent. */
                limit?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Invitation"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    create_invitation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["InvitationRequest"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NewInvitation"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    revoke_invitation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                invitation_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_members: {
        parameters: {
            query?: {
                /** @description `next_cursor` of the page before. */
                cursor?: string;
                /** @description Items per page, 1 to 200; 50 when absent. */
                limit?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Member"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    put_member: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AddMemberRequest"];
            };
        };
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    remove_member: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                user_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_traces: {
        parameters: {
            query?: {
                agent?: string;
                crew?: string;
                /** @description `next_cursor` of the page before. */
                cursor?: string;
                /** @description Only traces in which something failed. */
                errors_only?: boolean;
                execution_id?: string;
                /** @description RFC 3339; 24 hours ago when absent. */
                from?: string;
                /** @description Items per page, 1 to 200; 50 when absent. */
                limit?: number;
                model?: string;
                session_id?: string;
                /** @description The team; the caller's first when absent. The header `X-Team-Id` does the same. */
                team_id?: string;
                /** @description RFC 3339; now when absent. */
                to?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_TraceSummary"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_trace: {
        parameters: {
            query?: {
                /** @description The team; the caller's first when absent. The header `X-Team-Id` does the same. */
                team_id?: string;
            };
            header?: never;
            path: {
                trace_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TraceDetail"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_users: {
        parameters: {
            query?: {
                /** @description `next_cursor` of the page before. */
                cursor?: string;
                /** @description Items per page, 1 to 200; 50 when absent. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_User"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_user: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    delete_user: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    update_user: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UpdateUserRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    create_password_reset: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OneTimeLink"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_receipt: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CallReceipt"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    live_team: {
        parameters: {
            query?: {
                /** @description The team, beside an `Authorization` header; the caller's first when absent. A ticket carries its own. */
                team_id?: string;
                /** @description From `POST /api/live/ticket`. Not needed with an `Authorization` header. */
                ticket?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Switches to a WebSocket */
            101: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    live_trace: {
        parameters: {
            query?: {
                /** @description The team, beside an `Authorization` header; the caller's first when absent. A ticket carries its own. */
                team_id?: string;
                /** @description From `POST /api/live/ticket`. Not needed with an `Authorization` header. */
                ticket?: string;
            };
            header?: never;
            path: {
                trace_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Switches to a WebSocket */
            101: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
}
