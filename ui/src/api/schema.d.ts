// Generated from api/openapi.json by `npm run api`. Do not edit.

export interface paths {
    "/api/agent-corrections": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The team's corrections, newest first. */
        get: operations["list_agent_corrections"];
        put?: never;
        /**
         * Corrects an agent: for past calls at once, for calls to come within a moment. One of the same kind about the same calls
         *     is replaced.
         */
        post: operations["create_agent_correction"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/agent-corrections/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Takes a correction back, for past calls and for those to come. */
        delete: operations["delete_agent_correction"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/agents/{fingerprint}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** An agent over time, by its fingerprint as found: what a correction of it would touch. */
        get: operations["get_agent"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
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
    "/api/analytics/what-if": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What the calls of a range would have cost on other models, by the tokens that were recorded. */
        get: operations["what_if"];
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
    "/api/api-keys/{id}/policy": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What a key says about recording and the response cache. */
        get: operations["get_key_policy"];
        /** Replaces what a key says. An owner of the team decides it: whoever holds a key must not hide what it does. */
        put: operations["put_key_policy"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
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
        /** One limit. Its version does not change by being used. */
        get: operations["get_budget"];
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
    "/api/calls/{call_id}/kill": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Ends one call that is in flight, and refuses nothing after it. */
        post: operations["kill_call"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/calls/{call_id}/text": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The text of one running call as it comes, from its beginning, as server-sent events: `text` (`text`), `gap`
         *     (`missed_bytes`: what a slow reader lost), `end` (`status`). A comment comes every 15 s.
         */
        get: operations["stream_call_text"];
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
    "/api/calls/in-flight": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The calls in flight now, oldest first, over all gateways. */
        get: operations["list_calls_in_flight"];
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
    "/api/executions/{id}/kill": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Kills the run of a crew: it is cancelled, its calls in flight end within a second, new ones are refused. */
        post: operations["kill_execution"];
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
    "/api/guardrails": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The team's guardrails and every team's, newest first. */
        get: operations["list_guardrails"];
        put?: never;
        /** Makes a guardrail. It is in force within a moment, for calls from then on. */
        post: operations["create_guardrail"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/guardrails/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One guardrail. */
        get: operations["get_guardrail"];
        /** Replaces a guardrail, or turns it off and on. */
        put: operations["update_guardrail"];
        post?: never;
        /** Takes a guardrail away. What it did stays with the calls. */
        delete: operations["delete_guardrail"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/hooks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The team's hooks, newest first. */
        get: operations["list_hooks"];
        put?: never;
        /** Makes a hook. It is in force within a moment. The answer shows a webhook's secret, once. */
        post: operations["create_hook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/hooks/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One hook. */
        get: operations["get_hook"];
        /** Replaces a hook, turns it off and on, or gives its messages a new secret. */
        put: operations["update_hook"];
        post?: never;
        /** Takes a hook away, and its messages with it. What it did stays with the calls. */
        delete: operations["delete_hook"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/hooks/{id}/deliveries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Messages of a hook, newest first. Those that ended are kept for seven days. */
        get: operations["list_deliveries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/hooks/{id}/deliveries/{delivery_id}/redeliver": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sends a message that ended once more, however it ended. */
        post: operations["redeliver"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/hooks/{id}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sends a message that tells of no call, within a moment. */
        post: operations["test_hook"];
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
    "/api/kills": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What was killed, newest first. */
        get: operations["list_kills"];
        put?: never;
        /** Kills a run, a session, an agent or a key. 200 when it is killed already. */
        post: operations["create_kill"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/kills/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Lifts a kill: new calls are answered again within a second. What was ended stays ended. */
        delete: operations["lift_kill"];
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
    "/api/models/{id}/policy": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What a model says about the response cache. */
        get: operations["get_model_policy"];
        /** Replaces what a model says, for every team that may call it. */
        put: operations["put_model_policy"];
        post?: never;
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
    "/api/replays": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Replays, newest first. */
        get: operations["list_replays"];
        put?: never;
        /**
         * Sends recorded calls again, one after another, through the front door: limits, budgets and guardrails hold, and each call
         *     stands in the ledger under a new trace. Where a later call holds an answer that was replayed, the new answer takes its
         *     place; tools are not run: recorded results stand where the same tools are asked for, and the conversation ends where
         *     they are not.
         */
        post: operations["start_replay"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/replays/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One replay, and what became of each of its calls. */
        get: operations["get_replay"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/replays/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Cancels a replay: at once when it waits, within seconds when it runs. The call in flight is cut. */
        post: operations["cancel_replay"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/replays/plan": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** What a replay would send and what it may cost. Nothing is sent. */
        post: operations["plan_replay"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/repricings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The team's re-pricings and those of every team, newest first. */
        get: operations["list_repricings"];
        put?: never;
        /** Asks what another price would change. Nothing is changed until it is started. */
        post: operations["create_repricing"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/repricings/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One re-pricing with its reports. */
        get: operations["get_repricing"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/repricings/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Ends it after the calls that are being changed. What was changed stays changed. */
        post: operations["cancel_repricing"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/repricings/{id}/start": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Makes the changes, or goes on with them after they were cancelled or failed. */
        post: operations["start_repricing"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/runaway": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The policies in force. */
        get: operations["get_runaway"];
        /** Sets the team's policy. It is in force within a moment. */
        put: operations["put_runaway"];
        post?: never;
        /** Back to the defaults. */
        delete: operations["delete_runaway"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/runaway/keys/{key_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Sets the policy of one key, in place of the team's. */
        put: operations["put_runaway_of_key"];
        post?: never;
        /** The key has the team's policy again. */
        delete: operations["delete_runaway_of_key"];
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
    "/api/teams/{id}/policy": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What the team says about recording and the response cache. */
        get: operations["get_team_policy"];
        /** Replaces what the team says. It is in force within a moment, for calls from then on. */
        put: operations["put_team_policy"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/token-issuers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The issuers whose tokens are taken in place of keys, as this installation is set up. */
        get: operations["list_token_issuers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/token-rules": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The rules that lead to the team's keys, newest first. */
        get: operations["list_token_rules"];
        put?: never;
        /** Lets tokens act as one of the team's keys. In force within a moment; for administrators. */
        post: operations["create_token_rule"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/token-rules/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Takes a rule away: tokens that only it let in are refused within a moment. */
        delete: operations["delete_token_rule"];
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
        /** One run: its spans, and who called in it, as a tree. A trace that turned out to be part of a run is that run. */
        get: operations["get_trace"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/traces/{trace_id}/diff/{other_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Two runs, step by step: aligned by what was sent and answered. */
        get: operations["get_trace_diff"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/traces/{trace_id}/graph": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The agents of a run, and how work went between them. */
        get: operations["get_trace_graph"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/traces/{trace_id}/kill": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Kills a run: its calls in flight end within a second, new ones are refused. If it is a run of a crew, that is cancelled. */
        post: operations["kill_trace"];
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
        /** @description What becomes of a provider's answer when its client goes away. Bounds belong to `drain_to_cap`, which needs one. */
        AbortPolicy: {
            action: components["schemas"]["OnAbortAction"];
            /**
             * Format: int32
             * @description Bytes of the answer read after the client has gone.
             */
            max_bytes?: number | null;
            /**
             * Format: int32
             * @description Time from the moment the client has gone.
             */
            max_ms?: number | null;
        };
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
        AgentCorrection: {
            agent: string;
            /** Format: date-time */
            created_at: string;
            /** Format: uuid */
            created_by?: string | null;
            created_by_name?: string | null;
            from_name: string;
            /** Format: uuid */
            id: string;
            /** @description Of a merge: the agent that it is. */
            into?: string | null;
            kind: components["schemas"]["CorrectionKind"];
            name: string;
            when?: components["schemas"]["SplitCondition"] | null;
        };
        /** @description An agent over time: what a correction of it would touch. */
        AgentFacts: {
            /** @description As corrected. */
            agent: string;
            /** Format: int64 */
            calls: number;
            /** @description Corrections of this very fingerprint. */
            corrections: components["schemas"]["AgentCorrection"][];
            /** @description Sum of the known costs, US dollars as decimal text. */
            cost: string;
            /** @description As found. */
            fingerprint: string;
            /** Format: date-time */
            first_at: string;
            /** @description Names it was found under, the most frequent first. */
            found_names: string[];
            /** Format: date-time */
            last_at: string;
            name?: string | null;
            /** @description Its system prompts, the most frequent first. */
            prompts: components["schemas"]["AgentPrompt"][];
            /** Format: int64 */
            traces: number;
            /** Format: int64 */
            unknown_cost_calls: number;
        };
        /**
         * @description What kind of speaker it is.
         * @enum {string}
         */
        AgentKind: "agent" | "framework" | "absent" | "unknown";
        AgentModelUse: components["schemas"]["RunUse"] & {
            /** @description Empty when the call named none. */
            agent: string;
            model: string;
        };
        AgentPrompt: {
            /** Format: int64 */
            calls: number;
            /**
             * Format: uuid
             * @description The latest call that had it.
             */
            example_call_id?: string | null;
            prompt: string;
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
            /** @description US dollars as decimal text; absent when unknown or nothing. */
            cost?: string | null;
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
            /** Format: int64 */
            input_tokens?: number | null;
            /** @description The provider was at work on it, and may send a bill whatever became of the answer. */
            may_be_billed: boolean;
            /** Format: int64 */
            output_tokens?: number | null;
            provider: string;
            /**
             * @description Why this deployment was chosen: `route:first`, `sticky`, `fallback`, `retry`, `probe`, `last_resort`, `hedge`,
             *     `continuation`, `model_fallback:<what the model before failed with>`.
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
            usage_source: components["schemas"]["TokenSource"];
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
        /** @description The beginning of a conversation was changed, so that a provider's prompt cache was of no use. */
        CacheBreak: {
            agent: string;
            /** Format: uuid */
            call_id: string;
            conversation: string;
            /** @description US dollars as decimal text; absent when the prices are unknown. */
            lost_cost?: string | null;
            /**
             * Format: int64
             * @description Tokens of the call before that could have been read from a cache and were not; an estimate by share of text.
             */
            lost_tokens: number;
            /**
             * Format: int32
             * @description The first message that differed, in the call's `content.input`; absent: the tools did.
             */
            message_index?: number | null;
            /** Format: uuid */
            previous_call_id: string;
            reason: string;
            /** @description Role of that message, or `tools`. */
            role: string;
        };
        /**
         * @description Who shares cached answers: all keys of the team, or each key for itself.
         * @enum {string}
         */
        CacheScope: "team" | "key";
        /** @description Whether answers are given again to the same question. */
        CacheSettings: {
            scope: components["schemas"]["CacheScope"];
            /**
             * Format: int32
             * @description Seconds an answer is kept; 0 turns the cache off here, whatever is said further away.
             */
            ttl_s: number;
        };
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
            /** @description What the answer would have cost without the response cache, US dollars as decimal text. */
            cost_saved?: string | null;
            costs?: components["schemas"]["CostParts"] | null;
            /** @description Fields of the request that were left out, because the provider has no word for them. */
            dropped_fields: string[];
            /** @description What guardrails did. */
            guardrails: components["schemas"]["GuardrailOutcome"][];
            /** @description What hooks did. */
            hooks: components["schemas"]["HookOutcome"][];
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
            /** @description How much of its content is kept. */
            recording: components["schemas"]["RecordingLevel"];
            /**
             * Format: int32
             * @description Secrets and personal data that were taken out before it was kept.
             */
            redactions: number;
            /** @description What re-pricings made of its cost, oldest first: before the first stands what it was metered at. `cost` is what holds now. */
            repricings: components["schemas"]["CallRepricing"][];
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
            /** @description What tries that were given up may have cost beside the answer; absent when none did. */
            wasted_cost?: string | null;
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
        /** @description A call's cost before and after one re-pricing. */
        CallRepricing: {
            /** Format: date-time */
            at: string;
            new_cost: string;
            /** Format: int32 */
            new_price_version: number;
            /** @description US dollars as decimal text; absent: it was unknown. */
            old_cost?: string | null;
            /** Format: int32 */
            old_price_version?: number | null;
            /** Format: uuid */
            repricing_id: string;
        };
        /** @description The calls in flight now, oldest first. */
        CallsInFlight: {
            /** Format: date-time */
            as_of: string;
            /** @description False: not every gateway was heard in time, or one has more calls than it tells. */
            complete: boolean;
            items: components["schemas"]["InFlightCall"][];
            /**
             * Format: int32
             * @description All there are, also those beyond `limit`.
             */
            total: number;
        };
        /**
         * @description How a call or an attempt ended.
         * @enum {string}
         */
        CallStatus: "ok" | "client_error" | "rate_limited" | "budget" | "blocked" | "upstream_error" | "timeout" | "cancelled" | "internal";
        /** @description One answered or refused request at the front door. Absent: not known or not applicable. */
        CallSummary: {
            /** @description As corrected. */
            agent?: string | null;
            /** @description The agent's key: 16 hex digits, the same in every call and run. */
            agent_key?: string | null;
            application?: string | null;
            /**
             * Format: int32
             * @description Upstream tries; 0 for a refused call.
             */
            attempt_count: number;
            /** @description What the response cache had to do with it: `hit`, `miss` or `bypass`. Absent: it is off for this call. */
            cache?: string | null;
            /** Format: uuid */
            call_id: string;
            /** @description 16 hex digits: the same for calls that go on with each other. */
            conversation?: string | null;
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
            /** @description What a framework's own call is for: `planner`, `selector`, `memory`, ... */
            internal?: string | null;
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
            /** @description Rules of the runaway guard that it met. */
            runaway: components["schemas"]["RunawayMark"][];
            session_id?: string | null;
            span_id: string;
            /** Format: date-time */
            started_at: string;
            status: components["schemas"]["CallStatus"];
            stream: boolean;
            task?: string | null;
            /** @description The issuer (`iss`) of the token that it was made with. Absent: with a key. */
            token_issuer?: string | null;
            /** @description Whom that token proves (`sub`), unlike what the caller says of itself. */
            token_subject?: string | null;
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
        /**
         * @description An absent field says nothing: recording is then as the team (or key) says and full when neither does; the cache is as
         *     the key, else the model, else the team says, and off when none does.
         */
        ContentPolicy: {
            cache?: components["schemas"]["CacheSettings"] | null;
            recording?: components["schemas"]["RecordingLevel"] | null;
        };
        /**
         * @description How a deployment is made to go on with an answer that another has begun: as its kind and model are known to (`auto`),
         *     not at all, by a last message of the assistant, by one that is marked with `prefix`, or with `continue_final_message`.
         * @enum {string}
         */
        Continues: "auto" | "never" | "last_message" | "prefix" | "final_message";
        /** @enum {string} */
        CorrectionKind: "rename" | "merge" | "split";
        CorrectionRequest: {
            /** @description The agent's fingerprint: one of `fingerprints` of an agent in a run. */
            agent: string;
            /** @description How it is shown now. */
            from_name?: string | null;
            /** @description Of a merge: the agent that it is. */
            into?: string | null;
            kind: components["schemas"]["CorrectionKind"];
            /** @description What it is to be called; of a merge: how the other agent is shown. */
            name: string;
            when?: components["schemas"]["SplitCondition"] | null;
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
        /** @description Which calls get which price. It begins with an estimate and changes nothing until it is started. */
        CreateRepricingRequest: {
            /** @description The calls of every team, not only this one's. */
            all_teams?: boolean;
            /** @description Absent: any. */
            deployment?: string | null;
            /** Format: date-time */
            from: string;
            /** @description As providers name them, or as deployments ask for them. Empty: the price's, or any. */
            models?: string[];
            /**
             * Format: uuid
             * @description The price that holds for all of them, whenever it is in force. Absent: for each call the price in force at its time, of
             *     those set until now.
             */
            price_id?: string | null;
            /** @description As the price table or the team names it. Absent: the price's, or any. */
            provider?: string | null;
            /** Format: date-time */
            to: string;
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
         * @description One kind of secret or personal data.
         * @enum {string}
         */
        DetectorName: "api_key" | "private_key" | "jwt" | "bearer_token" | "email" | "phone" | "credit_card" | "iban" | "korean_rrn" | "us_ssn" | "ip_address";
        DiffCall: {
            /** Format: uuid */
            call_id?: string | null;
            /** @description US dollars as decimal text; absent when unknown. */
            cost?: string | null;
            /** Format: int64 */
            duration_us: number;
            /** Format: int64 */
            input_tokens: number;
            model: string;
            /** Format: int64 */
            output_tokens: number;
            /** @description As spans say it: `completed`, `failed`, `cancelled`. */
            status: string;
            tool_names: string[];
        };
        /** @enum {string} */
        DiffKind: "same" | "changed" | "only_a" | "only_b";
        DiffRun: {
            /** Format: int64 */
            duration_us: number;
            totals: components["schemas"]["Totals"];
            trace_id: string;
        };
        DiffStep: {
            a?: components["schemas"]["DiffCall"] | null;
            /** @description 16 hex digits, and the agent's name. */
            agent: string;
            agent_name?: string | null;
            answer_differs: boolean;
            b?: components["schemas"]["DiffCall"] | null;
            kind: components["schemas"]["DiffKind"];
            /**
             * Format: int32
             * @description The first message that differs, in the calls' `content.input`. Absent: none does, or the content is not kept.
             */
            message_index?: number | null;
            model_differs: boolean;
        };
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
            /**
             * Format: int64
             * @description Calls answered from the response cache.
             */
            cache_hits: number;
            /** Format: int64 */
            calls: number;
            /** @description Sum of the known costs, US dollars as decimal text. */
            cost: string;
            /** @description What they would have cost, US dollars as decimal text. */
            cost_saved: string;
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
        /** @description How a field was found. */
        Found: {
            /**
             * Format: double
             * @description 0 to 1. What was stated or corrected: 1.
             */
            confidence: number;
            /** @description The rule as one sentence. */
            reason: string;
            /** @description A stable word, or the place of what was stated (`header:x-aop-agent`). */
            rule: string;
            /** @description `signed`, `aop_header`, `path`, `trace_context`, `vendor_header`, `body`, `inferred`, `corrected`, `generated` or `none`. */
            source: string;
        };
        /** @description All hand-overs of one kind between two agents. */
        GraphEdge: {
            /**
             * Format: double
             * @description Of the surest of them, 0 to 1.
             */
            confidence: number;
            /** Format: int32 */
            count: number;
            /** Format: date-time */
            first_at: string;
            /** @description One for each rule. */
            found: components["schemas"]["Found"][];
            from: string;
            /** Format: date-time */
            last_at: string;
            passing: components["schemas"]["Passing"];
            to: string;
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
        Guardrail: {
            action: components["schemas"]["GuardrailAction"];
            check: components["schemas"]["GuardrailCheck"];
            /** Format: date-time */
            created_at: string;
            /** Format: uuid */
            id: string;
            is_active: boolean;
            /** @description Only calls of these keys; empty: of every key. */
            keys: string[];
            /** @description Only calls of models with these names or patterns; empty: of every model. */
            models: string[];
            name: string;
            stage: components["schemas"]["GuardrailStage"];
            /**
             * Format: uuid
             * @description Absent: every team's.
             */
            team_id?: string | null;
            /** Format: date-time */
            updated_at: string;
        };
        /**
         * @description What happens to a call in which something is found: it ends with an error, what was found is replaced, or it is only noted.
         * @enum {string}
         */
        GuardrailAction: "block" | "mask" | "flag";
        /** @description What is looked for. */
        GuardrailCheck: {
            /** @enum {string} */
            kind: "regex";
            patterns: string[];
        } | {
            /** @enum {string} */
            kind: "deny_list";
            phrases: string[];
        } | {
            detectors: components["schemas"]["DetectorName"][];
            /** @enum {string} */
            kind: "detectors";
        } | {
            /** @enum {string} */
            kind: "json_schema";
            /** @description Absent: the one that the request declares; a request that declares none is left alone. */
            schema?: Record<string, never> | null;
        } | {
            header?: components["schemas"]["GuardrailHeader"] | null;
            /** @enum {string} */
            kind: "http";
            /** @description What becomes of a call when it cannot be asked. */
            on_failure?: components["schemas"]["OnFailure"];
            /**
             * Format: int32
             * @description The longest time it may take.
             */
            timeout_ms?: number;
            /** @description Gets a `POST` with the texts, and answers with a verdict. */
            url: string;
        };
        /** @description A header that a service is asked with. */
        GuardrailHeader: {
            name: string;
        };
        /** @description What one guardrail did in one call. */
        GuardrailOutcome: {
            /** @description `block`, `mask` or `flag`. */
            action: string;
            /**
             * Format: int32
             * @description How often.
             */
            count: number;
            name: string;
            /** @description `before` or `after`. */
            stage: string;
            /**
             * @description What was found: a detector's name, `pattern`, `phrase`, `schema`, what a service said; `unavailable` or `too_long`
             *     where nothing could be judged.
             */
            what: string;
        };
        /**
         * @description What is looked at: what goes to the provider, what comes back, or both.
         * @enum {string}
         */
        GuardrailStage: "before" | "after" | "both";
        /** @description Work passed from one agent to another. */
        Handover: {
            /** Format: date-time */
            at: string;
            found: components["schemas"]["Found"];
            /** @description Keys into `agents`. */
            from: string;
            /** Format: uuid */
            from_call_id?: string | null;
            from_span_id?: string | null;
            passing: components["schemas"]["Passing"];
            to: string;
            /**
             * Format: uuid
             * @description The first call of the other after that; absent: it never called.
             */
            to_call_id?: string | null;
            /** @description As the one who passed on calls the other. */
            to_name: string;
            to_span_id?: string | null;
        };
        Hook: {
            act: components["schemas"]["HookAct"];
            /** Format: date-time */
            created_at: string;
            /**
             * Format: int64
             * @description Messages that found no room: more than 10,000 waited.
             */
            dropped: number;
            filter: components["schemas"]["HookFilter"];
            /** Format: uuid */
            id: string;
            is_active: boolean;
            name: string;
            point: components["schemas"]["HookPoint"];
            /** @description What messages are signed with. Shown once, when it is made. */
            secret?: string | null;
            /** Format: date-time */
            updated_at: string;
        };
        /** @description What is done. */
        HookAct: {
            /** @enum {string} */
            kind: "tag";
            tags: string[];
        } | {
            check: components["schemas"]["GuardrailCheck"];
            /** @enum {string} */
            kind: "mask";
        } | {
            /** @enum {string} */
            kind: "reject";
            message: string;
        } | {
            /** @description With what was said, as far as it is recorded: the request with `before`, the answer with `after`, both with `around`. */
            content?: boolean;
            /** @enum {string} */
            kind: "webhook";
            url: string;
        };
        /** @description One message of a webhook. */
        HookDelivery: {
            /**
             * Format: int32
             * @description How often it was tried.
             */
            attempts: number;
            /**
             * Format: uuid
             * @description Absent: a test.
             */
            call_id?: string | null;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            ended_at?: string | null;
            /** @description Why the last try failed; empty when it did not. */
            error: string;
            /**
             * Format: int32
             * @description What the receiver answered last; absent when it did not.
             */
            http_status?: number | null;
            /** Format: uuid */
            id: string;
            /**
             * Format: date-time
             * @description Of one that waits: when it is tried next.
             */
            next_at?: string | null;
            state: components["schemas"]["HookDeliveryState"];
        };
        /** @enum {string} */
        HookDeliveryState: "waiting" | "delivered" | "failed";
        /** @description Which calls. An empty list allows every value; all lists must allow the call. */
        HookFilter: {
            /**
             * @description Names or patterns of agents.
             * @default []
             */
            agents: string[];
            /**
             * @description Codes of errors, or patterns of them. Only with `after`, to tag or to tell.
             * @default []
             */
            errors: string[];
            /** @default [] */
            keys: string[];
            /**
             * @description Names or patterns of models that are asked for.
             * @default []
             */
            models: string[];
            /**
             * @description Only with `after`, to tag or to tell.
             * @default []
             */
            statuses: components["schemas"]["CallStatus"][];
            /**
             * @description Any of these tags.
             * @default []
             */
            tags: string[];
        };
        /** @description What one hook did in one call. */
        HookOutcome: {
            /** @description `tag`, `mask`, `reject` or `webhook`. */
            act: string;
            /** @description The tags, what was masked and how often, why it was rejected. */
            detail: string;
            name: string;
            /** @description `before`, `after` or `around`. */
            point: string;
        };
        /**
         * @description Before anybody is asked, after the answer is over, or both.
         * @enum {string}
         */
        HookPoint: "before" | "after" | "around";
        /**
         * @description How the call's identity was found. Sources: `signed`, `aop_header`, `path`, `trace_context`, `vendor_header`, `body`,
         *     `inferred`, `corrected`, `generated`, `none`.
         */
        IdentityFacts: {
            /**
             * Format: int32
             * @description 0 to 100: 100 for what was stated.
             */
            agent_confidence: number;
            /** @description The rule that gave the agent, e.g. `header:x-aop-agent`. */
            agent_rule?: string | null;
            /** @description The agent as found, before corrections; 16 hex digits, as the system prompt's. */
            fingerprint?: string | null;
            prompt?: string | null;
            /** Format: int32 */
            run_confidence: number;
            /** @description Why the call is in its trace, and how surely (0 to 100). */
            run_rule?: string | null;
            /** @description Source of each claimed field, by field name. */
            sources: {
                [key: string]: string;
            };
            trace_source: string;
        };
        /** @description A call that has begun and not ended. Absent: not known or not applicable. */
        InFlightCall: {
            agent?: string | null;
            /** Format: int32 */
            attempt_count: number;
            /** Format: uuid */
            call_id: string;
            crew?: string | null;
            deployment?: string | null;
            /** Format: uuid */
            execution_id?: string | null;
            /**
             * Format: int64
             * @description Since the call began; absent before the first token.
             */
            first_token_us?: number | null;
            /** Format: uuid */
            key_id?: string | null;
            /** @description The gateway it is at. */
            node: string;
            /** @description `chat_completions`, `completions`, `embeddings`, ... */
            operation: string;
            /**
             * Format: int64
             * @description So far, by the length of the text. Exact ones come with the stored call.
             */
            output_tokens: number;
            /** @description Of the try that is under way. */
            provider?: string | null;
            requested_model: string;
            /** @description Rules of the runaway guard that the call met. */
            runaway: components["schemas"]["RunawayMark"][];
            session_id?: string | null;
            /** @description 16 hex digits. */
            span_id: string;
            /** Format: date-time */
            started_at: string;
            state: components["schemas"]["InFlightState"];
            stream: boolean;
            task?: string | null;
            /** @description The issuer (`iss`) of the token that it was made with. Absent: with a key. */
            token_issuer?: string | null;
            /** @description Whom that token proves (`sub`), unlike what the caller says of itself. */
            token_subject?: string | null;
            /** @description 32 hex digits. */
            trace_id: string;
            /** Format: uuid */
            user_id?: string | null;
        };
        /**
         * @description Whether a token has come.
         * @enum {string}
         */
        InFlightState: "waiting" | "answering";
        Info: {
            /** @description A model the team can call right now; absent when there is none. */
            example_model?: string | null;
            /** @description What to set as the client's base URL, e.g. `http://127.0.0.1:8080/v1`. */
            gateway_url: string;
            version: string;
        };
        /** @description Calls that a framework made for itself. */
        InternalCalls: {
            /** Format: int64 */
            calls: number;
            cost: string;
            /** @description `planner`, `selector`, `memory`, `guardrail`, `count_tokens`, `embedding`, `summary`, `converter`, `title`, `warmup`. */
            kind: string;
            /** Format: int64 */
            unknown_cost_calls: number;
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
        KeyRunaway: {
            /** Format: uuid */
            key_id: string;
            key_name: string;
            policy: components["schemas"]["RunawayPolicy"];
        };
        /** @description Calls of the target that are in flight are ended within a second, new ones are refused until this is over. */
        Kill: {
            /** @description In force now. */
            active: boolean;
            /**
             * Format: int32
             * @description In the answer to a kill: how many of its calls were in flight then. Absent: not known.
             */
            calls_in_flight?: number | null;
            /** Format: date-time */
            created_at: string;
            /**
             * Format: uuid
             * @description Absent when that user was deleted since.
             */
            created_by?: string | null;
            /**
             * Format: date-time
             * @description Absent: until it is lifted.
             */
            expires_at?: string | null;
            /** Format: uuid */
            id: string;
            kind: components["schemas"]["KillKind"];
            /** Format: date-time */
            lifted_at?: string | null;
            /** Format: uuid */
            lifted_by?: string | null;
            reason?: string | null;
            target: string;
        };
        /**
         * @description What a kill ends.
         * @enum {string}
         */
        KillKind: "trace" | "execution" | "session" | "agent" | "key" | "call";
        /** @description Why something is killed. */
        KillReason: {
            reason?: string | null;
        };
        KillRequest: {
            /**
             * Format: int32
             * @description Absent: until it is lifted; runs and sessions 30 days.
             */
            expires_in_s?: number | null;
            kind: components["schemas"]["KillKind"];
            reason?: string | null;
            /** @description The id of the trace, execution, session or key, or the name of the agent. */
            target: string;
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
        LeftOutCall: {
            /** Format: uuid */
            call_id: string;
            /** @description `not_a_conversation`, `content_not_recorded`, `content_not_kept`, `request_not_whole`, `held_by_provider`. */
            code: string;
            reason: string;
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
        /** @description An agent does the same again and again. */
        Loop: {
            agent: string;
            call_ids: string[];
            conversation: string;
            kind: components["schemas"]["LoopKind"];
            reason: string;
            /**
             * Format: int32
             * @description How often, in a row.
             */
            times: number;
        };
        /** @enum {string} */
        LoopKind: "same_request" | "same_tool_call" | "same_answer";
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
            /**
             * Format: int32
             * @description How often a stream that breaks in the middle is continued on another deployment. 0: never.
             */
            continuations: number;
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
            /** @description What becomes of a provider's answer when its client goes away. */
            on_abort: components["schemas"]["AbortPolicy"];
            operations: components["schemas"]["Operation"][];
            /** @description Callable by every team, not only this one. */
            shared: boolean;
            /** @description Calls of one session go to one deployment while it is healthy. */
            sticky: boolean;
            strategy: components["schemas"]["Strategy"];
            targets: components["schemas"]["Target"][];
            unsupported: components["schemas"]["Unsupported"];
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
            /**
             * Format: int32
             * @description How often a stream that breaks in the middle is continued on another deployment, by giving it what was said so far.
             *     Absent: as it was; for a new model, never.
             */
            continuations?: number | null;
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
            on_abort?: components["schemas"]["AbortPolicy"] | null;
            operations?: components["schemas"]["Operation"][];
            /** @description Callable by every team. Cannot be changed later. */
            shared?: boolean;
            /** @description Calls of one session go to one deployment while it is healthy. */
            sticky?: boolean;
            strategy?: components["schemas"]["Strategy"];
            targets: components["schemas"]["TargetRequest"][];
            unsupported?: components["schemas"]["Unsupported"] | null;
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
        NewTokenRule: {
            /** @description The claim's name, e.g. `sub`; one that begins with `/` is a JSON pointer, e.g. `/realm_access/roles`. */
            claim: string;
            /** @description One of the installation's issuers. */
            issuer: string;
            /**
             * Format: uuid
             * @description The key of the team whose rights and limits hold.
             */
            key_id: string;
            /**
             * Format: int32
             * @description Of several rules that a token meets, the lowest counts; among equals the oldest.
             */
            position?: number;
            /** @description What the claim must be, or hold among its values; `*`: anything. */
            value: string;
        };
        /** @description One line of the tree; lines come depth first, parents before children, siblings by their start. */
        Node: {
            /** @description Key into `agents`. */
            agent?: string | null;
            /** Format: uuid */
            call_id?: string | null;
            conversation?: string | null;
            /** Format: int32 */
            depth: number;
            /** Format: int64 */
            duration_us?: number | null;
            /**
             * Format: date-time
             * @description Absent while it runs.
             */
            ended_at?: string | null;
            error_code?: string | null;
            /** @description A call's agent as found, before corrections. */
            fingerprint?: string | null;
            found: components["schemas"]["NodeFound"];
            /** @description Unique in this answer. */
            id: string;
            /** @description What a framework's own call is for. */
            internal?: string | null;
            kind: components["schemas"]["NodeKind"];
            /** @description The run's name, the agent, the task (or the first words of what was asked), the model. May be absent for an agent. */
            name?: string | null;
            parent?: string | null;
            /** @description Fingerprint of a call's system prompt. */
            prompt?: string | null;
            span_id?: string | null;
            /** @description Of a step that was stated: `crew`, `agent`, `task`, `tool`, ... */
            span_type?: string | null;
            /** Format: date-time */
            started_at: string;
            /** @description `running`, `completed`, `failed`, `cancelled`. */
            status: string;
            totals: components["schemas"]["Totals"];
        };
        /** @description How the fields of a line were found; absent where there was nothing to find. */
        NodeFound: {
            agent?: components["schemas"]["Found"] | null;
            run?: components["schemas"]["Found"] | null;
            serves?: components["schemas"]["Found"] | null;
        };
        /** @enum {string} */
        NodeKind: "run" | "agent" | "task" | "call" | "span";
        /**
         * @description What becomes of a provider's answer when its client goes away: the provider is told by closing its connection and what
         *     it used is estimated; the answer is read to its end; or as far as a bound.
         * @enum {string}
         */
        OnAbortAction: "cancel" | "drain" | "drain_to_cap";
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
         * @description When a service cannot be asked: the call goes on and it is noted, or the call ends with an error.
         * @enum {string}
         */
        OnFailure: "allow" | "refuse";
        /**
         * @description A kind of call a model answers.
         * @enum {string}
         */
        Operation: "chat" | "completion" | "embedding" | "moderation" | "rerank" | "image" | "speech" | "transcription";
        /**
         * @description What becomes of a conversation whose new answer asks the recorded tool for something else.
         * @enum {string}
         */
        OtherArguments: "stop" | "use_recorded";
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
        Page_AgentCorrection: {
            items: {
                agent: string;
                /** Format: date-time */
                created_at: string;
                /** Format: uuid */
                created_by?: string | null;
                created_by_name?: string | null;
                from_name: string;
                /** Format: uuid */
                id: string;
                /** @description Of a merge: the agent that it is. */
                into?: string | null;
                kind: components["schemas"]["CorrectionKind"];
                name: string;
                when?: components["schemas"]["SplitCondition"] | null;
            }[];
            /** @description Opaque: pass it back as `?cursor=` to get the next page. */
            next_cursor?: string | null;
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
                /** @description As corrected. */
                agent?: string | null;
                /** @description The agent's key: 16 hex digits, the same in every call and run. */
                agent_key?: string | null;
                application?: string | null;
                /**
                 * Format: int32
                 * @description Upstream tries; 0 for a refused call.
                 */
                attempt_count: number;
                /** @description What the response cache had to do with it: `hit`, `miss` or `bypass`. Absent: it is off for this call. */
                cache?: string | null;
                /** Format: uuid */
                call_id: string;
                /** @description 16 hex digits: the same for calls that go on with each other. */
                conversation?: string | null;
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
                /** @description What a framework's own call is for: `planner`, `selector`, `memory`, ... */
                internal?: string | null;
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
                /** @description Rules of the runaway guard that it met. */
                runaway: components["schemas"]["RunawayMark"][];
                session_id?: string | null;
                span_id: string;
                /** Format: date-time */
                started_at: string;
                status: components["schemas"]["CallStatus"];
                stream: boolean;
                task?: string | null;
                /** @description The issuer (`iss`) of the token that it was made with. Absent: with a key. */
                token_issuer?: string | null;
                /** @description Whom that token proves (`sub`), unlike what the caller says of itself. */
                token_subject?: string | null;
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
        Page_Guardrail: {
            items: {
                action: components["schemas"]["GuardrailAction"];
                check: components["schemas"]["GuardrailCheck"];
                /** Format: date-time */
                created_at: string;
                /** Format: uuid */
                id: string;
                is_active: boolean;
                /** @description Only calls of these keys; empty: of every key. */
                keys: string[];
                /** @description Only calls of models with these names or patterns; empty: of every model. */
                models: string[];
                name: string;
                stage: components["schemas"]["GuardrailStage"];
                /**
                 * Format: uuid
                 * @description Absent: every team's.
                 */
                team_id?: string | null;
                /** Format: date-time */
                updated_at: string;
            }[];
            /** @description Opaque: pass it back as `?cursor=` to get the next page. */
            next_cursor?: string | null;
        };
        /** @description A page of a list. `next_cursor` is absent on the last page. */
        Page_Hook: {
            items: {
                act: components["schemas"]["HookAct"];
                /** Format: date-time */
                created_at: string;
                /**
                 * Format: int64
                 * @description Messages that found no room: more than 10,000 waited.
                 */
                dropped: number;
                filter: components["schemas"]["HookFilter"];
                /** Format: uuid */
                id: string;
                is_active: boolean;
                name: string;
                point: components["schemas"]["HookPoint"];
                /** @description What messages are signed with. Shown once, when it is made. */
                secret?: string | null;
                /** Format: date-time */
                updated_at: string;
            }[];
            /** @description Opaque: pass it back as `?cursor=` to get the next page. */
            next_cursor?: string | null;
        };
        /** @description A page of a list. `next_cursor` is absent on the last page. */
        Page_HookDelivery: {
            items: {
                /**
                 * Format: int32
                 * @description How often it was tried.
                 */
                attempts: number;
                /**
                 * Format: uuid
                 * @description Absent: a test.
                 */
                call_id?: string | null;
                /** Format: date-time */
                created_at: string;
                /** Format: date-time */
                ended_at?: string | null;
                /** @description Why the last try failed; empty when it did not. */
                error: string;
                /**
                 * Format: int32
                 * @description What the receiver answered last; absent when it did not.
                 */
                http_status?: number | null;
                /** Format: uuid */
                id: string;
                /**
                 * Format: date-time
                 * @description Of one that waits: when it is tried next.
                 */
                next_at?: string | null;
                state: components["schemas"]["HookDeliveryState"];
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
        Page_Kill: {
            items: {
                /** @description In force now. */
                active: boolean;
                /**
                 * Format: int32
                 * @description In the answer to a kill: how many of its calls were in flight then. Absent: not known.
                 */
                calls_in_flight?: number | null;
                /** Format: date-time */
                created_at: string;
                /**
                 * Format: uuid
                 * @description Absent when that user was deleted since.
                 */
                created_by?: string | null;
                /**
                 * Format: date-time
                 * @description Absent: until it is lifted.
                 */
                expires_at?: string | null;
                /** Format: uuid */
                id: string;
                kind: components["schemas"]["KillKind"];
                /** Format: date-time */
                lifted_at?: string | null;
                /** Format: uuid */
                lifted_by?: string | null;
                reason?: string | null;
                target: string;
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
                /**
                 * Format: int32
                 * @description How often a stream that breaks in the middle is continued on another deployment. 0: never.
                 */
                continuations: number;
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
                /** @description What becomes of a provider's answer when its client goes away. */
                on_abort: components["schemas"]["AbortPolicy"];
                operations: components["schemas"]["Operation"][];
                /** @description Callable by every team, not only this one. */
                shared: boolean;
                /** @description Calls of one session go to one deployment while it is healthy. */
                sticky: boolean;
                strategy: components["schemas"]["Strategy"];
                targets: components["schemas"]["Target"][];
                unsupported: components["schemas"]["Unsupported"];
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
                /**
                 * Format: uuid
                 * @description Absent for a shipped price.
                 */
                id?: string | null;
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
        Page_Replay: {
            items: {
                /** Format: int64 */
                answered: number;
                /** Format: int64 */
                calls: number;
                cancel_requested: boolean;
                /** @description Dollars as decimal text, of the calls whose cost is known. */
                cost: string;
                /** Format: date-time */
                created_at: string;
                /** Format: uuid */
                created_by?: string | null;
                /** @description What was said otherwise: `system`, `message`, `temperature`. */
                edits: string[];
                /** Format: date-time */
                ended_at?: string | null;
                /** Format: uuid */
                id: string;
                /** Format: uuid */
                key_id?: string | null;
                max_cost?: string | null;
                message?: string | null;
                model: string;
                /** @description Why it ended before its last call: a stable word, and a sentence. */
                reason?: string | null;
                /** @description `call`, `conversation`, `run`. */
                scope: string;
                /** Format: uuid */
                source_call_id: string;
                /** @description The run it is from, and the call it begins at. */
                source_trace_id: string;
                /** Format: date-time */
                started_at?: string | null;
                /** @description `pending`, `running`, `completed` (every call was answered), `stopped` (some were not), `failed`, `cancelled`. */
                status: string;
                /** @description The run of the new calls. */
                trace_id: string;
                /**
                 * Format: int64
                 * @description Answered calls whose cost is unknown and so not in `cost`.
                 */
                unknown_cost_calls: number;
            }[];
            /** @description Opaque: pass it back as `?cursor=` to get the next page. */
            next_cursor?: string | null;
        };
        /** @description A page of a list. `next_cursor` is absent on the last page. */
        Page_Repricing: {
            items: {
                all_teams: boolean;
                /** @description Somebody wants it to end; it does after the calls that are being changed. */
                cancel_requested: boolean;
                /** Format: date-time */
                created_at: string;
                deployment?: string | null;
                /** Format: date-time */
                ended_at?: string | null;
                /** @description Why it failed, or why it does not get on at the moment. */
                error?: string | null;
                estimate?: components["schemas"]["RepricingReport"] | null;
                /** Format: date-time */
                from: string;
                /** Format: uuid */
                id: string;
                models: string[];
                /** Format: uuid */
                price_id?: string | null;
                /** @description Absent: any. */
                provider?: string | null;
                result?: components["schemas"]["RepricingReport"] | null;
                status: components["schemas"]["RepricingStatus"];
                /** Format: date-time */
                to: string;
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
        Page_TokenIssuer: {
            items: {
                /** @description A token must be made for one of these. */
                audiences: string[];
                /** @description Exactly as it stands in the token's `iss`. */
                issuer: string;
            }[];
            /** @description Opaque: pass it back as `?cursor=` to get the next page. */
            next_cursor?: string | null;
        };
        /** @description A page of a list. `next_cursor` is absent on the last page. */
        Page_TokenRule: {
            items: {
                claim: string;
                /** Format: date-time */
                created_at: string;
                /** Format: uuid */
                id: string;
                issuer: string;
                /** Format: uuid */
                key_id: string;
                key_name: string;
                /** Format: int32 */
                position: number;
                value: string;
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
        /** @enum {string} */
        Passing: "transfer" | "delegate" | "stated";
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
        PlannedCall: {
            agent?: string | null;
            /** Format: uuid */
            call_id: string;
            model: string;
        };
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
            /**
             * Format: uuid
             * @description Absent for a shipped price.
             */
            id?: string | null;
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
        PutGuardrailRequest: {
            action: components["schemas"]["GuardrailAction"];
            check: components["schemas"]["GuardrailCheck"];
            /** @description For every team of the installation; only an administrator may. */
            for_all_teams?: boolean;
            /** @description Absent: in force. */
            is_active?: boolean | null;
            keys?: string[];
            models?: string[];
            name: string;
            stage: components["schemas"]["GuardrailStage"];
        };
        PutHookRequest: {
            act: components["schemas"]["HookAct"];
            filter?: components["schemas"]["HookFilter"];
            /** @description Absent: in force. */
            is_active?: boolean | null;
            name: string;
            /** @description Of a change: messages are signed with a new secret from now on, which the answer shows. */
            new_secret?: boolean;
            point: components["schemas"]["HookPoint"];
        };
        /**
         * @description How much of a call's content is kept: all of it; all without secrets and personal data; or nothing that was said.
         * @enum {string}
         */
        RecordingLevel: "full" | "redacted" | "metadata";
        RegisterRequest: {
            /** Format: email */
            email: string;
            name: string;
            password: components["schemas"]["Password"];
            /** @description Only for the first administrator: the token of the `/setup?token=` link. */
            setup_token?: string | null;
        };
        Replay: {
            /** Format: int64 */
            answered: number;
            /** Format: int64 */
            calls: number;
            cancel_requested: boolean;
            /** @description Dollars as decimal text, of the calls whose cost is known. */
            cost: string;
            /** Format: date-time */
            created_at: string;
            /** Format: uuid */
            created_by?: string | null;
            /** @description What was said otherwise: `system`, `message`, `temperature`. */
            edits: string[];
            /** Format: date-time */
            ended_at?: string | null;
            /** Format: uuid */
            id: string;
            /** Format: uuid */
            key_id?: string | null;
            max_cost?: string | null;
            message?: string | null;
            model: string;
            /** @description Why it ended before its last call: a stable word, and a sentence. */
            reason?: string | null;
            /** @description `call`, `conversation`, `run`. */
            scope: string;
            /** Format: uuid */
            source_call_id: string;
            /** @description The run it is from, and the call it begins at. */
            source_trace_id: string;
            /** Format: date-time */
            started_at?: string | null;
            /** @description `pending`, `running`, `completed` (every call was answered), `stopped` (some were not), `failed`, `cancelled`. */
            status: string;
            /** @description The run of the new calls. */
            trace_id: string;
            /**
             * Format: int64
             * @description Answered calls whose cost is unknown and so not in `cost`.
             */
            unknown_cost_calls: number;
        };
        /** @description A replay with its calls, in the order they are sent. */
        ReplayDetail: components["schemas"]["Replay"] & {
            steps: components["schemas"]["ReplayStep"][];
        };
        /** @description What a replay would send, and what it may cost. */
        ReplayPlan: {
            calls: components["schemas"]["PlannedCall"][];
            /** @description What those would cost at the model's price, dollars as decimal text; absent when the price is not known. */
            estimated_cost?: string | null;
            /**
             * Format: int64
             * @description Tokens of the recorded calls.
             */
            input_tokens: number;
            /** @description Calls within the scope that cannot be sent. */
            left_out: components["schemas"]["LeftOutCall"][];
            /** @description The last message of the first call; absent: as above. */
            message?: string | null;
            model: string;
            /** @description The team has a model of that name. */
            model_exists: boolean;
            /** Format: int64 */
            output_tokens: number;
            /**
             * Format: int64
             * @description Secrets and personal data that were taken out when the calls were recorded: they are sent as recorded.
             */
            redactions: number;
            source_trace_id: string;
            /** @description The system prompt; absent: there is none, or it holds more than text and cannot be edited. */
            system?: string | null;
            /** Format: double */
            temperature?: number | null;
            /** @description The run has more calls than one replay sends; the first of them are sent. */
            truncated: boolean;
        };
        ReplayRequest: {
            /**
             * Format: uuid
             * @description The recorded call it begins at.
             */
            call_id: string;
            /**
             * Format: uuid
             * @description A key of the caller's (of the team's, for an owner), whose limits hold too. A key that asks is always the one.
             */
            key_id?: string | null;
            /** @description Dollars as decimal text: no further call is sent once so much is spent. */
            max_cost?: string | null;
            /** @description In place of the call's last message, here and wherever it comes back as history. */
            message?: string | null;
            /** @description One of the team's models, for every call. Absent: the one the call asked for. */
            model?: string | null;
            other_arguments?: components["schemas"]["OtherArguments"];
            scope: components["schemas"]["ReplayScope"];
            /** @description In place of the recorded system prompt, in every call that had the same one. */
            system?: string | null;
            /** Format: double */
            temperature?: number | null;
        };
        /**
         * @description How much of a run is replayed.
         * @enum {string}
         */
        ReplayScope: "call" | "conversation" | "run";
        ReplayStep: {
            /**
             * Format: uuid
             * @description The new call; absent: none was recorded.
             */
            call_id?: string | null;
            /** @description Dollars as decimal text; absent when unknown. */
            cost?: string | null;
            message?: string | null;
            /**
             * @description `other_arguments` (a recorded result stands for what was asked otherwise), `as_recorded` (its history holds none of
             *     the new answers), `left_out: ...` (the model's provider has no words for that).
             */
            notes: string[];
            /** @description Why it was not sent, or failed, or nothing can follow it: `not_followed`, `other_tools`, `other_arguments`, ... */
            reason?: string | null;
            /** Format: uuid */
            source_call_id: string;
            /** @description `waiting`, `sending`, `answered`, `failed`, `not_sent`. */
            status: string;
        };
        Repricing: {
            all_teams: boolean;
            /** @description Somebody wants it to end; it does after the calls that are being changed. */
            cancel_requested: boolean;
            /** Format: date-time */
            created_at: string;
            deployment?: string | null;
            /** Format: date-time */
            ended_at?: string | null;
            /** @description Why it failed, or why it does not get on at the moment. */
            error?: string | null;
            estimate?: components["schemas"]["RepricingReport"] | null;
            /** Format: date-time */
            from: string;
            /** Format: uuid */
            id: string;
            models: string[];
            /** Format: uuid */
            price_id?: string | null;
            /** @description Absent: any. */
            provider?: string | null;
            result?: components["schemas"]["RepricingReport"] | null;
            status: components["schemas"]["RepricingStatus"];
            /** Format: date-time */
            to: string;
        };
        RepricingLine: {
            /** @description A model; a team's id; a day (UTC), `YYYY-MM-DD`. Empty: all beyond the first 500. */
            name: string;
            sums: components["schemas"]["RepricingSums"];
        };
        RepricingReport: {
            /** @description In order of time. */
            by_day: components["schemas"]["RepricingLine"][];
            /** @description Largest change first. */
            by_model: components["schemas"]["RepricingLine"][];
            by_team: components["schemas"]["RepricingLine"][];
            /**
             * Format: int64
             * @description Calls of which nothing is known that a price could be applied to; they are in no sum.
             */
            not_measured: number;
            /**
             * Format: int64
             * @description Calls that the price has nothing for; they keep what they had.
             */
            not_priced: number;
            sums: components["schemas"]["RepricingSums"];
            /**
             * Format: int64
             * @description Changed calls whose service tier was not recorded, under a price that has tiers: taken for the default one.
             */
            tier_assumed: number;
        };
        /** @enum {string} */
        RepricingStatus: "estimating" | "estimated" | "running" | "done" | "cancelled" | "failed";
        /** @description Sums over calls that are meant. Costs are US dollars as decimal text, exact, of the calls whose cost is known. */
        RepricingSums: {
            /**
             * Format: int64
             * @description Calls whose cost was unknown.
             */
            became_known: number;
            /** Format: int64 */
            calls: number;
            /**
             * Format: int64
             * @description Calls that get another cost.
             */
            changed: number;
            new_cost: string;
            old_cost: string;
            /** Format: int64 */
            still_unknown: number;
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
        /** @description One who speaks in a run. */
        RunAgent: {
            /** @description 16 hex digits: the same for the same agent, in every run, after corrections. */
            agent: string;
            /**
             * Format: int64
             * @description Time in which at least one of its calls was running.
             */
            busy_us: number;
            conversations: string[];
            /** @description Corrections that made it what it is here. */
            correction_ids: string[];
            /** Format: date-time */
            ended_at?: string | null;
            /** @description As found, before corrections: what a correction is made on. */
            fingerprints: string[];
            found: components["schemas"]["Found"];
            framework?: string | null;
            /** @description Calls of a framework that served it, by what they were for. */
            internals: components["schemas"]["InternalCalls"][];
            kind: components["schemas"]["AgentKind"];
            /** @description Absent: nobody named it. */
            name?: string | null;
            /** @description System prompts it had. */
            prompts: string[];
            /** Format: date-time */
            started_at?: string | null;
            totals: components["schemas"]["Totals"];
        };
        /** @description The policies in force. */
        Runaway: {
            defaults: components["schemas"]["RunawayPolicy"];
            /** @description The team has none of its own. */
            is_default: boolean;
            /** @description Those of keys, which stand in place of the team's. */
            keys: components["schemas"]["KeyRunaway"][];
            team: components["schemas"]["RunawayPolicy"];
        };
        /**
         * @description What is done when a rule is met: nothing; the record says so; the call waits as well, longer each time; it is refused.
         * @enum {string}
         */
        RunawayAction: "off" | "flag" | "slow" | "stop";
        /** @description More is too many. No limit: never met. */
        RunawayCap: {
            action: components["schemas"]["RunawayAction"];
            /** Format: int32 */
            limit?: number | null;
        };
        /** @description As much is too much. No limit: never met. */
        RunawayCostCap: {
            action: components["schemas"]["RunawayAction"];
            /** @description Dollars as decimal text. */
            limit?: string | null;
        };
        /** @description A rule that a call met. */
        RunawayMark: {
            /** @description `flag`, `slow`, `stop`. */
            action: string;
            /** @description What was counted: a number, or dollars as decimal text. */
            count: string;
            /** @description What it was compared with. */
            limit: string;
            /** @description `repeated_call`, `repeated_tool`, `run_calls`, `run_cost`, `run_depth`, `growth_calls`, `growth_cost`. */
            rule: string;
        };
        /** @description What is taken for a run that has lost its way. */
        RunawayPolicy: {
            /** @description So many times the calls or the cost that such a run usually takes. */
            growth: components["schemas"]["RunawayTimes"];
            /** @description The same call again and again within ten minutes. */
            repeated_call: components["schemas"]["RunawayTimes"];
            /** @description The same tool with the same arguments, in one run. */
            repeated_tool: components["schemas"]["RunawayTimes"];
            /** @description Calls of one run. */
            run_calls: components["schemas"]["RunawayCap"];
            /** @description Dollars of one run. */
            run_cost: components["schemas"]["RunawayCostCap"];
            /** @description Hand-overs below each other in one run. */
            run_depth: components["schemas"]["RunawayCap"];
        };
        /** @description So many times is too often. */
        RunawayTimes: {
            action: components["schemas"]["RunawayAction"];
            /** Format: int32 */
            times: number;
        };
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
        /** @description Which calls of an agent are split off: exactly one of the two, 16 hex digits. */
        SplitCondition: {
            /** @description Those of this conversation. */
            conversation?: string | null;
            /** @description Those with this system prompt. */
            prompt?: string | null;
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
            continues: components["schemas"]["Continues"];
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
            continues?: components["schemas"]["Continues"];
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
        /** @description Whose tokens are taken. */
        TokenIssuer: {
            /** @description A token must be made for one of these. */
            audiences: string[];
            /** @description Exactly as it stands in the token's `iss`. */
            issuer: string;
        };
        /** @description Tokens of this issuer in which the claim has the value act as the key. */
        TokenRule: {
            claim: string;
            /** Format: date-time */
            created_at: string;
            /** Format: uuid */
            id: string;
            issuer: string;
            /** Format: uuid */
            key_id: string;
            key_name: string;
            /** Format: int32 */
            position: number;
            value: string;
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
        /** @description Figures of everything below. */
        Totals: {
            /** Format: int64 */
            calls: number;
            /** @description Sum of the known costs, US dollars as decimal text. */
            cost: string;
            /**
             * Format: int64
             * @description Calls and steps that failed.
             */
            errors: number;
            /** Format: int64 */
            input_tokens: number;
            /**
             * Format: int64
             * @description Of these: calls that a framework made for itself.
             */
            internal_calls: number;
            /** Format: int64 */
            output_tokens: number;
            /**
             * Format: int64
             * @description Calls whose cost is unknown and so not in `cost`.
             */
            unknown_cost_calls: number;
        };
        TraceDetail: components["schemas"]["TraceSummary"] & {
            cache_breaks: components["schemas"]["CacheBreak"][];
            /** @description How the run's trace came about. */
            found: components["schemas"]["Found"];
            /** @description By time. */
            handovers: components["schemas"]["Handover"][];
            loops: components["schemas"]["Loop"][];
            /** @description All traces of this run, its own first: more than one when it turned out later that they are one run. */
            parts: string[];
            /** @description Who speaks in it, in the order they first did. (`agents` are their names alone.) */
            run_agents: components["schemas"]["RunAgent"][];
            /** @description In the order they started; the tree is in `parent_span_id`. */
            spans: components["schemas"]["Span"][];
            /** @description Depth first, parents before children, siblings by their start. */
            tree: components["schemas"]["Node"][];
            /** @description There are more spans than these. */
            truncated: boolean;
        };
        /** @description Two runs, step by step. */
        TraceDiff: {
            a: components["schemas"]["DiffRun"];
            b: components["schemas"]["DiffRun"];
            /** @description In the order of the first run; steps of the second alone stand where they would have come. */
            steps: components["schemas"]["DiffStep"][];
            /** @description There are more calls than were compared. */
            truncated: boolean;
        };
        /** @description The agents of a run and how work went between them. */
        TraceGraph: {
            edges: components["schemas"]["GraphEdge"][];
            nodes: components["schemas"]["RunAgent"][];
            /** @description The traces that are this run, its own first. */
            parts: string[];
            trace_id: string;
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
        /**
         * @description What becomes of fields that a target has no word for. `refuse`: the call is refused, and the field named. `caller_decides`:
         *     that, unless its caller asks with `x-aop-unsupported: drop` that they be left out. `drop`: they are left out and told,
         *     unless its caller asks with `x-aop-unsupported: refuse` for a refusal.
         * @enum {string}
         */
        Unsupported: "refuse" | "caller_decides" | "drop";
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
        WhatIf: {
            /**
             * Format: int64
             * @description Calls that are compared: those that used tokens and nothing else, of which the tokens are known.
             */
            calls: number;
            /**
             * Format: int64
             * @description Compared calls whose tokens were counted by us.
             */
            estimated_calls: number;
            /** Format: date-time */
            from: string;
            /**
             * Format: int64
             * @description Calls that a model worked on and that cannot be compared; they are in nothing here.
             */
            left_out_calls: number;
            /** @description The cheapest first, those without a price last. */
            models: components["schemas"]["WhatIfModel"][];
            /** @description What was recorded for the compared calls, US dollars as decimal text, without tries beside the answer's. */
            recorded_cost: string;
            /** Format: date-time */
            to: string;
            /**
             * Format: int64
             * @description Compared calls whose recorded cost is unknown and so not in `recorded_cost`.
             */
            unknown_cost_calls: number;
            usage: components["schemas"]["TokenUsage"];
        };
        WhatIfModel: {
            /**
             * Format: int64
             * @description Calls for which the same number of tokens is assumed, though another tokenizer counted them.
             */
            assumed_calls: number;
            /**
             * @description At the prices in force now, US dollars as decimal text. Absent: there is no price for it, or none for something that
             *     was used.
             */
            cost?: string | null;
            costs?: components["schemas"]["CostParts"] | null;
            /** @description It has a price, if not for everything. */
            has_price: boolean;
            model: string;
            provider: string;
            /** @description It answered some of the calls. */
            was_used: boolean;
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
    list_agent_corrections: {
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
                    "application/json": components["schemas"]["Page_AgentCorrection"];
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
    create_agent_correction: {
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
                "application/json": components["schemas"]["CorrectionRequest"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AgentCorrection"];
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
    delete_agent_correction: {
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
    get_agent: {
        parameters: {
            query?: {
                /** @description RFC 3339; 30 days ago when absent. */
                from?: string;
                /** @description The team; the caller's first when absent. The header `X-Team-Id` does the same. */
                team_id?: string;
                /** @description RFC 3339; now when absent. */
                to?: string;
            };
            header?: never;
            path: {
                fingerprint: string;
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
                    "application/json": components["schemas"]["AgentFacts"];
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
    what_if: {
        parameters: {
            query?: {
                /** @description Only calls of this agent, by its name. */
                agent?: string;
                /** @description RFC 3339; 24 hours ago when absent. */
                from?: string;
                /** @description Only calls that this model answered. */
                model?: string;
                /** @description `provider/model`, separated by commas, as the price table names them; 100 at most. Absent: those of the team's deployments. */
                models?: string;
                /** @description Only calls that this route answered. */
                route?: string;
                /** @description The team; the caller's first when absent. The header `X-Team-Id` does the same. */
                team_id?: string;
                /** @description RFC 3339; now when absent. A range has at most 92 days. */
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
                    "application/json": components["schemas"]["WhatIf"];
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
    get_key_policy: {
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
                    "application/json": components["schemas"]["ContentPolicy"];
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
    put_key_policy: {
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
                "application/json": components["schemas"]["ContentPolicy"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ContentPolicy"];
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
    get_budget: {
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
                /** @description The issuer of the token that the call was made with, as in its `iss`. */
                token_issuer?: string;
                /** @description Whom that token proves, as in its `sub`. */
                token_subject?: string;
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
    kill_call: {
        parameters: {
            query?: {
                /** @description The team; the caller's first when absent. The header `X-Team-Id` does the same. */
                team_id?: string;
            };
            header?: never;
            path: {
                call_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["KillReason"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Kill"];
                };
            };
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Kill"];
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
    stream_call_text: {
        parameters: {
            query?: {
                /** @description The team; the caller's first when absent. The header `X-Team-Id` does the same. */
                team_id?: string;
            };
            header?: never;
            path: {
                call_id: string;
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
    list_calls_in_flight: {
        parameters: {
            query?: {
                agent?: string;
                execution_id?: string;
                key_id?: string;
                /** @description Items at most, 1 to 1000; 200 when absent. */
                limit?: number;
                /** @description The team; the caller's first when absent. The header `X-Team-Id` does the same. */
                team_id?: string;
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
                    "application/json": components["schemas"]["CallsInFlight"];
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
    kill_execution: {
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
                "application/json": components["schemas"]["KillReason"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Kill"];
                };
            };
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Kill"];
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
    list_guardrails: {
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
                    "application/json": components["schemas"]["Page_Guardrail"];
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
    create_guardrail: {
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
                "application/json": components["schemas"]["PutGuardrailRequest"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Guardrail"];
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
    get_guardrail: {
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
                    "application/json": components["schemas"]["Guardrail"];
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
    update_guardrail: {
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
                "application/json": components["schemas"]["PutGuardrailRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Guardrail"];
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
    delete_guardrail: {
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
    list_hooks: {
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
                    "application/json": components["schemas"]["Page_Hook"];
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
    create_hook: {
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
                "application/json": components["schemas"]["PutHookRequest"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Hook"];
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
    get_hook: {
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
                    "application/json": components["schemas"]["Hook"];
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
    update_hook: {
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
                "application/json": components["schemas"]["PutHookRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Hook"];
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
    delete_hook: {
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
    list_deliveries: {
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
                    "application/json": components["schemas"]["Page_HookDelivery"];
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
    redeliver: {
        parameters: {
            query?: {
                /** @description The team; the caller's first when absent. The header `X-Team-Id` does the same. */
                team_id?: string;
            };
            header?: never;
            path: {
                delivery_id: string;
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It will be sent; see its deliveries. */
            202: {
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
    test_hook: {
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
            /** @description It will be sent; see its deliveries. */
            202: {
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
    list_kills: {
        parameters: {
            query?: {
                /** @description Only those in force. */
                active?: boolean;
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
                    "application/json": components["schemas"]["Page_Kill"];
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
    create_kill: {
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
                "application/json": components["schemas"]["KillRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Kill"];
                };
            };
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Kill"];
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
    lift_kill: {
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
                    "application/json": components["schemas"]["Kill"];
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
    get_model_policy: {
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
                    "application/json": components["schemas"]["ContentPolicy"];
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
    put_model_policy: {
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
                "application/json": components["schemas"]["ContentPolicy"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ContentPolicy"];
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
    list_replays: {
        parameters: {
            query?: {
                /** @description Replays of this call, or the one that made it. */
                call_id?: string;
                /** @description `next_cursor` of the page before. */
                cursor?: string;
                /** @description Items per page, 1 to 200; 50 when absent. */
                limit?: number;
                /** @description The team; the caller's first when absent. The header `X-Team-Id` does the same. */
                team_id?: string;
                /** @description Replays of this run, or the one that made it. */
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
                    "application/json": components["schemas"]["Page_Replay"];
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
    start_replay: {
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
                "application/json": components["schemas"]["ReplayRequest"];
            };
        };
        responses: {
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Replay"];
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
    get_replay: {
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
                    "application/json": components["schemas"]["ReplayDetail"];
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
    cancel_replay: {
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
                    "application/json": components["schemas"]["Replay"];
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
    plan_replay: {
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
                "application/json": components["schemas"]["ReplayRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReplayPlan"];
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
    list_repricings: {
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
                    "application/json": components["schemas"]["Page_Repricing"];
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
    create_repricing: {
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
                "application/json": components["schemas"]["CreateRepricingRequest"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Repricing"];
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
    get_repricing: {
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
                    "application/json": components["schemas"]["Repricing"];
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
    cancel_repricing: {
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
                    "application/json": components["schemas"]["Repricing"];
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
    start_repricing: {
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
                    "application/json": components["schemas"]["Repricing"];
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
    get_runaway: {
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
                    "application/json": components["schemas"]["Runaway"];
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
    put_runaway: {
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
                "application/json": components["schemas"]["RunawayPolicy"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Runaway"];
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
    delete_runaway: {
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
    put_runaway_of_key: {
        parameters: {
            query?: {
                /** @description The team; the caller's first when absent. The header `X-Team-Id` does the same. */
                team_id?: string;
            };
            header?: never;
            path: {
                key_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RunawayPolicy"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Runaway"];
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
    delete_runaway_of_key: {
        parameters: {
            query?: {
                /** @description The team; the caller's first when absent. The header `X-Team-Id` does the same. */
                team_id?: string;
            };
            header?: never;
            path: {
                key_id: string;
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
    get_team_policy: {
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
                    "application/json": components["schemas"]["ContentPolicy"];
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
    put_team_policy: {
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
                "application/json": components["schemas"]["ContentPolicy"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ContentPolicy"];
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
    list_token_issuers: {
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
                    "application/json": components["schemas"]["Page_TokenIssuer"];
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
    list_token_rules: {
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
                    "application/json": components["schemas"]["Page_TokenRule"];
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
    create_token_rule: {
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
                "application/json": components["schemas"]["NewTokenRule"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TokenRule"];
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
    delete_token_rule: {
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
    get_trace_diff: {
        parameters: {
            query?: {
                /** @description The team; the caller's first when absent. The header `X-Team-Id` does the same. */
                team_id?: string;
            };
            header?: never;
            path: {
                other_id: string;
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
                    "application/json": components["schemas"]["TraceDiff"];
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
    get_trace_graph: {
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
                    "application/json": components["schemas"]["TraceGraph"];
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
    kill_trace: {
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
        requestBody: {
            content: {
                "application/json": components["schemas"]["KillReason"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Kill"];
                };
            };
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Kill"];
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
