//! From when to when a window of the calendar goes. UTC; time is passed in.

use time::{Date, Duration, Month, OffsetDateTime, Time};

use super::Window;

/// A window that holds a moment. Unix seconds; the end is not part of it. `None`: it does not end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Span {
    pub start_s: i64,
    pub end_s: Option<i64>,
}

impl Span {
    pub fn holds(&self, at_s: i64) -> bool {
        self.start_s <= at_s && self.end_s.is_none_or(|end_s| at_s < end_s)
    }
}

impl Window {
    /// The window of this moment.
    pub fn span(self, at_s: i64) -> Span {
        let every = |seconds: i64| {
            let start_s = at_s.div_euclid(seconds) * seconds;
            Span { start_s, end_s: Some(start_s + seconds) }
        };
        match self {
            Self::Minute => every(60),
            Self::Hour => every(3_600),
            Self::Day => every(86_400),
            // The epoch was a Thursday: Mondays are four days off.
            Self::Week => {
                let start_s = (at_s - 4 * 86_400).div_euclid(604_800) * 604_800 + 4 * 86_400;
                Span { start_s, end_s: Some(start_s + 604_800) }
            }
            Self::Month => month(at_s),
            Self::Total | Self::Run | Self::Now => Span { start_s: 0, end_s: None },
        }
    }
}

fn month(at_s: i64) -> Span {
    // A moment outside the calendar's years has no month; it is given one that lasts 30 days.
    let fallback = Span { start_s: at_s, end_s: Some(at_s + 30 * 86_400) };
    let Ok(at) = OffsetDateTime::from_unix_timestamp(at_s) else { return fallback };
    let first = |year: i32, month: Month| {
        Date::from_calendar_date(year, month, 1)
            .map(|day| day.with_time(Time::MIDNIGHT).assume_utc().unix_timestamp())
    };
    let start = first(at.year(), at.month());
    let next_year = at.year() + i32::from(at.month() == Month::December);
    let end = first(next_year, at.month().next());
    match (start, end) {
        (Ok(start_s), Ok(end_s)) => Span { start_s, end_s: Some(end_s) },
        (Ok(start_s), Err(_)) => Span { start_s, end_s: Some(start_s + Duration::days(31).whole_seconds()) },
        _ => fallback,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const CALENDAR: [Window; 5] = [Window::Minute, Window::Hour, Window::Day, Window::Week, Window::Month];

    fn at(text: &str) -> i64 {
        OffsetDateTime::parse(text, &time::format_description::well_known::Rfc3339).unwrap().unix_timestamp()
    }

    #[test]
    fn windows_are_of_the_calendar() {
        let now = at("2024-02-29T13:45:30Z");
        for (window, start, end) in [
            (Window::Minute, "2024-02-29T13:45:00Z", "2024-02-29T13:46:00Z"),
            (Window::Hour, "2024-02-29T13:00:00Z", "2024-02-29T14:00:00Z"),
            (Window::Day, "2024-02-29T00:00:00Z", "2024-03-01T00:00:00Z"),
            (Window::Week, "2024-02-26T00:00:00Z", "2024-03-04T00:00:00Z"),
            (Window::Month, "2024-02-01T00:00:00Z", "2024-03-01T00:00:00Z"),
        ] {
            assert_eq!(window.span(now), Span { start_s: at(start), end_s: Some(at(end)) }, "{window:?}");
        }
        let december = Window::Month.span(at("2025-12-31T23:59:59Z"));
        assert_eq!(december.end_s, Some(at("2026-01-01T00:00:00Z")));
        assert_eq!(Window::Total.span(now), Span { start_s: 0, end_s: None });
    }

    proptest! {
        #[test]
        fn every_moment_is_in_exactly_one_window(at_s in -60_000_000_000i64..200_000_000_000, which in 0usize..5) {
            let window = CALENDAR[which];
            let span = window.span(at_s);
            prop_assert!(span.holds(at_s));
            let end_s = span.end_s.unwrap();
            prop_assert_eq!(window.span(span.start_s), span);
            prop_assert_eq!(window.span(end_s - 1), span);
            prop_assert_eq!(window.span(end_s).start_s, end_s);
        }
    }
}
