//! Kinde's loose values, read by one function each: times with offsets that are no RFC 3339 (`+11`), ids that are numbers, flags
//! that are words. Nothing here guesses: what cannot be read is an error, never a default.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// A time as Kinde may write it, in whole milliseconds. `None` is for null, an empty text, and the year 1 that some libraries
/// write for "never". Numbers are seconds or milliseconds since 1970, as their size says.
pub(crate) fn moment(value: &Value) -> Result<Option<Timestamp>, Unclear> {
    let unclear = || Unclear("a time");
    match value {
        Value::Null => Ok(None),
        Value::Number(number) => {
            let number = number.as_f64().ok_or_else(unclear)?;
            of_number(number).map(Some).ok_or_else(unclear)
        }
        Value::String(text) if text.trim().is_empty() => Ok(None),
        Value::String(text) => {
            let text = text.trim();
            let read = of_text(text).ok_or_else(unclear)?;
            let millisecond = read.as_millisecond();
            if millisecond < 0 {
                return Ok(None);
            }
            Timestamp::from_millisecond(millisecond)
                .map(Some)
                .map_err(|_| unclear())
        }
        _ => Err(unclear()),
    }
}

/// Seconds up to here, milliseconds above: the year 5138 in seconds, 1973 in milliseconds.
const MOST_SECONDS: f64 = 1e11;

fn of_number(number: f64) -> Option<Timestamp> {
    if !number.is_finite() || number < 0.0 {
        return None;
    }
    let milliseconds = if number < MOST_SECONDS {
        number * 1000.0
    } else {
        number
    };
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a cast of a float is exact below 2^53 and stops at the end of i64, which no time reaches"
    )]
    Timestamp::from_millisecond(milliseconds as i64).ok()
}

fn of_text(text: &str) -> Option<Timestamp> {
    // Offsets of hours alone are what jiff reads; a text without an offset is in UTC.
    text.parse::<Timestamp>()
        .ok()
        .or_else(|| {
            let civil = text.parse::<DateTime>().ok()?;
            Offset::UTC.to_timestamp(civil).ok()
        })
        .or_else(|| {
            let date = text.parse::<Date>().ok()?;
            Offset::UTC.to_timestamp(date.at(0, 0, 0, 0)).ok()
        })
        .or_else(|| of_number(text.parse().ok()?))
}

/// A value that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} cannot be read")]
pub(crate) struct Unclear(&'static str);

/// An id: text, or a number, which has been seen.
pub(crate) fn id(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A flag: true or false, as a word or a number, too. Absent is no.
pub(crate) fn flag(value: &Value) -> Result<bool, Unclear> {
    match value {
        Value::Null => Ok(false),
        Value::Bool(flag) => Ok(*flag),
        Value::String(word) => match word.to_ascii_lowercase().as_str() {
            "true" | "1" => Ok(true),
            "false" | "0" | "" => Ok(false),
            _ => Err(Unclear("a flag")),
        },
        Value::Number(number) => Ok(number.as_i64() != Some(0)),
        _ => Err(Unclear("a flag")),
    }
}

/// [`moment`] for fields.
pub(super) fn moment_field<'de, D: Deserializer<'de>>(
    from: D,
) -> Result<Option<Timestamp>, D::Error> {
    moment(&Value::deserialize(from)?).map_err(serde::de::Error::custom)
}

/// [`id`] for fields that may be missing.
pub(super) fn id_field<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    Ok(id(&Value::deserialize(from)?))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn read(text: &str) -> Option<Timestamp> {
        moment(&json!(text)).unwrap()
    }

    #[test]
    fn the_offset_of_kindes_own_examples_is_read() {
        let utc: Timestamp = "2024-11-18T02:32:03Z".parse().unwrap();
        for text in [
            "2024-11-18T13:32:03+11",
            "2024-11-18T13:32:03+1100",
            "2024-11-18T13:32:03+11:00",
            "2024-11-18T13:32:03.000+11",
            "2024-11-18 13:32:03+11",
            "2024-11-18T02:32:03Z",
            "2024-11-18T02:32:03",
            " 2024-11-18T02:32:03.000000Z ",
        ] {
            assert_eq!(read(text), Some(utc), "{text}");
        }
        assert_eq!(moment(&json!(1_731_897_123)).unwrap(), Some(utc));
        assert_eq!(moment(&json!(1_731_897_123_000_i64)).unwrap(), Some(utc));
        assert_eq!(moment(&json!("1731897123")).unwrap(), Some(utc));
    }

    #[test]
    fn what_means_never_is_no_time_and_what_means_nothing_is_an_error() {
        for never in [json!(null), json!(""), json!("0001-01-01T00:00:00Z")] {
            assert_eq!(moment(&never), Ok(None), "{never}");
        }
        for nonsense in [
            json!("soon"),
            json!(true),
            json!([]),
            json!(-1),
            json!("2024-13-01"),
        ] {
            assert!(moment(&nonsense).is_err(), "{nonsense}");
        }
    }

    #[test]
    fn ids_may_be_numbers_and_flags_may_be_words() {
        assert_eq!(id(&json!(17)).as_deref(), Some("17"));
        assert_eq!(id(&json!("event_1")).as_deref(), Some("event_1"));
        assert_eq!((id(&json!(null)), id(&json!(""))), (None, None));
        for (value, is) in [
            (json!(true), true),
            (json!("true"), true),
            (json!("True"), true),
            (json!("false"), false),
            (json!(0), false),
            (json!(null), false),
        ] {
            assert_eq!(flag(&value), Ok(is), "{value}");
        }
        assert!(flag(&json!("maybe")).is_err());
    }

    proptest! {
        #[test]
        fn any_way_of_writing_a_time_is_the_same_time(
            milliseconds in 0_i64..4_000_000_000_000,
            hours in -12_i8..=14,
            form in 0_usize..4,
            separator in prop::sample::select(vec!['T', ' ', 't']),
        ) {
            let at = Timestamp::from_millisecond(milliseconds).unwrap();
            let local = Offset::constant(hours).to_datetime(at);
            let sign = if hours < 0 { '-' } else { '+' };
            let hours = hours.unsigned_abs();
            let offset = match form {
                0 => format!("{sign}{hours:02}"),
                1 => format!("{sign}{hours:02}00"),
                2 => format!("{sign}{hours:02}:00"),
                _ => format!("{sign}{hours:02}:00:00"),
            };
            let text = format!("{local}{offset}").replace('T', &separator.to_string());
            prop_assert_eq!(read(&text), Some(at), "{}", text);
        }

        #[test]
        fn no_text_makes_it_fall_over(text in "\\PC{0,40}") {
            if let Ok(Some(at)) = moment(&json!(text)) {
                prop_assert_eq!(at.as_millisecond() * 1_000_000, at.as_nanosecond() as i64);
            }
        }
    }
}
