//! The table: one row a provider.

use crate::providers::Endpoint;

/// What a provider is and where it differs from what it copies.
#[derive(Debug)]
pub struct Preset {
    pub kind: &'static str,
    /// For people.
    pub name: &'static str,
    pub base_url: &'static str,
    /// Servers of one's own take calls without one.
    pub needs_credential: bool,
    /// Its server understands, or says that it does not, all that a chat client may send. Where it would refuse what is
    /// common, or pass over a bound in silence, requests are rewritten instead.
    pub(super) takes_chat_as_it_is: bool,
    pub(super) embeds: bool,
    pub(super) completes: bool,
    /// What else it has at OpenAI's paths.
    pub(super) also: &'static [Endpoint],
    /// `max_tokens`, where it does not know the newer name.
    pub(super) max_tokens: &'static str,
    /// Fields beside those that every one of them takes. [`ANYTHING`]: it takes or ignores all by its own rules.
    pub(super) takes: &'static [&'static str],
    pub(super) renames: &'static [(&'static str, &'static str)],
    pub(super) effort: Effort,
    /// A schema for the answer; where not, only JSON of any shape.
    pub(super) takes_schemas: bool,
    /// It wants an assistant's earlier thinking back, or does not mind it.
    pub(super) takes_thinking: bool,
    /// Ids of tool calls are nine letters and digits.
    pub(super) short_call_ids: bool,
    /// Thinking stands inside `content`, as a list.
    pub(super) thinks_in_content: bool,
}

/// How the wish for thinking is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effort {
    /// `reasoning_effort`, as OpenAI has it.
    Named,
    /// `reasoning_effort`, of which there are `none` and `high`.
    NoneOrHigh,
    /// `thinking: {type: enabled | disabled}`.
    Switch,
}

pub(super) const ANYTHING: &[&str] = &["*"];

/// What most rows have.
const COMMON: Preset = Preset {
    kind: "",
    name: "",
    base_url: "",
    needs_credential: true,
    takes_chat_as_it_is: true,
    embeds: true,
    completes: false,
    also: &[],
    max_tokens: "max_completion_tokens",
    takes: &[],
    renames: &[],
    effort: Effort::Named,
    takes_schemas: true,
    takes_thinking: true,
    short_call_ids: false,
    thinks_in_content: false,
};

pub static PRESETS: [Preset; 9] = [
    Preset {
        kind: "mistral",
        name: "Mistral",
        base_url: "https://api.mistral.ai/v1",
        takes_chat_as_it_is: false,
        max_tokens: "max_tokens",
        takes: &["random_seed", "reasoning_effort", "prompt_mode", "safe_prompt", "prediction", "n"],
        renames: &[("seed", "random_seed")],
        effort: Effort::NoneOrHigh,
        takes_thinking: false,
        short_call_ids: true,
        thinks_in_content: true,
        also: &[Endpoint::Moderations, Endpoint::Transcriptions],
        ..COMMON
    },
    Preset {
        kind: "groq",
        name: "Groq",
        base_url: "https://api.groq.com/openai/v1",
        embeds: false,
        takes: &[
            "stream_options",
            "reasoning_effort",
            "reasoning_format",
            "include_reasoning",
            "service_tier",
            "user",
        ],
        takes_thinking: false,
        also: &[Endpoint::Speech, Endpoint::Transcriptions, Endpoint::Translations],
        ..COMMON
    },
    Preset {
        kind: "deepseek",
        name: "DeepSeek",
        base_url: "https://api.deepseek.com",
        takes_chat_as_it_is: false,
        embeds: false,
        max_tokens: "max_tokens",
        takes: &["stream_options", "thinking", "logprobs", "top_logprobs"],
        effort: Effort::Switch,
        takes_schemas: false,
        ..COMMON
    },
    Preset {
        kind: "xai",
        name: "xAI",
        base_url: "https://api.x.ai/v1",
        takes: &[
            "stream_options",
            "reasoning_effort",
            "logprobs",
            "top_logprobs",
            "n",
            "user",
            "search_parameters",
        ],
        also: &[Endpoint::ImageGenerations],
        ..COMMON
    },
    Preset {
        kind: "openrouter",
        name: "OpenRouter",
        base_url: "https://openrouter.ai/api/v1",
        completes: true,
        takes: ANYTHING,
        ..COMMON
    },
    Preset {
        kind: "together",
        name: "Together AI",
        base_url: "https://api.together.xyz/v1",
        takes_chat_as_it_is: false,
        completes: true,
        max_tokens: "max_tokens",
        takes: &[
            "stream_options",
            "reasoning_effort",
            "reasoning",
            "top_k",
            "min_p",
            "repetition_penalty",
            "logprobs",
            "logit_bias",
            "n",
            "echo",
            "safety_model",
            "chat_template_kwargs",
        ],
        also: &[
            Endpoint::ImageGenerations,
            Endpoint::Rerank,
            Endpoint::Speech,
            Endpoint::Transcriptions,
            Endpoint::Translations,
        ],
        ..COMMON
    },
    Preset {
        kind: "fireworks",
        name: "Fireworks AI",
        base_url: "https://api.fireworks.ai/inference/v1",
        completes: true,
        takes: &[
            "stream_options",
            "reasoning_effort",
            "top_k",
            "min_p",
            "repetition_penalty",
            "logprobs",
            "top_logprobs",
            "logit_bias",
            "n",
            "user",
            "prompt_cache_key",
            "service_tier",
        ],
        also: &[Endpoint::Rerank],
        ..COMMON
    },
    Preset {
        kind: "ollama",
        name: "Ollama",
        base_url: "http://127.0.0.1:11434/v1",
        needs_credential: false,
        takes_chat_as_it_is: false,
        completes: true,
        max_tokens: "max_tokens",
        takes: &["stream_options", "reasoning_effort", "logprobs", "top_logprobs"],
        ..COMMON
    },
    Preset {
        kind: "vllm",
        name: "vLLM",
        base_url: "http://127.0.0.1:8000/v1",
        needs_credential: false,
        completes: true,
        takes: ANYTHING,
        also: &[Endpoint::Rerank, Endpoint::Transcriptions, Endpoint::Translations],
        ..COMMON
    },
];
