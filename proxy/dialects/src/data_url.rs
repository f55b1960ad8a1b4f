//! `data:` URLs, in which OpenAI's dialects carry the bytes of images and files.

use crate::form::Source;

/// The source a URL names: its own bytes when it is a base64 `data:` URL.
pub(crate) fn read(url: String) -> Source {
    let parts = url.strip_prefix("data:").and_then(|rest| rest.split_once(','));
    match parts.and_then(|(kind, data)| Some((kind.strip_suffix(";base64")?, data))) {
        Some((media_type, data)) => {
            Source::Base64 { media_type: media_type.to_owned(), data: data.to_owned() }
        }
        None => Source::Url(url),
    }
}

pub(crate) fn write(media_type: &str, data: &str) -> String {
    format!("data:{media_type};base64,{data}")
}
