//! What a call used beside tokens (M1, M2): pictures, characters, seconds, searches.

use aop_dialects::usage::told::Told;
use aop_domain::price::{Meter, Unit};
use aop_domain::record::UnitRecord;
use rust_decimal::Decimal;

use crate::call::{Call, Request};
use crate::endpoint::Operation;
use crate::usage::json;

/// What was seen of an answer that passed.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) told: Told,
    /// Pictures in it.
    pub(crate) pictures: Option<u64>,
}

/// Size and quality of the pictures that were made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Picture {
    width: u32,
    height: u32,
    quality: String,
}

impl Picture {
    fn read(size: &str, quality: &str) -> Option<Self> {
        let (width, height) = size.split_once('x')?;
        Some(Self { width: width.parse().ok()?, height: height.parse().ok()?, quality: quality.to_owned() })
    }

    /// Names under which price tables know a model's pictures of one size, the most exact one first.
    pub(crate) fn price_names(&self, model: &str) -> impl Iterator<Item = String> + use<> {
        let sized = format!("{}-x-{}/{model}", self.width, self.height);
        let exact = (!self.quality.is_empty()).then(|| format!("{}/{sized}", self.quality));
        exact.into_iter().chain([sized])
    }
}

/// `auto` and the like say nothing.
pub(crate) fn picture(call: &Call, seen: &Seen) -> Option<Picture> {
    let request = call.request.as_ref().filter(|_| call.operation.is_some_and(Operation::makes_images))?;
    let told_or_asked = |told: &str, name: &str| {
        let told = Some(told.to_owned()).filter(|told| !told.is_empty());
        told.or_else(|| asked(request, name)).filter(|value| value != "auto").unwrap_or_default()
    };
    Picture::read(&told_or_asked(&seen.told.size, "size"), &told_or_asked(&seen.told.quality, "quality"))
}

/// What the call used, as far as its request and its answer say it.
pub(crate) fn measured(call: &Call, seen: &Seen) -> Vec<Unit> {
    let (Some(operation), Some(request)) = (call.operation, &call.request) else { return Vec::new() };
    match operation {
        Operation::Rerank => {
            vec![Unit::new(Meter::Query, seen.told.searches.and_then(exact).unwrap_or(Decimal::ONE))]
        }
        Operation::Speech => {
            let characters = asked(request, "input").map_or(0, |text| text.chars().count() as u64);
            vec![Unit::new(Meter::CharacterIn, characters)]
        }
        Operation::Transcriptions | Operation::Translations => {
            let form = request.upload.as_ref().and_then(|upload| upload.form());
            let seconds = seen.told.seconds.or_else(|| form?.sound_seconds()).and_then(exact);
            seconds.map(|seconds| Unit::new(Meter::SecondIn, seconds)).into_iter().collect()
        }
        _ if operation.makes_images() => pictures(seen, picture(call, seen).as_ref()),
        _ => Vec::new(),
    }
}

fn pictures(seen: &Seen, picture: Option<&Picture>) -> Vec<Unit> {
    let Some(count) = seen.pictures.filter(|count| *count > 0) else { return Vec::new() };
    let variant = picture.map(|it| format!("{}x{}", it.width, it.height)).unwrap_or_default();
    let mut units = vec![Unit { variant, ..Unit::new(Meter::ImageOut, count) }];
    if let Some(picture) = picture {
        let pixels = u64::from(picture.width).saturating_mul(picture.height.into()).saturating_mul(count);
        units.push(Unit::new(Meter::PixelOut, pixels));
    }
    if let Some(usage) = seen.told.usage() {
        // Where nobody says otherwise, all that such a model writes is pictures.
        let tokens = seen.told.image_output_tokens.unwrap_or(usage.out_text.into());
        units.push(Unit::new(Meter::OutputImage, tokens));
    }
    units
}

/// A field of the request, JSON or form.
fn asked(request: &Request, name: &str) -> Option<String> {
    match &request.upload {
        Some(upload) => upload.form()?.value(name).map(str::to_owned),
        None => json::field(&request.body, name).and_then(json::text),
    }
}

/// To the millionth.
fn exact(count: f64) -> Option<Decimal> {
    Decimal::try_from(count).ok().map(|count| count.round_dp(6).normalize())
}

pub(crate) fn recorded(unit: &Unit) -> UnitRecord {
    UnitRecord {
        meter: unit.meter.name().to_owned(),
        variant: unit.variant.clone(),
        count: unit.count.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_known_by_size_and_quality() {
        let names = |size: &str, quality: &str| {
            Picture::read(size, quality).map(|it| it.price_names("m").collect::<Vec<_>>())
        };
        assert_eq!(
            names("1024x1536", "high"),
            Some(vec!["high/1024-x-1536/m".to_owned(), "1024-x-1536/m".to_owned()])
        );
        assert_eq!(names("512x512", ""), Some(vec!["512-x-512/m".to_owned()]));
        assert_eq!(names("auto", ""), None);
        assert_eq!(names("", "high"), None);
    }

    #[test]
    fn pictures_are_counted_by_number_pixels_and_tokens() {
        let mut seen = Seen { pictures: Some(2), ..Seen::default() };
        assert_eq!(pictures(&seen, None), [Unit::new(Meter::ImageOut, 2)]);
        seen.told.document(br#"{"usage":{"input_tokens":3,"output_tokens":50}}"#);
        let square = Picture::read("10x10", "").unwrap();
        let units = pictures(&seen, Some(&square));
        assert_eq!(units[0].variant, "10x10");
        assert_eq!(units[1..], [Unit::new(Meter::PixelOut, 200), Unit::new(Meter::OutputImage, 50)]);
        assert_eq!(pictures(&Seen::default(), Some(&square)), []);
    }
}
