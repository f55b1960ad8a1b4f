//! What the caller says about the cache: `cache-control: no-store`, `no-cache`, `max-age=SECONDS`.

use std::time::Duration;

use http::{HeaderMap, header};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Control {
    /// The answer is neither taken from the cache nor kept in it.
    pub(crate) no_store: bool,
    /// Nothing older is taken; zero with `no-cache`.
    pub(crate) longest_age: Duration,
}

impl Control {
    /// Of several words the strictest counts; words it does not know say nothing.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let mut control = Self { no_store: false, longest_age: Duration::MAX };
        let values =
            headers.get_all(header::CACHE_CONTROL).into_iter().filter_map(|value| value.to_str().ok());
        for word in values.flat_map(|value| value.split(',')) {
            let (name, value) = word.split_once('=').unwrap_or((word, ""));
            match name.trim().to_ascii_lowercase().as_str() {
                "no-store" => control.no_store = true,
                "no-cache" => control.longest_age = Duration::ZERO,
                "max-age" => {
                    // An age that cannot be read is none that could be kept to.
                    let seconds = value.trim().trim_matches('"').parse().unwrap_or(0);
                    control.longest_age = control.longest_age.min(Duration::from_secs(seconds));
                }
                _ => {}
            }
        }
        control
    }

    /// Nothing that is kept is new enough.
    pub(crate) fn wants_new(&self) -> bool {
        self.longest_age.is_zero()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[&str]) -> Control {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::CACHE_CONTROL, value.parse().unwrap());
        }
        Control::of(&headers)
    }

    #[test]
    fn the_strictest_word_counts() {
        let any = Duration::MAX;
        for (values, no_store, longest_age) in [
            (&[][..], false, any),
            (&["no-store"], true, any),
            (&["No-Cache"], false, Duration::ZERO),
            (&["max-age=60"], false, Duration::from_secs(60)),
            (&["max-age=60, max-age=30"], false, Duration::from_secs(30)),
            (&["max-age=60", "no-cache"], false, Duration::ZERO),
            (&["max-age=soon"], false, Duration::ZERO),
            (&["private, stale-if-error=5"], false, any),
        ] {
            assert_eq!(of(values), Control { no_store, longest_age }, "{values:?}");
        }
    }
}
