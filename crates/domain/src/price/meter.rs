//! What a price is for: one class of token, or another unit.

use std::fmt;

/// One thing a provider charges for. Its name is the key in a price card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Meter {
    Input,
    CacheRead,
    CacheWrite5m,
    CacheWrite1h,
    InputAudio,
    InputImage,
    InputVideo,
    CacheReadAudio,
    CacheReadImage,
    CacheWriteAudio,
    Output,
    Reasoning,
    OutputAudio,
    OutputImage,
    OutputVideo,
    Citation,
    /// Once for each call.
    Request,
    /// A search or a rerank.
    Query,
    ImageIn,
    /// Variant: the size, e.g. `1K`.
    ImageOut,
    PixelIn,
    PixelOut,
    /// Of the call's whole length.
    Second,
    SecondIn,
    /// Variant: the resolution, e.g. `1080p`.
    SecondOut,
    AudioSecondIn,
    VideoSecondIn,
    VideoSecondOut,
    CharacterIn,
    CharacterOut,
    OcrPage,
    OcrCredit,
    AnnotationPage,
    /// A web search made by the model. Variant: the context's size, `low`, `medium`, `high`.
    Search,
    MapsQuery,
    CodeInterpreterSession,
    /// A thousand tokens written or read by the computer-use tool, or a thousand file searches.
    ComputerUseInput,
    ComputerUseOutput,
    FileSearch,
    TextMessage,
    /// Variant: the kind of policy.
    Guardrail,
}

/// A size, a resolution, a kind: empty for most meters.
pub type Variant = Box<str>;

const NAMES: &[(Meter, &str)] = &[
    (Meter::Input, "input"),
    (Meter::CacheRead, "cache_read"),
    (Meter::CacheWrite5m, "cache_write_5m"),
    (Meter::CacheWrite1h, "cache_write_1h"),
    (Meter::InputAudio, "input_audio"),
    (Meter::InputImage, "input_image"),
    (Meter::InputVideo, "input_video"),
    (Meter::CacheReadAudio, "cache_read_audio"),
    (Meter::CacheReadImage, "cache_read_image"),
    (Meter::CacheWriteAudio, "cache_write_audio"),
    (Meter::Output, "output"),
    (Meter::Reasoning, "reasoning"),
    (Meter::OutputAudio, "output_audio"),
    (Meter::OutputImage, "output_image"),
    (Meter::OutputVideo, "output_video"),
    (Meter::Citation, "citation"),
    (Meter::Request, "request"),
    (Meter::Query, "query"),
    (Meter::ImageIn, "image_in"),
    (Meter::ImageOut, "image_out"),
    (Meter::PixelIn, "pixel_in"),
    (Meter::PixelOut, "pixel_out"),
    (Meter::Second, "second"),
    (Meter::SecondIn, "second_in"),
    (Meter::SecondOut, "second_out"),
    (Meter::AudioSecondIn, "audio_second_in"),
    (Meter::VideoSecondIn, "video_second_in"),
    (Meter::VideoSecondOut, "video_second_out"),
    (Meter::CharacterIn, "character_in"),
    (Meter::CharacterOut, "character_out"),
    (Meter::OcrPage, "ocr_page"),
    (Meter::OcrCredit, "ocr_credit"),
    (Meter::AnnotationPage, "annotation_page"),
    (Meter::Search, "search"),
    (Meter::MapsQuery, "maps_query"),
    (Meter::CodeInterpreterSession, "code_interpreter_session"),
    (Meter::ComputerUseInput, "computer_use_input_1k"),
    (Meter::ComputerUseOutput, "computer_use_output_1k"),
    (Meter::FileSearch, "file_search_1k"),
    (Meter::TextMessage, "text_message"),
    (Meter::Guardrail, "guardrail"),
];

impl Meter {
    pub fn name(self) -> &'static str {
        NAMES.iter().find(|(meter, _)| *meter == self).map_or("", |(_, name)| name)
    }

    pub fn find(name: &str) -> Option<Self> {
        NAMES.iter().find(|(_, known)| *known == name).map(|(meter, _)| *meter)
    }

    /// The meters under which providers charge for what this one counts, the usual one first.
    pub(super) fn ways_to_charge(self) -> &'static [Self] {
        match self {
            Self::SecondIn => &[Self::SecondIn, Self::AudioSecondIn, Self::Second],
            Self::ImageOut => &[Self::ImageOut, Self::ImageIn],
            Self::PixelOut => &[Self::PixelIn, Self::PixelOut],
            Self::CharacterIn => &[Self::CharacterIn],
            Self::Query => &[Self::Query],
            Self::Search => &[Self::Search],
            Self::OutputImage => &[Self::OutputImage],
            _ => &[],
        }
    }

    /// Priced by the token.
    pub fn is_token(self) -> bool {
        self <= Self::Citation
    }

    /// What a token costs when its own class has no price: audio in as text in, thinking as output.
    pub(super) fn fallback(self) -> Option<Self> {
        match self {
            Self::CacheRead | Self::CacheWrite5m | Self::InputAudio | Self::InputImage | Self::InputVideo => {
                Some(Self::Input)
            }
            Self::CacheWrite1h => Some(Self::CacheWrite5m),
            Self::CacheReadAudio | Self::CacheReadImage => Some(Self::CacheRead),
            Self::CacheWriteAudio => Some(Self::CacheWrite5m),
            Self::Reasoning | Self::OutputAudio | Self::OutputImage | Self::OutputVideo => Some(Self::Output),
            _ => None,
        }
    }
}

impl fmt::Display for Meter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
